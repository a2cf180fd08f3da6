"""Rules of the house that no linter knows."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("alerts", "api", "app", "core", "crawlers", "nlp", "stream")
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
DRAWERS = {"utils", "helpers", "common", "misc", "base", "util", "shared"}

MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_our_packages_are_ours_and_not_namesakes_from_elsewhere(package: str) -> None:
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).parent == ROOT / package


def _functions() -> Iterator[tuple[str, int]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.name}", lines


def test_functions_are_short() -> None:
    assert [(name, lines) for name, lines in _functions() if lines > LONGEST_FUNCTION] == []


def test_nine_functions_of_ten_fit_on_a_screen() -> None:
    lengths = sorted(lines for _, lines in _functions())
    assert lengths[len(lengths) * 9 // 10] <= 28


def test_modules_are_short() -> None:
    lines = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES}
    assert {name: n for name, n in lines.items() if n > LONGEST_MODULE} == {}


def test_there_is_no_drawer() -> None:
    assert [str(p) for p in MODULES if p.stem in DRAWERS or p.parent.name in DRAWERS] == []


def test_our_own_code_is_imported_at_the_top_of_a_module() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").split(".")[0] in PACKAGES
    ]
    assert hidden == []


def test_every_package_says_what_it_is_for() -> None:
    silent = [str(p.relative_to(ROOT)) for p in MODULES if p.name == "__init__.py" and not _docstring(p)]
    assert silent == []


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
