"""Boundaries of the parts of a jurisdiction, as a deployment supplies them; none are shipped (docs/adr/0022).

They come as GeoJSON (RFC 7946): one feature a part, whose property `code` is its division code and whose geometry is a polygon
or several, in degrees. They are only drawn: nothing is decided by them.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct, ValidationError
from msgspec.json import decode

from core.errors import ConfigurationError

MOST_POINTS = 50_000
"""More is never seen on a screen, and is sent to each of them."""
FEWEST_CORNERS = 4
"""Of a ring, whose last corner is its first."""

Ring = list[tuple[float, float]]


class Boundary(Struct, frozen=True, kw_only=True):
    """`rings` are outlines and holes alike, corners as longitude and latitude: filled by the even-odd rule."""

    code: str
    rings: list[Ring]


class BoundaryList(Struct, frozen=True, kw_only=True):
    """Of the parts of one area; empty where the deployment supplies none."""

    items: list[Boundary]


class _Polygon(Struct, tag_field="type", tag="Polygon"):
    coordinates: list[list[list[float]]]


class _MultiPolygon(Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: list[list[list[list[float]]]]


class _Feature(Struct, tag_field="type", tag="Feature"):
    geometry: _Polygon | _MultiPolygon
    properties: dict[str, Any]


class _Collection(Struct, tag_field="type", tag="FeatureCollection"):
    features: list[_Feature]


def load_boundaries(path: Path) -> list[Boundary]:
    """The boundaries of a file, by code. Raises `ConfigurationError` that names the file, the feature and what to do."""
    try:
        features = decode(path.read_bytes(), type=_Collection).features
    except ValidationError as error:
        raise ConfigurationError(
            f"{path}: {error}; it must be a FeatureCollection of Polygon and MultiPolygon with properties"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not JSON in UTF-8: {error}") from error
    found: dict[str, Boundary] = {}
    for number, feature in enumerate(features, 1):
        where = f"{path}: feature {number}"
        boundary = _boundary(feature, where)
        if boundary.code in found:
            raise ConfigurationError(f"{where}: {boundary.code} has a feature before; make one MultiPolygon of both")
        found[boundary.code] = boundary
    _check_size(path, list(found.values()))
    return [found[code] for code in sorted(found)]


def _boundary(feature: _Feature, where: str) -> Boundary:
    code = str(feature.properties.get("code", ""))
    if not code.isascii() or not code.isdigit():
        raise ConfigurationError(f"{where} needs a property `code` with a division code, like 330106")
    shape = feature.geometry
    polygons = shape.coordinates if isinstance(shape, _MultiPolygon) else [shape.coordinates]
    rings = [_ring(ring, f"{where} ({code})") for polygon in polygons for ring in polygon]
    if not rings:
        raise ConfigurationError(f"{where} ({code}) has no ring")
    return Boundary(code=code, rings=rings)


def _ring(corners: list[list[float]], where: str) -> Ring:
    if len(corners) < FEWEST_CORNERS or corners[0] != corners[-1]:
        raise ConfigurationError(f"{where}: a ring has at least {FEWEST_CORNERS} corners, and ends where it begins")
    for corner in corners:
        if len(corner) not in (2, 3) or abs(corner[0]) > 180 or abs(corner[1]) > 90:
            raise ConfigurationError(
                f"{where}: {corner} is no longitude and latitude in degrees; convert projected coordinates to WGS 84"
            )
    return [(corner[0], corner[1]) for corner in corners]


def _check_size(path: Path, boundaries: list[Boundary]) -> None:
    points = sum(len(ring) for boundary in boundaries for ring in boundary.rings)
    if points > MOST_POINTS:
        raise ConfigurationError(f"{path} has {points} corners, at most {MOST_POINTS} are drawn: simplify the lines")
