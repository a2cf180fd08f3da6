"""Every operation of the OpenAPI document is called as the document allows and as it does not: nothing breaks the server,
and every answer is one that the document tells of. As an administrator, in an office that has one of everything.

The calls are the same in every run, whatever ran before, and each finds the office untouched. The stream of events never
ends by itself: the caller reads its first event and hangs up.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from pydantic import SecretStr
from schemathesis.config import SchemathesisConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts.notices import tokens
from api.app import create_app, routed
from api.auth import COOKIE, CSRF_HEADER
from api.collecting import GuessList, TrialView
from api.routes.facts import SHEET, WORD
from api.throttle import Throttle
from app.collecting import Collection
from app.compose import build_product
from core.records import Ending, Source
from core.settings import Settings
from tests import seeded
from tests.office_files import document, workbook
from tests.records import NOON

AnyCase = schemathesis.Case[Any]
MOST = 20
"""Calls of one operation beside those of the document's examples."""
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "base-url": "http://office.test",
        "generation": {"max-examples": MOST, "deterministic": True, "with-security-parameters": False},
        "phases": {"coverage": {"enabled": False}},
        "max-stream-events": 1,
        "warnings": False,
        "analysis": {"constants": {"enabled": False}},
    }
)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.response_headers_conformance,
]
SALT = "test"
PARAMETERS: dict[str, list[str]] = {
    **seeded.PARTS,
    "format": ["docx", "pdf", "txt"],
    "month": ["2026-06"],
    "token": [tokens.issue(tokens.key_of(SALT), "c-new", "张", NOON, 24)],
    "If-Match": ['"1"'],
}
FIELDS: dict[str, list[Any]] = {
    "case": ["c-done", "c-more"],
    "clock": ["report", "answer"],
    "by": ["24h", "20wd"],
    "code": ["invite", seeded.PAIRING],
    "delivery": ["msg1"],
    "instead_of": ["m1"],
    "item": [
        {"id": "own", "name": {"zh-Hans": "名单"}, "source": "值班记录", "of": "words", "values": ["停水"]},
        {"id": "own", "name": {"zh-Hans": "规则"}, "source": "值班记录", "level": 3, "min_posts": 5},
    ],
    "level": [1, 2],
    "member": ["m1"],
    "name": ["张"],
    "other": ["i2"],
    "parent": [seeded.UNIT],
    "part": ["support", "known"],
    "password": [seeded.PASSWORD],
    "post": ["p0"],
    "since": ["2026-05-30T00:00:00Z"],
    "step": ["verify", "visit"],
    "unit": [seeded.UNIT, seeded.STREET],
    "until": ["2026-06-02T00:00:00Z"],
    "url": ["https://news.example/rss.xml", "json://example.org"],
    "version": [1],
    "why": ["已核实"],
}
KINDS = {
    "covers": ["leave", "swap"],
    "drafts": ["reply", "statement"],
    "publications": ["answer", "question", "figures"],
    "reports": ["daily", "case"],
    "regroupings": ["together", "apart", "nothing"],
    "sources": ["feed"],
    "test": ["feed"],
}
FACTS = (
    ("内容", "单位", "来源", "关键词"),
    ("影响320户。", "区水务局", "抢修单", "停水"),
    ("", "区水务局", "抢修单", "停水"),
)
"""Rows of a table of fact cards, the last of which is refused."""


FILES: dict[str, str | bytes] = {
    "text/calendar": """BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:1
DTSTART:20260602T003000Z
DTEND:20260602T093000Z
SUMMARY:李
END:VEVENT
END:VCALENDAR
""",
    "text/x-opml": '<opml version="2.0"><body><outline text="新闻" xmlUrl="https://news.example/feed.xml"/></body></opml>',
    SHEET: workbook(FACTS),
    WORD: document(FACTS),
}
"""What means something here: by the name of the parameter or of the body's field (a kind by what it is a kind of), or by
the type of the body."""


def meant(case: AnyCase) -> AnyCase:
    """The case with what is there in some places: in most of the path, in half of the rest. Always the same for a case."""
    path = case.operation.path
    here = next((ids for prefix, ids in seeded.IDS.items() if path.startswith(prefix)), [])
    for name, value in case.path_parameters.items():
        case.path_parameters[name] = _one(here if name == "id_" else PARAMETERS.get(name, []), value, 4)
    for given in (case.query, case.headers):
        for name, value in given.items():
            given[name] = _one(PARAMETERS.get(name, []), value, 2)
    if isinstance(case.body, dict):
        fields = FIELDS | {"kind": KINDS.get(path.rpartition("/")[2], [])}
        case.body = {name: _one(fields.get(name, []), value, 2) for name, value in case.body.items()}
    elif case.media_type in FILES:
        case.body = _one([FILES[case.media_type]], case.body, 2)
    return case


