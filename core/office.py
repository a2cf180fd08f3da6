"""The roles of the Store that are about people: who may log in, who handles, who is told; see `core.ports`."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from core.effects import StateRow
from core.records import Chain, Credential, FactCard, Member, Notice, NoticeState, Roster, Silence, Unit, User

O = TypeVar("O", Unit, Member, Roster, Chain, Silence)  # noqa: E741  # an object of the office


class Accounts(Protocol):
    """People and what they may do."""

    def user(self, name: str) -> User | None: ...

    def users(self) -> list[User]: ...

    def credential(self, hash_: str) -> Credential | None: ...

    def credentials(self, kind: str) -> list[Credential]: ...


class NoticeQuery(Struct, frozen=True, kw_only=True):
    """Notices, newest first."""

    jurisdiction: str | None = None
    case: str | None = None
    state: NoticeState | None = None
    cursor: str | None = None
    limit: int = 50


class NoticePage(Struct, frozen=True, kw_only=True):
    """A page of notices; `cursor` fetches the next, None at the end."""

    items: list[Notice]
    cursor: str | None = None


class Office(Protocol):
    """Who handles and who is told: what people edit, and the notices."""

    def kept(self, type_: type[O]) -> list[O]:
        """All of a kind, disabled ones too, by id."""
        ...

    def kept_one(self, type_: type[O], id_: str) -> O | None: ...

    def office_version(self) -> tuple[int, int]:
        """Another pair after any change of what is kept; cheap to ask."""
        ...

    def fact(self, id_: str) -> FactCard | None: ...

    def all_facts(self) -> list[FactCard]:
        """Of every jurisdiction, withdrawn ones too, by id."""
        ...

    def states(self, stage: str) -> list[StateRow]:
        """All rows of a stage's state, of every jurisdiction."""
        ...

    def waiting(self, limit: int) -> list[Notice]:
        """Notices that nobody was told of yet, oldest first."""
        ...

    def notices(self, query: NoticeQuery) -> NoticePage: ...

    def notices_by_id(self, ids: Sequence[str]) -> list[Notice]:
        """Those that are there, in any order."""
        ...
