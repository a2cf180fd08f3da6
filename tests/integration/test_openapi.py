"""Every operation of the OpenAPI document is called as the document allows and as it does not: nothing breaks the server,
and every answer is one that the document tells of. As an administrator, in an office that has one of everything.

The calls are the same in every run, and each finds the office untouched. The stream of events never ends by itself: the
caller reads its first event and hangs up.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from pydantic import SecretStr
from schemathesis.config import SchemathesisConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts.notices import tokens
from api.app import create_app, routed
from api.collecting import GuessList, TrialView
from api.routes.facts import SHEET, WORD
from app.collecting import Collection
from app.compose import build_product
from core.records import Ending, Source
from core.settings import Settings
from tests import seeded
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
    "code": ["invite", "pairing"],
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
FILES = {
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
    SHEET: "",
    WORD: "",
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


class Offline(Collection):
    """Looks at no site."""

    async def guess(self, url: str) -> GuessList:
        return GuessList(items=[], ending=Ending.DNS)

    async def trial(self, source: Source, cookie: str) -> TrialView:
        self.check(source)
        return TrialView(ending=Ending.DNS, said={}, detail="", took_s=0, pages=[], items=[])


class Untouched:
    """The office as it was at first, for every call: `again` puts its rows back."""

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
        return self._headers

    def close(self) -> None:
        self._first.close()
        self._product.storage.close()


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
    meant(case).call_and_validate(headers=office.again(), checks=CHECKS)
