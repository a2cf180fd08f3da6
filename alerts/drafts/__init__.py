"""Proposed replies in which every sentence is locked to its evidence."""

from alerts.drafts.compose import Desk, Order, compose
from alerts.drafts.phrase import EndpointPhraser, Phraser
from alerts.drafts.templates import Templates, load_templates

__all__ = ["Desk", "EndpointPhraser", "Order", "Phraser", "Templates", "compose", "load_templates"]
