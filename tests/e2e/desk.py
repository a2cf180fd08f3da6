"""A person at the console of a real server, in a real Chromium."""

from playwright.sync_api import Page, expect

from tests.e2e.product import Serving

PASSWORD = "a long enough password"
SOON_MS = 60_000
"""Longer than anything takes on a busy machine; only a failure waits so long."""


def logged_in(page: Page, serving: Serving) -> None:
    """By the one-time link of the first start: an administrator, at the board."""
    page.set_default_timeout(SOON_MS)
    page.goto(serving.link)
    page.fill("[name=name]", "安娜")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=repeated]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".situation-line")).to_be_visible()
