"""Lets a language model re-phrase a reply sentence by sentence. It sees nothing but the sentences and decides nothing."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import httpx
import msgspec
import structlog

from alerts.drafts.check import same_claims, unsupported
from core.errors import RetryLater

MOST_BYTES = 256 * 1024
REST_S = 60.0
"""How long a failing endpoint is left alone, so that it cannot hold up one case after another."""

INSTRUCTION = (
    "你是公文文字编辑。逐句润色给出的句子，使其通顺得体。不得增加或删去任何事实、数字、日期、地点、机构、承诺或语气，"
    '不得合并或拆分句子。只输出 JSON 数组，每项为 {"index": 序号, "text": 润色后的句子}，不要输出其他内容。'
)

log = structlog.get_logger()


class Phraser(Protocol):
    """Offers other words for sentences."""

    def __call__(self, sentences: Sequence[str]) -> dict[int, str]:
        """Wordings by the index of their sentence, as many as there are; raises `RetryLater` when there are none now."""
        ...


class _Wording(msgspec.Struct):
    index: int
    text: str


class _Said(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Said


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class EndpointPhraser:
    """An OpenAI-compatible endpoint (`POST {base}/v1/chat/completions`), asked once per draft.

    `timeout_s` bounds the whole answer, not each piece of it. Redirects are failures. After a failure the endpoint rests
    for `REST_S` seconds, in which every call fails at once. Neither sentences nor the key are ever logged.
    """

    def __init__(
        self,
        base: str,
        model: str,
        key: str = "",
        timeout_s: float = 20.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = base.rstrip("/").removesuffix("/v1") + "/v1/chat/completions"
        self._model = model
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._rests_until = float("-inf")

    def __call__(self, sentences: Sequence[str]) -> dict[int, str]:
        """Wordings by index; those with an index out of range or given twice are left out."""
        began = self._monotonic()
        if began < self._rests_until:
            raise RetryLater("the phraser rests after a failure", after=self._rests_until - began)
        try:
            wordings = _wordings(self._ask(sentences, began + self._timeout_s))
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, ValueError) as error:
            self._rests_until = self._monotonic() + REST_S
            log.warning("phraser_failed", error=type(error).__name__)
            raise RetryLater("the phraser gave no usable answer", after=REST_S) from error
        counts = [wording.index for wording in wordings]
        return {w.index: w.text for w in wordings if counts.count(w.index) == 1 and 0 <= w.index < len(sentences)}

    def _ask(self, sentences: Sequence[str], deadline: float) -> bytes:
        listed = [{"index": index, "text": text} for index, text in enumerate(sentences)]
        told = [
            {"role": "system", "content": INSTRUCTION},
            {"role": "user", "content": json.dumps(listed, ensure_ascii=False)},
        ]
        body = {"model": self._model, "temperature": 0, "messages": told}
        answer = bytearray()
        with (
            httpx.Client(timeout=self._timeout_s, trust_env=False) as client,
            client.stream("POST", self._url, json=body, headers=self._headers) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise ValueError("not an answer")
            for chunk in response.iter_bytes():
                answer += chunk
                if len(answer) > MOST_BYTES:
                    raise ValueError("a longer answer than any draft")
                if self._monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer drips")
        return bytes(answer)


def _wordings(answer: bytes) -> list[_Wording]:
    """The array in the answer; models like to wrap it into a code fence."""
    choices = msgspec.json.decode(answer, type=_Completion).choices
    text = choices[0].message.content if choices else ""
    return msgspec.json.decode(text[text.find("[") : text.rfind("]") + 1], type=list[_Wording])


def accepted(wording: str, template: str, evidence: Sequence[str]) -> bool:
    """Whether a wording may stand for the template's sentence: one line of like length with the
    same claims, all of them in the evidence.
    """
    text = wording.strip()
    if len(text) > 1.5 * len(template) or not text.endswith(("。", "！")) or not text.isprintable():
        return False
    return not unsupported(text, evidence) and same_claims(text, template)
