"""A small office with one or more of every kind of object, under names that are known: 云湾区, noon of 1 June 2026."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from alerts.reports import shelf
from api.auth import hash_secret, issue, new_user
from api.devices import ID_LENGTH
from api.parts import Parts
from api.publishing import publish
from core.effects import Change, Effects, Keep, SaveCase, message
from core.records import (
    JURISDICTION_SAMPLE,
    Assignment,
    AuditRow,
    CaseState,
    Chain,
    Channel,
    Citation,
    Clock,
    Cover,
    Credential,
    Draft,
    Extension,
    FactCard,
    Member,
    Notice,
    OfficeObject,
    PolicyItem,
    Rejected,
    Role,
    Roster,
    Sentence,
    Shift,
    Silence,
    Source,
    Step,
    Task,
    Term,
    Tick,
    Unit,
    Webhook,
)
from core.records.publication import Publication
from core.records.reports import OfficeReport
from core.topics import Topic
from tests.records import NOON, case, correction, delivery, incident, post

UNIT, STREET, OTHER = "u-water", "u-street", "u-housing"
"""`STREET` is below `UNIT`, which all is of; `OTHER` has nothing to do with either."""
REPORT, CASE_REPORT = "990100-report", "990100-case"
PASSWORD = "correct horse battery"
PAIRING = "20260601"
VOICES = (
    "湖畔雅苑停水两天了，到底谁负责",
    "湖畔雅苑又停水，什么时候来水",
    "湖畔雅苑停水，水厂说是爆管",
    "滨江路的路灯坏了",
)
LIST = '{"id": "own", "name": {"zh-Hans": "本地名单"}, "source": "值班记录", "of": "words", "values": ["停水"]}'
IDS = {
    "/api/v1/people/": ["w1", "w2"],
    "/api/v1/sessions/": [hash_secret("session")[:ID_LENGTH]],
    "/api/v1/screens/": [hash_secret("screen")[:ID_LENGTH]],
    "/api/v1/cases/": ["c-hand", "c-new", "c-done", "c-more", "c-weighed", "c-shut"],
    "/api/v1/drafts/": ["d1", "d2"],
    "/api/v1/incidents/": ["i1"],
    "/api/v1/posts/": ["p1"],
    "/api/v1/corrections/": ["k1"],
    "/api/v1/reports/": [REPORT, CASE_REPORT],
    "/api/v1/sources/": ["s1"],
    "/api/v1/webhooks/": ["h1"],
    "/api/v1/channels/": ["ch1"],
    "/api/v1/units/": [UNIT, STREET],
    "/api/v1/members/": ["m1", "m2"],
    "/api/v1/rosters/": [UNIT, STREET],
    "/api/v1/chains/": ["chain"],
    "/api/v1/silences/": ["q1"],
    "/api/v1/facts/": ["f1"],
    "/api/v1/publications/": ["b1"],
    "/api/v1/event-types/": ["case.opened"],
}
"""Ids of what is there, by the path that names them."""
PARTS = {
    "task": ["t1"],
    "cover": ["v1"],
    "regrouping": ["g1"],
    "item": ["own"],
    "kind": ["list"],
    "format_": ["docx", "pdf"],
}
"""What else a path may name."""
DAY = timedelta(days=1)
LATER = NOON + DAY


def fill(parts: Parts) -> None:
    """Put the objects there."""
    posts = [post(f"p{n}", VOICES[n % len(VOICES)], minutes=n - 20) for n in range(16)]
    refused = Rejected(id="r1", at=NOON, origin="push", code="no_text", reason="It has no text.", jurisdiction="990100")
    terms = (Term(text="停水", weight=3.0, posts=9), Term(text="湖畔雅苑", weight=2.0, posts=9))
    raised = [incident(f"i{n}", terms=terms) for n in range(1, 7)]
    logged = [message(Topic.REJECTED, JURISDICTION_SAMPLE, refused.id, refused)]
    parts.storage.commit(Effects(messages=logged, posts=posts, incidents=raised))
    belong = [Assignment(post=one.id, incident=f"i{n % 6 + 1}", known_at=NOON) for n, one in enumerate(posts)]
    changes = [*_units(), *_people(), *_handling(), *_receivers(), *_kept()]
    parts.storage.commit(Effects(assigned=belong, changes=changes))
    publish(
        parts,
        JURISDICTION_SAMPLE,
        Publication(id="b1", kind="question", published_at=NOON, by="王", title="a", text="b"),
    )


def administrator(parts: Parts) -> str:
    """The secret of a fresh token."""
    secret, token = issue("token", "王", Role.ADMIN, NOON, None)
    parts.storage.commit(Effects(changes=[token]))
    return secret


def _units() -> list[Change]:
    of = JURISDICTION_SAMPLE
    water = Unit(
        id=UNIT, name="区水务局", tier="district", jurisdiction=of, domains=("城乡建设",), lead=True, head="m1"
    )
    street = Unit(id=STREET, name="滨江街道", tier="street", jurisdiction=of, places=("990100001",), parent=UNIT)
    other = Unit(id=OTHER, name="区住建局", tier="district", jurisdiction=of)
    members = [Member(id=f"m{n}", unit=UNIT, name=name, jurisdiction=of) for n, name in enumerate(("张", "李"), 1)]
    shift = Shift(id="day", begin="08:30", end="17:30", members=("m1",))
    cover = Cover(id="v1", since=NOON, until=LATER, members=("m2",), instead_of="m1")
    roster = Roster(id=UNIT, jurisdiction=of, shifts=(shift,), covers=(cover,))
    chain = Chain(id="chain", name="逐级", steps=(Step(wait_minutes=5, to="duty"), Step(wait_minutes=5, to="head")))
    silence = Silence(id="q1", since=NOON, until=LATER, who="王", why="计划停水", units=(STREET,))
    things: list[OfficeObject] = [water, street, other, *members, roster, chain, silence]
    return [Keep(thing, 0) for thing in things]


def _people() -> list[Change]:
    invite = replace(_credential("invite"), role=Role.RESPONDER, unit=UNIT)
    user = new_user("w1", "张", PASSWORD, invite, NOON)
    boss = replace(user, id="w2", name="王", role=Role.ADMIN, unit=None)
    return [user, boss, invite, *(_credential(kind) for kind in ("session", "locked", "screen", "pairing"))]


def _credential(kind: str) -> Credential:
    name = "张" if kind in {"session", "locked"} else "大厅"
    secret = PAIRING if kind == "pairing" else kind
    return Credential(
        hash=hash_secret(secret), kind=kind, name=name, role=Role.VIEWER, created_at=NOON, expires_at=LATER
    )


def _handling() -> list[Change]:
    """A case in every state; the one in hand has a task, clocks, a tick, drafts, and a level that a person set."""
    task = Task(id="t1", unit=STREET, part="support", text="现场核实", given_by="王", given_at=NOON)
    answered = {"answer": "已恢复供水。", "answered_at": NOON, "owner": "张"}
    clock = Clock(
        kind="report",
        name="上报",
        started_at=NOON,
        start_event="first_seen",
        limit="24h",
        counts="natural",
        source="试用",
        due_at=LATER,
    )
    more = Extension(at=NOON, by="24h", who="王", reason="论证")
    extended = replace(clock, kind="answer", extensions=(more,))
    ticked = Tick(step="visit", at=NOON, who="张")
    overridden = {"clocks": (clock, extended), "ticks": (ticked,), "level_set_by": "王", "level_why": "慎重"}
    cases = [
        case("c-new", incident="i1", unit=UNIT),
        case("c-hand", incident="i2", unit=UNIT, state=CaseState.HANDLING, owner="张", tasks=(task,), **overridden),
        case("c-done", incident="i3", unit=UNIT, state=CaseState.ANSWERED, **answered),
        case("c-more", incident="i4", unit=STREET, state=CaseState.CONFIRMED),
        case("c-weighed", incident="i5", unit=UNIT, state=CaseState.EVALUATED, **answered),
        case("c-shut", incident="i6", unit=UNIT, state=CaseState.CLOSED, **answered),
    ]
    sentence = Sentence(part="known", text="正在抢修。", cites=(Citation(kind="fact", id="f1"),))
    proposed = Draft(id="d1", case="c-hand", at=NOON, status="proposed", sentences=(sentence,))
    refused = Draft(id="d2", case="c-new", at=NOON, status="refused", refusal="短缺依据")
    told = Notice(
        id="n1", event="case.opened", at=NOON, jurisdiction=JURISDICTION_SAMPLE, level=3, case="c-new", unit=UNIT
    )
    return [*(SaveCase(one, 0) for one in cases), proposed, refused, told, correction()]


def _receivers() -> list[Change]:
    url, secret = "https://93.184.216.34/hook", "whsec_" + "A" * 43 + "="
    hook = Webhook(id="h1", url=url, secrets=(secret,), created_at=NOON)
    channel = Channel(id="ch1", name="值班群", url="json://example.org")
    source = Source(
        id="s1", kind="feed", url="https://news.example/rss.xml", name="新闻", jurisdiction="990100", created_at=NOON
    )
    return [hook, channel, delivery("msg1", target="h1"), source]


def _kept() -> list[Change]:
    card = FactCard(
        id="f1", jurisdiction="990100", part="known", text="正在抢修。", unit=UNIT, source="值班记录", terms=("停水",)
    )
    item = PolicyItem(kind="list", id="own", version=1, at=NOON, who="王", why="试用", body=LIST, jurisdiction="")
    given: dict[str, Any] = {
        "kind": "daily",
        "jurisdiction": "990100",
        "place": "云湾区",
        "lang": "zh-Hans",
        "title": "日报",
        "subtitle": "",
    }
    report = OfficeReport(id=REPORT, since=NOON - DAY, until=NOON, made_at=NOON, made_by="王", **given)
    on_case = replace(report, id=CASE_REPORT, kind="case", case="c-hand")
    said = AuditRow(
        id="a1",
        object="i1",
        at=NOON,
        who="王",
        action="incident.nothing",
        detail={"regrouping": "g1"},
        jurisdiction=JURISDICTION_SAMPLE,
    )
    return [Keep(card, 0), item, said, *shelf.kept(report), *shelf.kept(on_case)]
