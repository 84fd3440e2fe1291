"""Boundaries of units, simplified together so that neighbours still meet, and drawn as paths.

The file is read by GDAL through geopandas, the optional extra ``maps``. Only formats that are one
file and refer to no other are read, and what they are is told by how they begin, not by their
names.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.language import Message
from workbench.specs.rendering import Boundaries

LARGEST_FILE = 300_000_000
STARTS = (b"{", b"SQLite format 3\x00", b"fgb")
WIDTH = 10_000.0  # of a map, in its own units
TALLEST = 1.6  # of its width
MOST_POINTS = 60_000
# A tenth of a pixel on a large screen, and what is simplified further where that leaves too much.
TOLERANCES = (4.0, 6.0, 9.0, 14.0, 20.0, 30.0, 45.0)


@dataclass(frozen=True, slots=True)
class Outlines:
    """Areas as they are drawn.

    Parameters
    ----------
    width, height : int
        Of the drawing.
    paths : dict of str to str
        By code, in the order of the file.
    points : int
        How many points they have.
    source : str
    """

    width: int
    height: int
    paths: dict[str, str]
    points: int


def read_outlines(path: Path, spec: Boundaries, place: Place) -> Outlines:
    """Return the areas of a file as paths.

    Parameters
    ----------
    path : Path
    spec : Boundaries
    place : Place
        Where the study names the file, for errors.

    Raises
    ------
    DataError
        If geopandas is not installed, the file can't be read or is no such file, lacks the property
        or holds no areas.
    """
    frame = _read(path, spec, place)
    codes = _codes(frame, spec, place)
    shapes = np.asarray(frame.geometry.values, dtype=object)
    known = np.array(
        [s is not None and not s.is_empty and bool(c) for s, c in zip(shapes, codes, strict=True)]
    )
    shapes, codes = shapes[known], [c for c, k in zip(codes, known, strict=True) if k]
    if not codes or any(s.geom_type not in ("Polygon", "MultiPolygon") for s in shapes):
        what = Message("the boundary file holds no areas, or other things beside them")
        fix = Message("Give a file of polygons, one or several for each unit.")
        raise DataError(Problem(Reason.FILE_FORMAT, what, place, got=spec.file, fix=fix))
    return _drawn(_flat(shapes, frame.crs), codes)


def _read(path: Path, spec: Boundaries, place: Place) -> Any:
    """Return the file as a table."""
    try:
        import geopandas
    except ImportError as cause:
        what = Message("a map needs geopandas, which is not installed")
        fix = Message(
            "Install it: pip install 'municipal-workbench[maps]', or leave out boundaries."
        )
        raise DataError(Problem(Reason.PARAMETER_VALUE, what, place, fix=fix)) from cause
    size = path.stat().st_size
    if size > LARGEST_FILE:
        what = Message("the file is larger than {n} bytes", n=LARGEST_FILE)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place, got=spec.file))
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    wrong = Problem(
        Reason.FILE_FORMAT, Message("this is no file of boundaries"), place, got=spec.file,
        expected=Message("GeoJSON, TopoJSON, GeoPackage or FlatGeobuf"),
    )  # fmt: skip
    if not start.startswith(STARTS):
        raise DataError(wrong)
    try:
        frame = geopandas.read_file(path, layer=spec.layer, engine="pyogrio")
    except Exception as cause:  # GDAL's readers fail in many ways
        raise DataError(wrong) from cause
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise DataError(wrong)
    return frame


def _codes(frame: Any, spec: Boundaries, place: Place) -> list[str]:
    """Return the code of each area as text."""
    if spec.code not in frame.columns or spec.code == frame.geometry.name:
        names = [str(c) for c in frame.columns if c != frame.geometry.name]
        what = Message("the areas have no such property")
        fix = did_you_mean(spec.code, names)
        raise DataError(Problem(Reason.COLUMN_MISSING, what, place, got=spec.code, fix=fix))
    values = frame[spec.code]
    if values.dtype.kind in "iuf":
        what = Message("the property {name} holds numbers; codes are text", name=spec.code)
        fix = Message('Write the codes in the file as text, with their zeros: "01001".')
        raise DataError(Problem(Reason.CODE_IS_NUMBER, what, place, fix=fix))
    return ["" if v is None or v != v else str(v).strip() for v in values]


def _flat(shapes: NDArray[Any], crs: Any) -> NDArray[Any]:
    """Return areas on a plane, y downwards: degrees are made as wide as they are in the middle."""
    import shapely

    left, low, right, high = shapely.total_bounds(shapes)
    degrees = (
        crs.is_geographic
        if crs is not None
        else max(abs(left), abs(right)) <= 180 and max(abs(low), abs(high)) <= 90
    )
    wide = cos(radians((low + high) / 2)) if degrees else 1.0
    span = max((right - left) * wide, (high - low) / TALLEST) or 1.0
    by = np.array([wide * WIDTH / span, -WIDTH / span])
    start = np.array([left, high])
    moved: NDArray[Any] = shapely.transform(shapes, lambda at: (at - start) * by)
    return moved


def _drawn(shapes: NDArray[Any], codes: list[str]) -> Outlines:
    """Return areas as paths, simplified until they have few enough points."""
    import shapely

    found = shapes
    for tolerance in TOLERANCES:
        # Simplified together: a border that two areas share stays one.
        found = shapely.coverage_simplify(shapes, tolerance)
        if int(shapely.get_num_coordinates(found).sum()) <= MOST_POINTS:
            break
    paths: dict[str, str] = {}
    points = 0
    for code, shape in zip(codes, found, strict=True):
        drawn = []
        for part in shapely.get_parts(shape):
            for ring in (part.exterior, *part.interiors):
                text, n = _ring(shapely.get_coordinates(ring))
                points += n
                drawn.append(text)
        paths[code] = paths.get(code, "") + "".join(drawn)
    box = shapely.total_bounds(found)
    return Outlines(int(np.ceil(box[2])), int(np.ceil(box[3])), paths, points)


def _ring(at: NDArray[np.float64]) -> tuple[str, int]:
    """Return a ring as steps in whole numbers, and its points; one that is no area is left out."""
    whole = np.rint(at).astype(int)
    steps = np.diff(whole, axis=0)
    steps = steps[np.any(steps != 0, axis=1)][:-1]  # the last step is closed by z
    if len(steps) < 2:
        return "", 0
    x, y = whole[0]
    said = " ".join(f"{dx} {dy}" for dx, dy in steps.tolist()).replace(" -", "-")
    return f"M{x} {y}l{said}z", len(steps) + 1
