"""Boundaries that a deployment supplies: read, refused with a sentence, given by area."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.boundaries import MOST_POINTS, Boundary, load_boundaries
from api.parts import Parts
from app.judgement import build_boundaries, build_gazetteer
from core.errors import ConfigurationError
from core.records import Role
from core.settings import Settings
from tests.unit.api.conftest import ClientOf

SQUARE = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]


def feature(code: object = "990100001", rings: Any = None, kind: str = "Polygon") -> dict[str, Any]:
    coordinates = [SQUARE] if rings is None else rings
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": kind, "coordinates": coordinates}}


def written(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "boundaries.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_polygons_with_holes_and_islands_are_read_by_code(tmp_path: Path) -> None:
    high = [[*corner, 12.5] for corner in SQUARE]
    path = written(tmp_path, feature(990100002, [[SQUARE], [high, SQUARE]], "MultiPolygon"), feature())
    first, second = load_boundaries(path)
    assert (first.code, second.code) == ("990100001", "990100002")
    assert len(second.rings) == 3
    assert second.rings[1][0] == (120.0, 30.0)


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([feature(code="")], "feature 1 needs a property `code`"),
        ([feature(), feature()], "feature 2: 990100001 has a feature before"),
        ([feature(rings=[SQUARE[:3]])], r"feature 1 \(990100001\): a ring has at least 4 corners"),
        ([feature(rings=[[*SQUARE[:3], [120.05, 30.05]]])], "ends where it begins"),
        ([feature(rings=[[[500000.0, 3300000.0]] * 4])], "WGS 84"),
        ([feature(rings=[])], "has no ring"),
        ([feature(rings=[1.0, 2.0], kind="Point")], r"Point.*features\[0\]\.geometry"),
        ([feature(rings=[SQUARE[:1] * (MOST_POINTS + 1)])], "simplify"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_refused_with_a_reason(
    tmp_path: Path, features: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_boundaries(written(tmp_path, *features))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "Topology"}', "\xff"])
def test_what_is_no_geojson_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "boundaries.geojson"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ConfigurationError, match=r"boundaries\.geojson"):
        load_boundaries(path)


def test_a_code_that_no_place_has_is_refused_and_no_file_is_no_boundary(tmp_path: Path) -> None:
    settings = Settings(policy_dir=tmp_path)
    gazetteer = build_gazetteer(settings)
    assert build_boundaries(settings, gazetteer) == []
    written(tmp_path, feature("990100001"), feature("990199999"))
    with pytest.raises(ConfigurationError, match="no place has the code 990199999"):
        build_boundaries(settings, gazetteer)


def test_a_screen_is_given_the_parts_of_its_area(parts: Parts, client_of: ClientOf) -> None:
    parts.places.update({"990100": "云湾区", "990100001": "望潮街道", "990100001101": "滨河花园"})
    ring = [(120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.0)]
    parts.boundaries.extend(Boundary(code=code, rings=[ring]) for code in ("990100001", "990100001101"))
    answer = client_of(Role.VIEWER).get("/api/v1/board/boundaries", params={"area": "990100"}).json()
    assert [one["code"] for one in answer["items"]] == ["990100001"]
    assert answer["items"][0]["rings"][0][1] == [120.1, 30.0]
