"""What rows of the policy have in common: the language that all are written in, and which cases they are for."""

from msgspec import Struct

from core.records import Case, Incident

LANGUAGE = "zh-Hans"
"""Every text is given at least in this one."""


class ForCases(Struct, frozen=True, kw_only=True):
    """Cases of one of these levels, and of one of the domains (of the case) and risks (of its incident) where any is named."""

    levels: tuple[int, ...] = (1, 2, 3, 4)
    domains: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()

    def fits(self, case: Case, incident: Incident | None) -> bool:
        """Whether the row is for this case; without its incident, one that names risks is not."""
        categories = {hit.category for hit in incident.risk.hits} if incident is not None else set()
        return (
            case.level in self.levels
            and (not self.domains or case.domain in self.domains)
            and (not self.risks or not categories.isdisjoint(self.risks))
        )
