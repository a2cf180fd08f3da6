"""The encoder tier: a small transformer that reads a text as a whole, run by onnxruntime in eight-bit numbers.

One text is one call: with dynamic quantisation the texts of a call share one scale, so a label would depend on its
neighbours, and two runners that cut batches differently would disagree. It costs nothing: nothing is padded, and
`threads` calls run beside each other, outside the interpreter's lock.

Scores are sums over tokens, so that what a token adds to a class is known without a second pass.
"""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from core.errors import ConfigurationError
from nlp.calibration import Calibration
from nlp.features import Ints
from nlp.linear import Floats, Head, softmax

T = TypeVar("T")

SHIPPED = Path(str(files("nlp") / "models" / "encoder"))
GRAPH, WORDS, CARD = "encoder.onnx", "tokenizer.json", "card.json"
LONGEST = 128
"""Tokens read of a text, the two that frame it among them; of a longer one the beginning and the end are read."""
TAIL = 40
HEAD_LETTERS, TAIL_LETTERS = 4000, 2000
"""Letters of a longer text that are cut into tokens: only its ends are read, and cutting all takes longer than reading."""
REMEMBERED = 20_000
"""Vectors that `Encoder.vectors` keeps."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside the weights. `alone` serves where the fast tier has not read the text, or there is none.

    `below` names for every head the confidence of the fast tier under which the encoder is asked (`nlp.cascade`); `curve` has
    such bars for other costs, by the labels that asking should mend a text. `figures` are macro-F1 of the encoder alone by
    development set.
    """

    version: str
    heads: dict[str, tuple[str, ...]]
    together: dict[str, Calibration]
    alone: dict[str, Calibration]
    below: dict[str, float]
    curve: dict[str, dict[str, float]] = {}
    figures: dict[str, float] = {}


class Read(NamedTuple):
    """What the encoder made of a text: `scores` (tokens x all classes), their places in the text (tokens x begin and end), and
    its vector."""

    scores: Floats
    spans: Ints
    vector: Floats


@dataclass(frozen=True, slots=True)
class _Tools:
    session: Any
    tokenizer: Tokenizer
    begin: int
    end: int


class Encoder:
    """Safe to use from several threads. Raises `ConfigurationError` when the folder is no model."""

    def __init__(self, folder: Path = SHIPPED, threads: int = 2) -> None:
        self._tools = _load(folder)
        self.card = read_card(folder)
        self.heads = _heads(self.card)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder")
        self._vectors: OrderedDict[str, Floats] = OrderedDict()
        self._guard = Lock()

    @property
    def version(self) -> str:
        """The version of the weights."""
        return self.card.version

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Every folded text, in order; the same whatever else is asked."""
        # Half a surrogate pair, which the tokenizer refuses, becomes one other character.
        plain = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        seen = self._tools.tokenizer.encode_batch([_shortened(text) for text in plain], add_special_tokens=False)
        left_out = [max(0, len(text) - HEAD_LETTERS - TAIL_LETTERS - 1) for text in plain]
        each = map(self._read, seen, left_out) if len(seen) == 1 else self._pool.map(self._read, seen, left_out)
        return list(each)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Vectors of folded texts (texts x width), each of length one: texts about one thing point one way.

        The product of two is their likeness. The `REMEMBERED` that were asked for last are kept.
        """
        if not texts:
            return np.zeros((0, self._tools.session.get_outputs()[1].shape[-1]), np.float32)
        with self._guard:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            for text in known:
                self._vectors.move_to_end(text)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        found = {text: read.vector for text, read in zip(new, self.read(new), strict=True)}
        with self._guard:
            self._vectors.update(found)
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        vectors: Floats = np.stack([known[text] if text in known else found[text] for text in texts])
        return vectors

    def probabilities(self, reads: Sequence[Read], fast: dict[str, Floats] | None = None) -> dict[str, Floats]:
        """For each head an array (texts x classes), rows summing to 1.

        `fast` holds the fast tier's raw scores of these texts by head; without it the encoder answers alone.
        """
        sums = np.stack([read.scores.mean(axis=0) for read in reads])
        tokens = [len(read.scores) for read in reads]
        found = {}
        for head in self.heads:
            counts = (self.card.alone if fast is None else self.card.together)[head.name].counts(tokens)
            scores = counts.own[:, None] * sums[:, head.columns] + counts.shifts
            found[head.name] = softmax(scores if fast is None else scores + counts.fast[:, None] * fast[head.name])
        return found

    def gains(self, reads: Sequence[Read], head: Head, given: Ints, lengths: Sequence[int]) -> list[Floats]:
        """What each character of every text adds to its class (number `given[i]`) against the mean of the others, in log-odds:
        a token's share, spread evenly over its characters. `lengths` are those of the texts."""
        how = self.card.together.get(head.name) or self.card.alone[head.name]
        tokens = [len(read.scores) for read in reads]
        owner = np.repeat(np.arange(len(reads)), tokens)
        own = np.concatenate([read.scores[:, head.columns] for read in reads])
        own *= (how.counts(tokens).own / np.array(tokens, np.float32))[owner, None]
        mine = own[np.arange(len(own)), given[owner]]
        gains = mine - (own.sum(axis=1) - mine) / max(1, own.shape[1] - 1)
        return _spread(gains, np.concatenate([read.spans for read in reads]), owner, lengths)

    def _read(self, seen: Encoding, left_out: int) -> Read:
        tools = self._tools
        spans = np.array([(0, 0), *_ends(seen.offsets), (0, 0)], np.int64)
        spans[spans[:, 0] >= HEAD_LETTERS] += left_out
        ids = np.array([[tools.begin, *_ends(seen.ids), tools.end]], np.int64)
        scores, vector = tools.session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        return Read(scores[0], spans, vector[0])


