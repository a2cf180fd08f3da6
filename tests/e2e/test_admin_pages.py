"""What only administrators see, in a real Chromium: every page through axe, and the settings without secrets."""

from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.e2e.axe import violations
from tests.e2e.browser import LAUNCH_ARGS, chromium
from tests.e2e.desk import logged_in
from tests.e2e.product import Serving

PAGES = ("webhooks", "people", "channels", "rejected", "settings")


@pytest.mark.timeout(300)
def test_pages_of_administrators_are_accessible_and_show_no_secret(tmp_path: Path) -> None:
    secret = "tell nobody of this salt"
    with (
        Serving(tmp_path / "data", HUIYING_SALT=secret, HUIYING_RETENTION_DAYS="90") as serving,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(LAUNCH_ARGS))
        page = browser.new_page(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
        logged_in(page, serving)
        found: list[str] = []
        for section in PAGES:
            page.goto(f"{serving.url}/#/manage/{section}")
            expect(page.locator("main .panel").first).to_be_visible()
            for language in ("zh-Hans", "zh-Hant", "en"):
                page.locator(".preferences select").select_option(language)
                for scheme in ("light", "dark"):
                    page.evaluate("theme => (document.documentElement.dataset.theme = theme)", scheme)
                    found += [f"{section} {language} {scheme}: {one}" for one in violations(page)]
        assert found == []
        row = page.locator("tr", has_text="HUIYING_RETENTION_DAYS")
        expect(row).to_contain_text("90")
        expect(row).to_contain_text("730")
        expect(page.locator("tr", has_text="HUIYING_SALT")).to_contain_text("***")
        assert secret not in page.content()
        browser.close()
