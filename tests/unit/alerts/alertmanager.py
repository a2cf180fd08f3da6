"""What Alertmanager does, as its documentation says it, for the table `grouping.yaml`: its clock of groups and what it tells.

https://prometheus.io/docs/alerting/latest/configuration/ (route, inhibit_rule) and …/alertmanager/: a group's first
notification after `group_wait`, then a look at every `group_interval`; what fired or was resolved since is told; nothing new
is repeated at the first look at which `repeat_interval` is over. Silenced and inhibited alerts are not shown to that look.
Which alert a silence or another alert mutes is said by `matchers` beside this file; the rules of time are all here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Told = list[Any]
"""Second, why, and the alerts that make it news."""


@dataclass(slots=True)
class Group:
    """Alerts with the same labels of `group_by`; `known` and `ended` are what the last notification held."""

    looks_at: float
    firing: dict[str, bool] = field(default_factory=dict)
    """False for one that was resolved and not looked at since."""


@dataclass(slots=True)
class Log:
    """What a group was told last, and when; it outlives the group."""

    at: float
    firing: set[str]
    resolved: set[str]


@dataclass(slots=True)
class Alertmanager:
    """`muted(alert, second, firing)` says whether a silence or another firing alert keeps it back."""

    wait: float
    interval: float
    repeat: float
    muted: Callable[[str, float, set[str]], bool]
    groups: dict[str, Group] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def hears(self, second: float, alert: str, key: str, *, firing: bool) -> None:
        """An alert fires, or is resolved."""
        if key not in self.groups:
            if not firing:
                return
            self.groups[key] = Group(looks_at=second + self.wait)
        self.groups[key].firing[alert] = firing

    def look(self, second: float) -> None:
        """At every group whose time it is."""
        everywhere = {a for group in self.groups.values() for a, fires in group.firing.items() if fires}
        for key, group in list(self.groups.items()):
            if group.looks_at > second:
                continue
            shown = {a: fires for a, fires in group.firing.items() if not self.muted(a, second, everywhere)}
            if shown:
                self._tell(second, key, shown)
            group.firing = {a: True for a, fires in group.firing.items() if fires}
            group.looks_at += self.interval
            if not group.firing:
                del self.groups[key]

    def _tell(self, second: float, key: str, shown: dict[str, bool]) -> None:
        firing = {a for a, fires in shown.items() if fires}
        resolved = set(shown) - firing
        log = self.logs.get(key) or Log(second, set(), set())
        over = (resolved & log.firing) - log.resolved
        why, news = self._why(second, log, firing, over)
        if why:
            self.told.append([second, why, sorted(news)])
            self.logs[key] = Log(second, firing, resolved)

    def _why(self, second: float, log: Log, firing: set[str], over: set[str]) -> tuple[str, set[str]]:
        if firing - log.firing:
            return ("new_in_group" if log.firing else "first"), (firing - log.firing) | over
        if not firing:
            return ("all_clear", over) if log.firing else ("", set())
        if over:
            return "resolved", over
        return ("repeat", firing) if second - log.at >= self.repeat else ("", set())
