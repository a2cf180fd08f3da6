"""Sends what the outbox holds: signed webhooks to machines, Apprise messages to people."""

from alerts.delivery.courier import OUTCOMES, Courier, Receivers, Round, deliver_due
from alerts.delivery.people import PersonSender
from alerts.delivery.webhooks import Outcome, WebhookSender, new_secret, sign

__all__ = [
    "OUTCOMES",
    "Courier",
    "Outcome",
    "PersonSender",
    "Receivers",
    "Round",
    "WebhookSender",
    "deliver_due",
    "new_secret",
    "sign",
]
