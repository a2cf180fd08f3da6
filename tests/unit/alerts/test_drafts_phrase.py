import itertools
import json
import time
from typing import Any

import pytest
import structlog
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.drafts.phrase import REST_S, EndpointPhraser, accepted
from core.errors import RetryLater

SENTENCES = ["网友反映的停水有关情况已收悉。", "经核实，主管道于3月1日破裂。", "目前，抢修队正在更换管道。"]
PATH = "/v1/chat/completions"
Rows = list[dict[str, Any]]


def completion(content: str) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


def rows(texts: list[str]) -> str:
    return json.dumps([{"index": i, "text": text} for i, text in enumerate(texts)], ensure_ascii=False)


def answer(server: HTTPServer, body: bytes, status: int = 200) -> EndpointPhraser:
    server.expect_request(PATH, method="POST").respond_with_data(body, status=status)
    return EndpointPhraser(server.url_for(""), "m", "secret-key", 5.0)


def test_the_endpoint_sees_sentences_only_and_its_wordings_come_back_by_index(httpserver: HTTPServer):
    asked: list[Request] = []

    def reply(request: Request) -> Response:
        asked.append(request)
        listed = json.loads(request.get_json()["messages"][1]["content"])
        return Response(completion(rows([row["text"].replace("网友", "网民") for row in listed])))

    httpserver.expect_request(PATH, method="POST").respond_with_handler(reply)
    phraser = EndpointPhraser(httpserver.url_for("/v1/"), "m", "secret-key")
    assert phraser(SENTENCES)[0] == "网民反映的停水有关情况已收悉。"
    assert asked[0].headers["Authorization"] == "Bearer secret-key"
    assert [row["text"] for row in json.loads(asked[0].get_json()["messages"][1]["content"])] == SENTENCES


def test_a_code_fence_around_the_answer_is_no_obstacle(httpserver: HTTPServer):
    phraser = answer(httpserver, completion(f"好的：\n```json\n{rows(SENTENCES)}\n```"))
    assert phraser(SENTENCES) == dict(enumerate(SENTENCES))


def test_wordings_that_cannot_be_placed_are_left_out(httpserver: HTTPServer):
    told: Rows = [{"index": index, "text": f"{index}"} for index in (0, 1, 1, 7, -1)]
    assert answer(httpserver, completion(json.dumps(told)))(SENTENCES) == {0: "0"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\x00\xff garbage", 200),
        (b"{}", 200),
        (b'{"choices": []}', 200),
        (completion("我不能回答。"), 200),
        (completion('[{"index": "x"}]'), 200),
        (completion('["a"]'), 200),
        (b"", 500),
        (b"", 302),
        (completion("x" * 10_000_000), 200),
    ],
    ids=["garbage", "empty", "no-choice", "no-json", "wrong-type", "wrong-form", "500", "redirect", "10MB"],
)
def test_an_unusable_answer_is_one_failure_and_the_endpoint_rests(httpserver: HTTPServer, body: bytes, status: int):
    clock = iter([0.0] * 1000)
    httpserver.expect_request(PATH).respond_with_data(body, status=status)
    phraser = EndpointPhraser(httpserver.url_for(""), "m", monotonic=lambda: next(clock))
    with pytest.raises(RetryLater):
        phraser(SENTENCES)
    with pytest.raises(RetryLater) as rests:
        phraser(SENTENCES)
    assert rests.value.after == REST_S
    assert len(httpserver.log) == 1


def test_after_its_rest_the_endpoint_is_asked_again(httpserver: HTTPServer):
    now = [0.0]
    httpserver.expect_ordered_request(PATH).respond_with_data("", status=500)
    httpserver.expect_ordered_request(PATH).respond_with_data(completion(rows(SENTENCES)))
    phraser = EndpointPhraser(httpserver.url_for(""), "m", monotonic=lambda: now[0])
    with pytest.raises(RetryLater):
        phraser(SENTENCES)
    now[0] = REST_S
    assert phraser(SENTENCES) == dict(enumerate(SENTENCES))


def test_a_hanging_endpoint_is_left_after_the_limit(httpserver: HTTPServer):
    def hang(_: Request) -> Response:
        time.sleep(0.5)
        return Response(completion(rows(SENTENCES)))

    httpserver.expect_request(PATH).respond_with_handler(hang)
    with pytest.raises(RetryLater):
        EndpointPhraser(httpserver.url_for(""), "m", timeout_s=0.2)(SENTENCES)


def test_the_limit_holds_for_the_whole_answer_not_for_each_piece(httpserver: HTTPServer):
    seconds = itertools.count()
    body = b" " * 200_000 + completion(rows(SENTENCES))
    httpserver.expect_request(PATH).respond_with_data(body)
    assert EndpointPhraser(httpserver.url_for(""), "m")(SENTENCES)
    with pytest.raises(RetryLater):
        EndpointPhraser(httpserver.url_for(""), "m", timeout_s=0.9, monotonic=lambda: next(seconds))(SENTENCES)


def test_a_failure_is_logged_without_words_or_key(httpserver: HTTPServer):
    with structlog.testing.capture_logs() as logs, pytest.raises(RetryLater):
        answer(httpserver, b"", 500)(SENTENCES)
    assert [entry["event"] for entry in logs] == ["phraser_failed"]
    assert "secret-key" not in str(logs)
    assert not any(sentence in str(logs) for sentence in SENTENCES)


@pytest.mark.parametrize(
    ("wording", "stands"),
    [
        ("经核实，3月1日主管道发生破裂。", True),
        ("经核实，主管道于3月1日破裂。", True),
        ("经核实，主管道于3月2日破裂。", False),
        ("经核实，主管道于3月1日破裂，影响120户。", False),
        ("经核实，主管道于3月1日在望江路破裂。", False),
        ("区水务局核实，主管道于3月1日破裂。", False),
        ("经核实，主管道已于3月1日破裂。", False),
        ("经核实，主管道破裂。", False),
        ("经核实，主管道于3月1日“爆裂”。", False),
        ("经核实，主管道于3月1日破裂。\n特此答复。", False),
        ("经核实，主管道于3月1日破裂，将赔偿损失。", False),
        ("经核实，主管道于3月1日破裂", False),
        (f"经核实，主管道于3月1日破裂{'的' * 100}。", False),
        ("", False),
    ],
)
def test_a_wording_stands_only_when_it_claims_what_the_template_claims(wording: str, stands: bool):
    assert accepted(wording, SENTENCES[1], ["主管道于3月1日破裂。"]) is stands