def _spread(gains: Floats, spans: Ints, owner: Ints, lengths: Sequence[int]) -> list[Floats]:
    """Of every text the gain of each of its characters, from those of all texts' tokens and their places in their texts."""
    ends = np.cumsum(lengths)
    sizes = spans[:, 1] - spans[:, 0]
    begins = (ends - lengths)[owner] + spans[:, 0]
    each = np.repeat(gains / np.maximum(sizes, 1), sizes)
    place = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(each))
    return np.split(np.bincount(place, each, ends[-1]).astype(np.float32), ends[:-1])


def _shortened(text: str) -> str:
    """A text whose ends stand side by side, if it is long."""
    if len(text) <= HEAD_LETTERS + TAIL_LETTERS + 1:
        return text
    return f"{text[:HEAD_LETTERS]} {text[-TAIL_LETTERS:]}"


def _ends(tokens: list[T]) -> list[T]:
    """Those of a text's tokens that are read."""
    room = LONGEST - 2
    return tokens if len(tokens) <= room else [*tokens[: room - TAIL], *tokens[-TAIL:]]


def _load(folder: Path) -> _Tools:
    for name in (GRAPH, WORDS, CARD):
        if not (folder / name).exists():
            raise ConfigurationError(f"{folder} is no encoder: it has no {name}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(folder / GRAPH, options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(folder / WORDS))
    except Exception as error:  # both raise bare exceptions of their own
        raise ConfigurationError(f"{folder} cannot be read as an encoder: {error}") from error
    begin, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if begin is None or end is None:
        raise ConfigurationError(f"{folder / WORDS} has no [CLS] and [SEP]")
    return _Tools(session, tokenizer, begin, end)


def read_card(folder: Path) -> Card:
    """What a folder's encoder says of itself; raises `ConfigurationError` when it cannot be read."""
    try:
        return msgspec.json.decode((folder / CARD).read_bytes(), type=Card)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{folder / CARD}: {error}") from error


def _heads(card: Card) -> tuple[Head, ...]:
    heads, first = [], 0
    for name, classes in card.heads.items():
        heads.append(Head(name, classes, first))
        first += len(classes)
    return tuple(heads)
