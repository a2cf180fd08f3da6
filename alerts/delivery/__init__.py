"""Sends what the outbox holds: signed webhooks to machines, Apprise messages to people."""
