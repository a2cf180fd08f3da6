"""What silences and inhibition mean in Alertmanager, written from its documentation alone: it knows nothing of our code.

https://prometheus.io/docs/alerting/latest/configuration/ (matcher, inhibit_rule) and …/alertmanager/ (silences):
a matcher is `name="value"`, `!=`, `=~` or `!~`, its regular expression anchored at both ends; a label that an alert lacks is
the same as an empty one; all matchers of a silence must fit. An inhibit rule mutes an alert that its target matchers fit while
another fires that its source matchers fit and that has the same values of the labels in `equal`; one that both sides fit is not
muted by such a one, so none mutes itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Labels = Mapping[str, str]
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"(.*)"')


def fits(matcher: str, labels: Labels) -> bool:
    """Whether one matcher fits."""
    read = MATCHER.fullmatch(matcher)
    assert read is not None, matcher
    name, how, wanted = read.groups()
    value = labels.get(name, "")
    same = re.fullmatch(wanted, value) is not None if "~" in how else value == wanted
    return same != how.startswith("!")


def all_fit(matchers: Iterable[str], labels: Labels) -> bool:
    """Whether all do."""
    return all(fits(one, labels) for one in matchers)


@dataclass(frozen=True, slots=True)
class Silenced:
    """A silence: its matchers, and from when until when it holds, the end not included."""

    matchers: Sequence[str]
    starts_at: float
    ends_at: float

    def mutes(self, labels: Labels, second: float) -> bool:
        """Whether it keeps the alert back then."""
        return self.starts_at <= second < self.ends_at and all_fit(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """One row of `inhibit_rules`."""

    source_matchers: Sequence[str]
    target_matchers: Sequence[str]
    equal: Sequence[str] = ()

    def mutes(self, labels: Labels, firing: Iterable[Labels]) -> bool:
        """Whether one of those that fire, which may be the alert itself, keeps it back."""
        if not all_fit(self.target_matchers, labels):
            return False
        both = all_fit(self.source_matchers, labels)
        return any(
            all_fit(self.source_matchers, other)
            and all(other.get(name, "") == labels.get(name, "") for name in self.equal)
            and not (both and all_fit(self.target_matchers, other))
            for other in firing
        )
