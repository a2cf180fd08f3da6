"""The policy in force: what the files say, and over it what people changed, each change a version with who and why."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec
import structlog
from msgspec.structs import replace

from alerts.checklists import Checklist
from alerts.concerns import Concern, WatchList
from alerts.fields import Search
from alerts.fitting import LANGUAGE
from alerts.office import in_force
from alerts.policy import Policy, Rule, dangling, unknown_names, versioned
from alerts.refuted import RefutedClaim
from alerts.signals import Signal
from core.codec import decode, encode
from core.errors import Refused
from core.items import Items
from core.office import Office
from core.records import PolicyItem

log = structlog.get_logger()

KINDS: dict[str, tuple[str, type[Any]]] = {
    "rule": ("rules", Rule),
    "signal": ("signals", Signal),
    "concern": ("concerns", Concern),
    "list": ("lists", WatchList),
    "search": ("searches", Search),
    "checklist": ("checklists", Checklist),
    "refuted": ("refuted", RefutedClaim),
}
"""What people may change: by kind, where it stands in the policy, and its type."""


class Book(Protocol):
    """Gives the policy in force."""

    def current(self) -> Policy: ...


class Kept(Items, Office, Protocol):
    """What people keep of the policy: its items, and the units."""


class RuleBook:
    """The policy of the files with what people changed, read anew when it changed. Safe to use from several threads."""

    def __init__(self, files: Policy, store: Kept) -> None:
        self._files = files
        self._store = store
        self._held: tuple[object, Policy] = (None, files)

    def current(self) -> Policy:
        """The policy in force, with the units that people keep."""
        changes = (self._store.policy_changes(), self._store.office_version())
        held = self._held
        if changes != held[0]:
            policy = in_force(changed(self._files, self._store.policy_items()), self._store)
            for item, missing in dangling(policy):
                log.warning("policy_item_names_nothing", item=item.id, missing=missing)
            held = self._held = (changes, policy)
        return held[1]


def changed(policy: Policy, items: Iterable[PolicyItem]) -> Policy:
    """The policy with these items: the same id replaces, one without a body is taken away."""
    rows = {where: {row.id: row for row in getattr(policy, where)} for where, _ in KINDS.values()}
    for item in items:
        where, type_ = KINDS[item.kind]
        rows[where].pop(item.id, None) if not item.body else rows[where].update({item.id: decode(item.body, type_)})
    kept: dict[str, Any] = {where: tuple(found.values()) for where, found in rows.items()}
    return versioned(replace(policy, **kept))


def read_item(kind: str, id_: str, body: bytes, policy: Policy) -> Any:
    """The item of that kind in `body`; raises `Refused` with what is wrong, in the words of the policy files."""
    if kind not in KINDS:
        raise Refused("bad_kind", f"A kind is one of {', '.join(KINDS)}.")
    try:
        item = decode(body, KINDS[kind][1])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("bad_item", f"This is no {kind}: {error}.") from error
    if item.id != id_:
        raise Refused("bad_item", f"Its id is {item.id!r}, not {id_!r}.")
    if not item.name.get(LANGUAGE):
        raise Refused("bad_item", f"It has no name in {LANGUAGE}.")
    # the source of a search is where its posts stand, not where the search comes from
    if not isinstance(item, Search) and not item.source.strip():
        raise Refused("bad_item", "It has no source: say where it comes from.")
    _check(item, policy)
    return item


def users_of(kind: str, id_: str, policy: Policy) -> list[Rule | Signal | Checklist]:
    """What names the item: without it these would name nothing, and ask less than they were written to ask."""
    where, _ = KINDS[kind]
    rest: dict[str, Any] = {where: tuple(row for row in getattr(policy, where) if row.id != id_)}
    named = (item for item, missing in dangling(replace(policy, **rest)) if missing == f"{kind} {id_}")
    return list({(type(item), item.id): item for item in named}.values())


def text_of(item: Any) -> str:
    """The item as a version keeps it."""
    return encode(item).decode()


def _check(item: Any, policy: Policy) -> None:
    level = getattr(item, "level", None)
    if level is not None and level not in {one.level for one in policy.levels}:
        raise Refused("bad_item", f"There is no level {level}.")
    if isinstance(item, Rule) and item.audience and item.audience not in {unit.id for unit in policy.units}:
        raise Refused("bad_item", f"There is no unit {item.audience}.")
    missing = next(unknown_names(item, policy), None)
    if missing is not None:
        raise Refused("bad_item", f"There is no {missing}.")
