"""The policy that decides: in force, changed by people with versions and reasons, tried before it is saved."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query

from alerts.dryrun import DryRun, try_rule, try_signal, with_cases
from alerts.limits import natural
from alerts.policy import Policy, Rule
from alerts.rulebook import KINDS, read_item, text_of, users_of
from alerts.searching import gathered, listened_to, posts_of
from alerts.signals import Listened, Signal
from api.parts import Parts
from api.policy_views import ItemBody, ItemHistory, ItemVersion, TryBody
from api.problems import Problem
from api.requests import CallerOf, PartsOf, Seen
from api.stale import Happened, stale
from api.wire import Json, answers, body, takes
from core.codec import readable
from core.effects import Effects
from core.errors import NotFound
from core.records import AuditRow, Incident, PolicyItem
from core.topics import Topic

router = APIRouter(prefix="/api/v1/rules", tags=["policy"])

Kind = Annotated[str, Path(max_length=20, description=f"One of {', '.join(KINDS)}.")]
ItemId = Annotated[str, Path(max_length=80, pattern=r"^[\w.-]+$", description="The item's id.")]

LOOKED_AT = 20_000
"""The newest versions of incidents, in each partition of the log, that a dry run looks at."""
PAGE = 1_000
DEPLOYMENT = ""
"""Policy is the deployment's: its audit rows stand in that chain."""

EXAMPLE = {
    "item": {
        "id": "school-meals",
        "name": {"zh-Hans": "校园餐"},
        "level": 3,
        "source": "区教育局 2026 年重点关注",
        "min_posts": 3,
        "concerns": ["school-meals"],
    },
    "why": "开学季",
}


@router.get("", summary="The policy in force", **answers(Policy, "With its version and every source."))
def rules(parts: PartsOf) -> Json:
    return Json(parts.policy)


@router.put(
    "/{kind}/{item}",
    summary="Add or change a rule, signal, concern, list, search, checklist or refuted claim",
    openapi_extra=takes(ItemBody, EXAMPLE),
    **answers(ItemVersion, "The version that holds from now on."),
)
def put(
    parts: PartsOf, caller: CallerOf, kind: Kind, item: ItemId, given: Annotated[ItemBody, Depends(body(ItemBody))]
) -> Json:
    """Checked as the policy files are. `version`, when given, must be the present one (0: none yet)."""
    read = read_item(kind, item, given.item, parts.policy)
    return Json(_view(_write(parts, caller.name, kind, item, text_of(read), given.why, given.version)))


@router.delete(
    "/{kind}/{item}", summary="Take it away", **answers(ItemVersion, "The version that took it away; history stays.")
)
def delete(
    parts: PartsOf,
    caller: CallerOf,
    kind: Kind,
    item: ItemId,
    why: Annotated[str, Query(min_length=1, max_length=1_000)],
    version: Seen = None,
) -> Json:
    """One of the files can be taken away too; it comes back when this version is followed by another. What is named stays."""
    where = KINDS.get(kind, ("", None))[0]
    if not any(row.id == item for row in getattr(parts.policy, where, ())):
        raise NotFound(f"There is no {kind} {item} in force.")
    _check_unused(kind, item, parts.policy)
    return Json(_view(_write(parts, caller.name, kind, item, "", why, version)))


@router.get(
    "/{kind}/{item}/history", summary="Who changed it, when and why", **answers(ItemHistory, "Versions, newest first.")
)
def history(parts: PartsOf, kind: Kind, item: ItemId) -> Json:
    found = parts.storage.store.policy_history(kind, item)
    return Json(ItemHistory(items=[_view(one) for one in found]))


