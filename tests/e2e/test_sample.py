"""The first minute: the bundled sample rises on the board by itself, and one click removes it for good."""

import time
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.product import Serving, until


def test_the_sample_shows_incidents_within_the_first_minute_and_goes_by_one_call(tmp_path: Path) -> None:
    with Serving(tmp_path / "data", "--sample") as serving, serving.client("admin") as http:
        assert serving.code

        def settled() -> bool:
            items = http.get("/api/v1/incidents").json()["items"]
            return len([i for i in items if i["case"]]) >= 3

        until(settled, 120, f"no incidents of the sample:\n{serving.log_text()}")
        board = http.get("/api/v1/board").json()
        assert board["sample"]
        assert board["figures"]["posts"] > 100
        states = {c["state"] for c in until(lambda: _handled(http), 60, "no case of the past was handled")}
        assert "evaluated" in states
        drafts = [http.get(f"/api/v1/cases/{c['id']}").json()["drafts"] for c in _cases(http)]
        proposed = [d for made in drafts for d in made[:1] if d["status"] == "proposed"]
        assert proposed, "the water main and the school lunch have fact cards"
        assert all(s["cites"] for d in proposed for s in d["sentences"])
        mixed = [d for d in proposed if len(_matters(d)) > 1]
        assert 5 * len(mixed) <= len(proposed), (
            "two rumours of sickness meet in one incident (docs/incidents.md), no more"
        )
        assert all(_matters(d) for d in proposed)

        assert http.delete("/api/v1/sample").status_code == 200
        time.sleep(3)  # the player would have sent two more posts by now
        gone = http.get("/api/v1/board").json()
        assert (gone["figures"]["posts"], gone["incidents"], gone["sample"]) == (0, [], False)
        assert http.get("/api/v1/cases").json()["items"] == []
    with Serving(tmp_path / "data", "--sample") as again, again.client("viewer") as http:
        time.sleep(2)
        assert http.get("/api/v1/posts").json()["items"] == []


def _matters(draft: dict[str, Any]) -> set[str]:
    """The matters of the cards that a draft cites; the ids of the sample's cards begin with theirs."""
    cites = [cite for sentence in draft["sentences"] for cite in sentence["cites"]]
    return {cite["id"].partition("-")[0] for cite in cites if cite["kind"] == "fact"}


def _cases(http: httpx.Client) -> list[dict[str, str]]:
    items: list[dict[str, str]] = http.get("/api/v1/cases").json()["items"]
    return items


def _handled(http: httpx.Client) -> list[dict[str, str]]:
    found = _cases(http)
    return found if any(c["state"] == "evaluated" for c in found) else []
