"""What a count says: known to the command, which needs no server to show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of a part the directory holds, and how much has arrived; of messages a server may hold some twice."""

    part: str
    here: int
    there: int

    @property
    def missing(self) -> int:
        """How much has not arrived."""
        return max(0, self.here - self.there)