@router.post(
    "/{kind}/dry-run",
    summary="What it would have done in the last days",
    openapi_extra=takes(TryBody, {"item": EXAMPLE["item"], "days": 7}),
    **answers(DryRun, "Each yes and no with its reason; nothing is saved."),
)
def dry_run(parts: PartsOf, kind: Kind, given: Annotated[TryBody, Depends(body(TryBody))]) -> Json:
    """Of rules and signals. Names of concerns and lists in it are those in force."""
    named = msgspec.json.decode(given.item)
    id_ = str(named.get("id", "")) if isinstance(named, dict) else ""
    item = read_item(kind, id_, given.item, parts.policy)
    until = parts.now()
    since = until - timedelta(days=given.days)
    if isinstance(item, Rule):
        run = try_rule(item, _incidents(parts, since), parts.policy, since, until)
        cases = parts.storage.store.cases_of([one.id for one in run.would])
        return Json(with_cases(run, {incident: case.id for incident, case in cases.items()}))
    if isinstance(item, Signal):
        return Json(try_signal(item, _told(parts, item, since, until), since, until, parts.false_a_day))
    raise Problem(422, "no-dry-run", f"A {kind} raises nothing by itself: try a rule or a signal that names it.")


def _check_unused(kind: str, id_: str, policy: Policy) -> None:
    """Raises a problem that lists what names the item."""
    users = [
        {"kind": type(one).__name__.lower(), "id": one.id, "name": one.name} for one in users_of(kind, id_, policy)
    ]
    if users:
        named = ", ".join(f"{one['kind']} {one['id']}" for one in users)
        raise Problem(409, "in-use", f"The {kind} {id_} is named by {named}: change that first.", users=users)


def _write(parts: Parts, who: str, kind: str, id_: str, text: str, why: str, seen: int | None) -> PolicyItem:
    """One more version, with its audit row."""
    versions = parts.storage.store.policy_history(kind, id_)
    present = versions[0].version if versions else 0
    if seen is not None and seen != present:
        happened = [
            Happened(at=v.at, who=v.who, action="policy.changed", why=v.why, version=v.version)
            for v in versions
            if v.version > seen
        ]
        raise stale(f"{kind} {id_}", seen, present, happened)
    made = PolicyItem(kind=kind, id=id_, version=present + 1, at=parts.now(), who=who, why=why, body=text)
    action = "policy.changed" if text else "policy.removed"
    row = AuditRow(
        id=parts.new_id(),
        object=f"{kind}:{id_}",
        at=made.at,
        who=who,
        action=action,
        why=why,
        detail={"version": made.version},
        jurisdiction=DEPLOYMENT,
    )
    parts.storage.commit(Effects(changes=[made, row]))
    return made


def _view(one: PolicyItem) -> ItemVersion:
    item: dict[str, Any] | None = msgspec.json.decode(one.body) if one.body else None
    return ItemVersion(kind=one.kind, id=one.id, version=one.version, at=one.at, who=one.who, why=one.why, item=item)


def _told(parts: Parts, signal: Signal, since: datetime, until: datetime) -> Callable[[datetime], Listened]:
    """What a signal is judged by: a silence at each time as when it is listened for, any other by posts that are read once."""
    policy, index = parts.policy, parts.storage.index
    if signal.kind == "silence":
        so_far = gathered(parts.storage.store.crawls())
        return lambda at: listened_to(signal, policy, index, at, so_far)
    begin = since - natural(signal.reference) - natural(signal.window)
    posts = Listened(posts_of(signal, policy, index, begin, until))
    return lambda _: posts


def _incidents(parts: Parts, since: datetime) -> Iterator[Incident]:
    """The versions that rules were given to judge since then, as the log still holds them, in order."""
    log = parts.storage.log
    for partition in range(log.partitions):
        end = log.end(Topic.INCIDENTS, partition)
        after = max(0, end - LOOKED_AT)
        while after < end:
            page = log.read(Topic.INCIDENTS, after, PAGE, partition)
            if not page:
                break
            after = page[-1].position
            found = (readable(message.value, Incident) for message in page)
            yield from (one for one in found if one is not None and one.milestone and one.last_at >= since)
