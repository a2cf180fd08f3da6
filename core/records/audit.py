"""What is asked of the audit, and what a look at its chains of hashes found."""

from msgspec import Struct

from core.records.cases import AuditRow


class AuditQuery(Struct, frozen=True, kw_only=True):
    """Rows of the audit, newest first. `action` is one, or the first word of several (`case`)."""

    object: str | None = None
    who: str | None = None
    action: str | None = None
    jurisdiction: str | None = None
    cursor: str | None = None
    limit: int = 50

    def wants(self, row: AuditRow) -> bool:
        """Whether a row is one of those asked for."""
        return self.who in (None, row.who) and (
            self.action is None or row.action == self.action or row.action.startswith(f"{self.action}.")
        )


class AuditPage(Struct, frozen=True, kw_only=True):
    """A page of the audit; `cursor` fetches the next, None at the end. It may hold fewer rows than the limit before that."""

    items: list[AuditRow]
    cursor: str | None = None


class Verified(Struct, frozen=True, kw_only=True):
    """What a look at a chain found: up to which row it holds, its head, and where and why it breaks (None: it holds)."""

    chain: str
    rows: int
    head: str
    broken_at: int | None = None
    why: str = ""
