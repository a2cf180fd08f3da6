"""axe, from the packages of web/ (make web installs them): what it holds against a page, in words."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def violations(page: Page) -> list[str]:
    """Violations of WCAG 2.1 A and AA on the page as it is now: rule, element, what is wrong."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(r => r.violations)", RULES
    )
    return [
        f"{one['id']}: {node['html'][:160]}: {node.get('failureSummary', '')}" for one in found for node in one["nodes"]
    ]
