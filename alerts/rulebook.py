"""The policy in force: what the files say, and over it what people changed, each change a version with who and why."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec
from msgspec.structs import asdict, replace

from alerts.concerns import Concern, WatchList
from alerts.limits import natural
from alerts.office import in_force
from alerts.policy import LANGUAGE, Policy, Rule, versioned
from alerts.signals import Search, Signal
from core.codec import decode, encode
from core.errors import Refused
from core.items import Items
from core.office import Office
from core.records import PolicyItem

KINDS: dict[str, tuple[str, type[Any]]] = {
    "rule": ("rules", Rule),
    "signal": ("signals", Signal),
    "concern": ("concerns", Concern),
    "list": ("lists", WatchList),
    "search": ("searches", Search),
}
"""What people may change: by kind, where it stands in the policy, and its type."""

NEEDS: dict[str, tuple[str, ...]] = {
    "blacklist": ("values",),
    "whitelist": ("values",),
    "percentage": ("share_of",),
}
"""What a kind of signal cannot do without."""
BOUNDED = ("cardinality", "metric", "percentage")
"""Kinds that need `least` or `most`."""


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
    if not getattr(item, "source", "-").strip():
        raise Refused("bad_item", "It has no source: say where its numbers come from.")
    _check(item, policy)
    return item


def text_of(item: Any) -> str:
    """The item as a version keeps it."""
    return encode(item).decode()


def _check(item: Any, policy: Policy) -> None:
    level = getattr(item, "level", None)
    if level is not None and level not in {one.level for one in policy.levels}:
        raise Refused("bad_item", f"There is no level {level}.")
    if isinstance(item, Rule):
        _check_named("concern", (c for part in _parts(item) for c in part.concerns), policy)
        _check_named("list", (w for part in _parts(item) for w in part.lists), policy)
        if item.audience and item.audience not in {unit.id for unit in policy.units}:
            raise Refused("bad_item", f"There is no unit {item.audience}.")
    if isinstance(item, Signal):
        _check_signal(item, policy)


def _parts(rule: Rule) -> tuple[Any, ...]:
    return (rule, *rule.any_of, *rule.none_of)


def _check_named(kind: str, named: Iterable[str], policy: Policy) -> None:
    known = {row.id for row in getattr(policy, KINDS[kind][0])}
    unknown = next((id_ for id_ in named if id_ not in known), None)
    if unknown is not None:
        raise Refused("bad_item", f"There is no {kind} {unknown}.")


def _check_signal(signal: Signal, policy: Policy) -> None:
    try:
        spans = natural(signal.window), natural(signal.reference)
    except ValueError as error:
        raise Refused("bad_item", f"{error}.") from error
    if spans[1] < spans[0]:
        raise Refused("bad_item", "The reference time is shorter than the window.")
    if not signal.jurisdiction.isdecimal():
        raise Refused("bad_item", "A signal is for one jurisdiction: its code of 2 to 12 digits.")
    missing = next((name for name in NEEDS.get(signal.kind, ()) if not asdict(signal)[name]), None)
    if missing is not None:
        raise Refused("bad_item", f"A {signal.kind} needs {missing}.")
    if signal.kind in BOUNDED and signal.least is None and signal.most is None:
        raise Refused("bad_item", f"A {signal.kind} needs least or most.")
    if "word" in (signal.field, signal.key) and not signal.values:
        raise Refused("bad_item", "A signal on words needs values: the words.")
    _check_named("search", [signal.search] if isinstance(signal.search, str) else [], policy)
    _check_named("concern", [signal.concern] if signal.concern else [], policy)
    _check_named("list", [signal.watch_list] if signal.watch_list else [], policy)
