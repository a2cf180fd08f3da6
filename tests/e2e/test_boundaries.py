"""Boundaries that a deployment supplies, as a leader sees them on the board."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.axe import violations
from tests.e2e.test_board import browser
from tests.e2e.test_looks import frozen, opened
from tests.e2e.timed import Office

__all__ = ["browser"]
PARTS = {"990100001": 120.0, "990100002": 120.1}
"""Two of the six parts of the imagined district, and where in the west they begin."""


def _square(west: float) -> list[list[list[float]]]:
    return [[[west, 30.0], [west + 0.1, 30.0], [west + 0.1, 30.1], [west, 30.1], [west, 30.0]]]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Office, str]]:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": _square(west)},
        }
        for code, west in PARTS.items()
    ]
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "boundaries.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    with frozen(tmp_path) as made:
        yield made


def test_boundaries_are_a_map_whose_parts_lead_to_their_posts(browser: Browser, place: tuple[Office, str]) -> None:
    office, url = place
    with opened(browser, office) as page:
        for theme in ("light", "dark"):
            page.goto("about:blank")
            page.goto(f"{url}/?theme={theme}&lang=en")
            shapes = page.locator(".map svg a")
            expect(shapes).to_have_count(len(PARTS))
            expect(shapes.first).to_contain_text("180")
            assert violations(page) == [], theme
        left, right = (shapes.nth(n).bounding_box() for n in (0, 1))
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] / 2 < right["x"]
        expect(page.locator(".map svg")).to_have_attribute("aria-label", re.compile("6 parts.*180 posts"))
        expect(page.locator(".map .apart a")).to_have_count(4)
        page.locator(".map summary").click()
        expect(page.locator(".map tbody tr")).to_have_count(6)
        shapes.first.click()
        expect(page).to_have_url(re.compile(r"#/posts\?place=990100001&span=24"))
