"""The role of the Store that holds what people changed of the policy; see `core.ports`."""

from typing import Protocol

from core.records import PolicyItem


class Items(Protocol):
    """The policy's items, with every version."""

    def policy_items(self) -> list[PolicyItem]:
        """The newest version of each, those taken away too, by kind and id."""
        ...

    def policy_history(self, kind: str, id_: str) -> list[PolicyItem]:
        """All versions of one, newest first."""
        ...

    def policy_changes(self) -> int:
        """How many versions there are; another number after any change, and cheap to ask."""
        ...
