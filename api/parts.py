"""What the application is made of; `app` composes it, tests pass their own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.notices import Plan
from alerts.policy import Policy
from alerts.reports.maker import Maker
from alerts.rulebook import Book
from api.boundaries import Boundary
from api.collecting import Collecting
from core.clock import NewId, Now
from core.effects import Effects
from core.ports import Storage
from core.records import CaseEvent
from core.settings import SettingInForce
from core.telemetry import Metrics
from nlp.intake import Intake


@dataclass(frozen=True, slots=True)
class Parts:
    """`draft` makes a draft for a case (event, now, who, kind); `remove` forgets a jurisdiction and what is held of it;
    `taught` is called after a correction, so that the stages of this process know of it at once. A console locks after
    `idle_minutes` without a hand on it, 0: never. `link_key` signs the links of messages; `plan` is how people are told.
    `collecting` looks at sources before they are added. `boundaries` are those that the deployment supplies, often none.
    Business as usual is told as silence at most `false_a_day` times a day. `settings` are only for showing: whatever acts
    by one is given it by itself.
    """

    storage: Storage
    intake: Intake
    book: Book
    draft: Callable[[CaseEvent, datetime, str, str], Effects]
    remove: Callable[[str], Awaitable[None]]
    taught: Callable[[], None]
    collecting: Collecting
    now: Now
    new_id: NewId
    metrics: Metrics
    time_zone: str
    public_url: str
    version: str
    link_key: bytes
    plan: Plan
    places: dict[str, str]
    reports: Maker
    boundaries: list[Boundary] = field(default_factory=list)
    settings: list[SettingInForce] = field(default_factory=list)
    idle_minutes: int = 15
    false_a_day: float = 0.5

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.book.current()

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.time_zone)