def _one(known: Sequence[Any], value: Any, of: int) -> Any:
    """One of these, but in one of so many cases the value."""
    number = crc32(repr(value).encode())
    return value if not known or number % of == 0 else known[number // of % len(known)]


SESSIONS = {"/api/v1/session/lock": "session", "/api/v1/session/unlock": "locked"}
"""What is done to a session of a person, where a token is none: the secret of one that is there."""


class Offline(Collection):
    """Looks at no site."""

    async def guess(self, url: str) -> GuessList:
        return GuessList(items=[], ending=Ending.DNS)

    async def trial(self, source: Source, cookie: str) -> TrialView:
        self.check(source)
        return TrialView(ending=Ending.DNS, said={}, detail="", took_s=0, pages=[], items=[])


class Untouched:
    """The office as it was at first, for every call: `again` puts its rows back, and forgets wrong codes and passwords."""

    def __init__(self, folder: Path) -> None:
        self._data = Settings(
            data_dir=folder, jurisdiction="990100", encoder="off", salt=SecretStr(SALT), allow_inward=()
        )
        self._product = build_product(self._data, lambda: NOON, chores=False)
        self._parts = replace(self._product.parts, collecting=Offline(self._data, lambda: NOON))
        seeded.fill(self._parts)
        self._headers = {"Authorization": f"Bearer {seeded.administrator(self._parts)}"}
        self.app = create_app(self._parts)
        with closing(self._file()) as now:
            self._first = sqlite3.connect(":memory:", check_same_thread=False)
            now.backup(self._first)

    def _file(self) -> sqlite3.Connection:
        return sqlite3.connect(self._data.data_dir / "huiying.db")

    def again(self) -> dict[str, str]:
        """Headers of an administrator of the untouched office."""
        with closing(self._file()) as now:
            self._first.backup(now)
        self.app.state.throttle = Throttle()
        return self._headers

    def close(self) -> None:
        self._first.close()
        self._product.storage.close()


@pytest.fixture(autouse=True)
def _the_same_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis tries numbers and words that it finds in whatever modules of ours are loaded: those of other tests too."""
    monkeypatch.setattr(providers, "_get_local_constants", Constants)
    monkeypatch.setattr(providers, "CONSTANTS_CACHE", type(providers.CONSTANTS_CACHE)(1024))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Untouched]:
    made = Untouched(tmp_path_factory.mktemp("office") / "data")
    DOOR.app = made.app
    yield made
    made.close()


class Door:
    """The operations are known before there is an office: who calls them goes in here."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


DOOR = Door()
for media in FILES:
    schemathesis.serializer(media)(lambda _, value: value if isinstance(value, bytes) else str(value).encode())
schema = schemathesis.openapi.from_dict(routed("test").openapi(), config=CONFIG)
schema.app = DOOR


@schema.parametrize()
@settings(
    max_examples=MOST,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_answers_what_it_says(case: AnyCase, office: Untouched) -> None:
    headers = office.again()
    if case.operation.path in SESSIONS:
        headers = {"Cookie": f"{COOKIE}={SESSIONS[case.operation.path]}", CSRF_HEADER: "1"}
    called(meant(case), headers)


def called(case: AnyCase, headers: dict[str, str]) -> int:
    """The status of the answer, which is one that the document tells of."""
    answer = case.call_and_validate(headers=headers, checks=CHECKS)
    ANSWERED[case.operation.label].add(answer.status_code)
    return answer.status_code


ANSWERED: dict[str, set[int]] = defaultdict(set)
"""How each operation was answered."""
Call = tuple[str, dict[str, str], dict[str, Any]]
"""An operation, what its path names, and the body."""
WHY = {"why": "已核实"}
COVER = {"since": "2026-06-03T00:00:00Z", "until": "2026-06-03T04:00:00Z", "members": ["m2"], "instead_of": "m1"}
FEED = {"url": "https://news.example/feed.xml", "kind": "feed", "name": "新闻", "basis": "公开订阅源"}


def _move(name: str, id_: str = "c-hand", **body: Any) -> Call:
    return f"POST /api/v1/cases/{{id_}}/{name}", {"id_": id_}, WHY | body


DOES: list[list[Call]] = [
    [("POST /api/v1/setup", {}, {"code": "invite", "name": "新", "password": seeded.PASSWORD})],
    [("POST /api/v1/screens/pair", {}, {"code": seeded.PAIRING})],
    [_move("assign", unit=seeded.UNIT)],
    [_move("transfer", unit=seeded.STREET)],
    [_move("tasks", unit=seeded.STREET, text="现场核实")],
    [("POST /api/v1/cases/{id_}/tasks/{task}/return", {"id_": "c-hand", "task": "t1"}, WHY)],
    [_move("level/release")],
    [_move("pause", clock="report"), _move("resume")],
    [_move("extend", clock="report", by="24h")],
    [_move("untick", step="visit")],
    [_move("answer", text="已恢复供水。")],
    [_move("satisfaction", "c-done", score=80, answers=3)],
    [_move("merge", case="c-more"), _move("split", case="c-more")],
    [("POST /api/v1/rules/{kind}/dry-run", {"kind": "rule"}, {"item": FIELDS["item"][1], "days": 7})],
    [("POST /api/v1/sources", {}, FEED)],
    [("POST /api/v1/sources/test", {}, FEED)],
    [("POST /api/v1/rosters/{id_}/covers", {"id_": seeded.UNIT}, COVER)],
    [("PUT /api/v1/drafts/{id_}", {"id_": "d1"}, {"sentences": [{"text": "正在抢修。"}], **WHY})],
]
"""What generated calls hardly ever hit: calls one after the other, of which the last is the one that is meant."""


@pytest.mark.parametrize("calls", DOES, ids=lambda calls: calls[-1][0])
def test_an_operation_does_what_it_is_for(calls: list[Call], office: Untouched) -> None:
    headers = office.again()
    for label, names, body in calls:
        operation = schema.find_operation_by_label(label)
        assert operation is not None
        case = operation.Case(path_parameters=names, body=body, media_type="application/json")
        assert 200 <= called(case, headers) < 300


def test_every_operation_did_what_it_is_for_at_least_once(request: pytest.FixtureRequest) -> None:
    """Or the calls above say little of it."""
    chosen = {getattr(item, "operation_label", None) for item in request.session.items} - {None}
    if len(chosen) < len(list(schema.get_all_operations())):
        pytest.skip("only some operations were chosen for this run")
    assert chosen <= ANSWERED.keys(), "and all that were chosen were called"
    assert [label for label, statuses in ANSWERED.items() if not any(200 <= one < 300 for one in statuses)] == []
