"""The policy of an office, as data: levels, clocks, rules, checklists, units and fact cards, each number with its source.

`load_policy` reads the default and then every directory given: a file of rules, levels or clocks replaces the one before;
all others are added (the same id replaces). A wrong file is a `ConfigurationError` with file, line and reason.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.json import encode
from msgspec.structs import replace

from alerts.checklists import Checklist
from alerts.concerns import Concern, WatchList
from alerts.fields import Search
from alerts.fitting import LANGUAGE, ForCases
from alerts.limits import parsed
from alerts.refuted import RefutedClaim
from alerts.signals import Signal
from core.errors import ConfigurationError
from core.records import FactCard, Unit, Why
from core.tables import mistake, read_rows

DEFAULT = Path(__file__).parent / "data"
LEVELS = 4
"""A case's level is 1 (gravest) to 4; an office may use fewer."""

T = TypeVar("T")


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level, 1 the gravest, and how its cases come to rest.

    A case falls from it by one step when its incident has posts `calm_hours` after the case last changed and does not meet
    even `keep` times the thresholds any more (hysteresis). The public is quiet when fewer than `quiet_share` of the posts
    came in the last `quiet_hours`; after that, or once the case is closed, `flare_posts` new ones at `flare_speed` an hour
    that meet a rule are a flare-up.
    """

    level: int
    color: str
    name: dict[str, str]
    meaning: str
    source: str
    grade: str
    calm_hours: float = 6.0
    keep: float = 0.8
    quiet_hours: float = 6.0
    quiet_share: float = 0.1
    flare_posts: int = 8
    flare_speed: float = 4.0


class ClockRule(ForCases, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit and the cases it runs on. `limit` is `48h`, `7d` (natural time) or `20wd` (working days).

    It may be extended `extensions` times, each time by the limit again at most.
    """

    kind: str
    name: dict[str, str]
    limit: str
    start: Literal["occurred", "first_seen", "verified", "assigned"]
    source: str
    grade: str
    warn: tuple[float, ...] = (0.5, 0.8)
    stopped_by: Literal["acknowledge", "answer"] = "answer"
    extensions: int = 1


class Conditions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an incident must be: all of it, where something is asked.

    `min_ratio` is the speed against its baseline, `min_copies` counts all posts (the reach) and `min_sources` where they
    stand. `reasons` are what the detector gives for it, one of which is asked for. `concerns` and `lists` name areas of
    concern and watch lists, one of which must match.
    """

    min_posts: int = 1
    min_authors: int = 1
    min_copies: int = 1
    min_sources: int = 1
    min_heat: float = 0.0
    min_speed: float = 0.0
    min_ratio: float = 0.0
    min_burst: float = 0.0
    min_negative: float = 0.0
    min_risk: float = 0.0
    risks: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    from_sources: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    reasons: tuple[Why, ...] = ()


class Rule(Conditions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on an incident and the level that follows: its own, one of `any_of` (if any), and none of `none_of`.

    With an `audience` (a unit's id) it is that unit's own rule: the unit takes part in the case, at its own level of alarm.
    """

    id: str
    name: dict[str, str]
    level: int
    source: str
    audience: str = ""
    any_of: tuple[Conditions, ...] = ()
    none_of: tuple[Conditions, ...] = ()


