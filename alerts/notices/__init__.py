"""What leaves when something happens: events for machines at once, notices for people through a pipeline of steps."""

from alerts.notices.events import EVENTS, Receivers, deliveries, machine_deliveries, notice_of, test_delivery
from alerts.notices.pipeline import PIPELINE, dispatch
from alerts.notices.plan import Plan, load_plan
from alerts.notices.scene import Scene, Settled
from alerts.notices.words import message_of

__all__ = [
    "EVENTS",
    "PIPELINE",
    "Plan",
    "Receivers",
    "Scene",
    "Settled",
    "deliveries",
    "dispatch",
    "load_plan",
    "machine_deliveries",
    "message_of",
    "notice_of",
    "test_delivery",
]