class UnitRow(Unit, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit as a file of the policy has it: a field that is not known is a mistake."""


class Policy(Struct, frozen=True, kw_only=True):
    """Everything an office decides by. `version` is a hash of the content."""

    version: str
    levels: tuple[Level, ...]
    clocks: tuple[ClockRule, ...]
    rules: tuple[Rule, ...]
    signals: tuple[Signal, ...] = ()
    concerns: tuple[Concern, ...] = ()
    lists: tuple[WatchList, ...] = ()
    searches: tuple[Search, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    refuted: tuple[RefutedClaim, ...] = ()
    units: tuple[Unit, ...]
    facts: tuple[FactCard, ...]

    def units_of(self, jurisdiction: str) -> tuple[Unit, ...]:
        """The jurisdiction's own units; the general ones when it has none."""
        own = tuple(u for u in self.units if u.jurisdiction == jurisdiction)
        return own or tuple(u for u in self.units if not u.jurisdiction)

    def with_units(self, units: Iterable[Unit]) -> "Policy":
        """The policy with the units that an office keeps: the same id replaces, a disabled one is left out."""
        merged = {unit.id: unit for unit in (*self.units, *units)}
        return replace(self, units=tuple(unit for unit in merged.values() if not unit.disabled))

    def lead_of(self, jurisdiction: str) -> str | None:
        """The id of the unit that coordinates there."""
        return next((u.id for u in self.units_of(jurisdiction) if u.lead), None)

    def level(self, number: int) -> Level:
        """The level of that number; for one that was taken out of the table, the mildest."""
        return next((level for level in self.levels if level.level == number), self.levels[-1])


def load_policy(*directories: Path) -> Policy:
    """The default policy with the directories' files over it, in order."""
    places = (DEFAULT, *directories)
    for directory in directories:
        if not directory.is_dir():
            raise ConfigurationError(f"{directory} is not a folder of policy files")
    levels = _last(places, "levels", Level)
    clocks = _last(places, "clocks", ClockRule)
    rules = _last(places, "rules", Rule)
    _check_levels_table(*levels)
    known = {level.level for _, level in levels[1]}
    for path, rows in (clocks, rules):
        _check_levels(path, rows, known)
    _check_rows(*clocks, key="kind")
    _check_rows(*rules, key="id")
    _check_limits(*clocks)
    parts = {
        "levels": tuple(sorted((row for _, row in levels[1]), key=lambda level: level.level)),
        "clocks": tuple(row for _, row in clocks[1]),
        "rules": tuple(row for _, row in rules[1]),
        "signals": _all(places, "signals", Signal),
        "concerns": _all(places, "concerns", Concern),
        "lists": _all(places, "lists", WatchList),
        "searches": _all(places, "searches", Search),
        "checklists": _all(places, "checklists", Checklist),
        "refuted": _all(places, "refuted", RefutedClaim),
        "units": _all(places, "units", UnitRow),
        "facts": _all(places, "facts", FactCard),
    }
    policy = versioned(Policy(version="", **parts))  # type: ignore[arg-type]  # the parts above, by name
    for item, missing in dangling(policy):
        raise ConfigurationError(
            f"the policy's {type(item).__name__.lower()} {item.id} names {missing}, which is nowhere"
        )
    return policy


def dangling(policy: Policy) -> Iterator[tuple[Rule | Signal | Checklist, str]]:
    """Whatever names what the policy lacks, with what that is."""
    items: tuple[Rule | Signal | Checklist, ...] = (*policy.rules, *policy.signals, *policy.checklists)
    yield from ((item, missing) for item in items for missing in unknown_names(item, policy))


def unknown_names(item: object, policy: Policy) -> Iterator[str]:
    """What a rule, signal or checklist names that the policy lacks: areas of concern, watch lists, saved searches, levels."""
    named: list[tuple[str, str]] = []
    if isinstance(item, Rule):
        parts = (item, *item.any_of, *item.none_of)
        named += [("concern", one) for part in parts for one in part.concerns]
        named += [("list", one) for part in parts for one in part.lists]
    if isinstance(item, Signal):
        search = item.search if isinstance(item.search, str) else ""
        named += [("concern", item.concern), ("list", item.watch_list), ("search", search)]
    if isinstance(item, Checklist):
        named += [("level", str(level)) for level in item.levels]
    known = {
        "level": {str(row.level) for row in policy.levels},
        "concern": {row.id for row in policy.concerns},
        "list": {row.id for row in policy.lists},
        "search": {row.id for row in policy.searches},
    }
    yield from (f"{kind} {one}" for kind, one in named if one and one not in known[kind])


def versioned(policy: Policy) -> Policy:
    """The policy with the version that its content has."""
    bare = replace(policy, version="")
    return replace(bare, version=hashlib.sha256(encode(bare)).hexdigest()[:12])


def default_policy() -> Policy:
    """The policy that ships."""
    return load_policy()


def _last(directories: Iterable[Path], name: str, type_: type[T]) -> tuple[Path, list[tuple[int, T]]]:
    """The rows of the last directory that has the file, and its path."""
    path = [d / f"{name}.yaml" for d in directories if (d / f"{name}.yaml").exists()][-1]
    rows = read_rows(path, type_, name)
    if not rows:
        raise mistake(path, 1, f"there are no {name}")
    return path, rows


def _all(directories: Iterable[Path], name: str, type_: type[T]) -> tuple[T, ...]:
    """The rows of every directory's file; of two with the same id the later holds."""
    found: dict[str, T] = {}
    for directory in directories:
        path = directory / f"{name}.yaml"
        if path.exists():
            rows = read_rows(path, type_)
            found |= {getattr(row, "id"): row for _, row in rows}  # noqa: B009  # units and fact cards both have ids
    return tuple(found.values())


def _check_levels_table(path: Path, rows: Sequence[tuple[int, Level]]) -> None:
    _check_rows(path, rows, key="level")
    for line, row in rows:
        if not 1 <= row.level <= LEVELS:
            raise mistake(path, line, f"level {row.level} is not one of 1 to {LEVELS}")
        if not 0 < row.quiet_share < 1:
            raise mistake(path, line, f"quiet_share {row.quiet_share:g} is not a share between 0 and 1")


def _check_rows(path: Path, rows: Sequence[tuple[int, Level | ClockRule | Rule]], key: str) -> None:
    """Every row has a source and a name to show, and stands once."""
    seen: set[object] = set()
    for line, row in rows:
        id_ = getattr(row, key)
        if id_ in seen:
            raise mistake(path, line, f"{key} {id_} stands here a second time")
        if not row.source.strip():
            raise mistake(path, line, f"{key} {id_} has no source; say where its numbers come from")
        if not row.name.get(LANGUAGE):
            raise mistake(path, line, f"{key} {id_} has no name in {LANGUAGE}")
        seen.add(id_)


def _check_levels(path: Path, rows: Iterable[tuple[int, ClockRule | Rule]], known: set[int]) -> None:
    for line, row in rows:
        named = {row.level} if isinstance(row, Rule) else set(row.levels)
        if not named <= known:
            raise mistake(path, line, f"level {min(named - known)} is not in levels.yaml")


def _check_limits(path: Path, rows: Iterable[tuple[int, ClockRule]]) -> None:
    for line, row in rows:
        try:
            parsed(row.limit)
        except ValueError as error:
            raise mistake(path, line, str(error)) from error
        if not all(0 < step < 1 for step in row.warn):
            raise mistake(path, line, "a warning step is a share of the limit between 0 and 1")
