"""Drawing straight to SVG: what is drawn in thousands of reports costs a hundredth of a plot.

A sheet has axes, and these the few methods of matplotlib's that our figures use, by the same names
and with the same meaning, so that whoever knows those can read and change a figure, and legends and
labels are drawn by the same lines on either. Nothing is clipped, nothing is referred to by an id,
and the same call gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from html import escape
from math import cos, pi, sin
from typing import Any, Concatenate, NamedTuple, ParamSpec

import numpy as np
from numpy.typing import NDArray

from workbench.display.blocks import Drawing
from workbench.display.style import FAINT, FONT, INK, MUTED
from workbench.display.svg import FONTS, PAGE, PHONE, SIZE, Canvas

Parameters = ParamSpec("Parameters")
Numbers = Sequence[float] | NDArray[np.float64]
TICKS = SIZE - 0.5  # size of the letters of tick labels
TICK_PAD, LABEL_PAD = 3.5, 4.0  # points: from an axis to its tick labels, from these to its title
HATCH_STEP = {"/": 6.0, "x": 8.0, "-": 3.0}  # points from one line of a pattern to the next
_ANCHORS = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}
_SHAPES = {
    "s": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "D": ((0, -0.707), (0.707, 0), (0, 0.707), (-0.707, 0)),
    "^": ((0, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "v": ((0, 0.5), (0.5, -0.5), (-0.5, -0.5)),
    "*": tuple((sin(k * pi / 5) * r, -cos(k * pi / 5) * r) for k, r in enumerate((0.5, 0.191) * 5)),
}
_STROKES = {"_": ((-0.5, 0.0), (0.5, 0.0)), "|": ((0.0, -0.5), (0.0, 0.5))}


class Box(NamedTuple):
    """A part of a sheet as shares of it."""

    width: float
    height: float


@dataclass
class Sheet:
    """A drawing of a size in inches.

    Parameters
    ----------
    width, height : float
    """

    width: float
    height: float
    parts: list[Axes] = field(default_factory=list)

    def get_size_inches(self) -> tuple[float, float]:
        """Return width and height."""
        return self.width, self.height

    def add_axes(self, box: tuple[float, float, float, float]) -> Axes:
        """Return axes at a box of shares of the sheet: left, bottom, width, height."""
        left, bottom, width, height = box
        across, down = 72 * self.width, 72 * self.height
        top = 1 - bottom - height
        made = Axes(self, left * across, top * down, width * across, height * down)
        self.parts.append(made)
        return made

    def svg(self) -> str:
        """Return the drawing as an SVG element that fills the width it is given."""
        body = "".join(part.svg() for part in self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self.width * 72)} '
            f"{_n(self.height * 72)}\" font-family=\"'{FONT}', 'DejaVu Sans'\" "
            f'font-size="{_n(SIZE)}" fill="{INK}" stroke-linejoin="round">{body}</svg>'
        )


@dataclass
class Spine:
    """One side of the frame of axes."""

    visible: bool = True
    colour: str = FAINT

    def set_visible(self, visible: bool) -> None:
        """Show or hide it."""
        self.visible = visible

    def set_color(self, colour: str) -> None:
        """Colour it."""
        self.colour = colour


@dataclass
class Axis:
    """One axis: how its ticks are written, and its title."""

    write: Callable[[float, Any], str] | None = None
    title: str = ""
    style: dict[str, Any] = field(default_factory=dict)
    grid: bool = False
    ticks: bool = True

    def set_major_formatter(self, write: Callable[[float, Any], str]) -> None:
        """Take what writes a number on the axis; without it no ticks are drawn."""
        self.write = write


@dataclass
class Axes:
    """A field of a sheet in which data are drawn.

    Parameters
    ----------
    sheet : Sheet
    left, top, width, height : float
        In points.
    """

    sheet: Sheet
    left: float
    top: float
    width: float
    height: float
    _x: tuple[float, float] = (0.0, 1.0)
    _y: tuple[float, float] = (0.0, 1.0)
    _framed: bool = True
    xaxis: Axis = field(default_factory=Axis)
    yaxis: Axis = field(default_factory=Axis)
    spines: dict[str, Spine] = field(
        default_factory=lambda: {side: Spine() for side in ("left", "bottom", "right", "top")}
    )
    _drawn: list[tuple[float, str]] = field(default_factory=list)

    # -- what the axes are ------------------------------------------------------------------------

    def set(
        self,
        *,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        yticks: Sequence[float] | None = None,
    ) -> None:
        """Set the ends of the axes, before anything is drawn.

        An empty ``yticks`` leaves the vertical one unwritten.
        """
        self._x, self._y = xlim or self._x, ylim or self._y
        self.yaxis.ticks = self.yaxis.ticks and yticks is None

    def get_xlim(self) -> tuple[float, float]:
        """Return the ends of the horizontal axis."""
        return self._x

    def get_ylim(self) -> tuple[float, float]:
        """Return the ends of the vertical axis."""
        return self._y

    def get_position(self) -> Box:
        """Return the size of the axes as shares of the sheet."""
        return Box(self.width / 72 / self.sheet.width, self.height / 72 / self.sheet.height)

    def axis(self, _off: str) -> None:
        """Draw neither frame nor ticks."""
        self._framed = False

    def grid(self, axis: str = "both") -> None:
        """Draw lines at the ticks of one axis or of both, behind everything."""
        self.xaxis.grid, self.yaxis.grid = axis in ("both", "x"), axis in ("both", "y")

    def set_xlabel(self, text: str, **style: Any) -> None:
        """Write what the horizontal axis counts, below it."""
        self.xaxis.title, self.xaxis.style = text, style

    def set_ylabel(self, text: str, **style: Any) -> None:
        """Write what the vertical axis counts, turned beside it."""
        self.yaxis.title, self.yaxis.style = text, style

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point in points from the upper left of the sheet."""
        (x0, x1), (y0, y1) = self._x, self._y
        return (
            self.left + (x - x0) / (x1 - x0) * self.width,
            self.top + self.height - (y - y0) / (y1 - y0) * self.height,
        )

    # -- what is drawn ----------------------------------------------------------------------------

    def plot(
        self,
        xs: Numbers,
        ys: Numbers,
        *,
        color: str = INK,
        lw: float = 1.5,
        marker: str = "",
        markersize: float = 6.0,
        markerfacecolor: str | None = None,
        markeredgecolor: str | None = None,
        markeredgewidth: float = 1.0,
        linestyle: str = "-",
        solid_capstyle: str = "square",
        zorder: float = 2.0,
        clip_on: bool = True,
    ) -> None:
        """Draw a line through points, and a mark at each."""
        del clip_on  # nothing is clipped
        points = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
        if linestyle != "none" and len(points) > 1:
            way = " ".join(f"{_n(x)} {_n(y)}" for x, y in points)
            cap = "" if solid_capstyle == "butt" else f' stroke-linecap="{solid_capstyle}"'
            line = f'<path d="M{way}" fill="none" stroke="{color}" stroke-width="{_n(lw)}"{cap}/>'
            self._drawn.append((zorder, line))
        if marker and points:
            face, edge = markerfacecolor or color, markeredgecolor or color
            style = f'fill="{face}" stroke="{edge}" stroke-width="{_n(markeredgewidth)}"'
            marks = "".join(_mark(marker, x, y, markersize) for x, y in points)
            self._drawn.append((zorder, f"<g {style}>{marks}</g>"))

    def barh(
        self,
        y: Numbers,
        width: Numbers,
        *,
        left: float | Numbers = 0.0,
        height: float = 0.8,
        zorder: float = 1.0,
        **style: Any,
    ) -> None:
        """Draw horizontal bars around places; ``style`` as of :meth:`box`."""
        starts = [left] * len(width) if isinstance(left, int | float) else left
        for middle, wide, start in zip(y, width, starts, strict=True):
            ends = (start, middle - height / 2), (start + wide, middle + height / 2)
            self._box(*ends, zorder, **style)

    def bar(
        self, x: Numbers, height: Numbers, width: Numbers, *, bottom: Numbers | None = None,
        color: str = INK, align: str = "edge",
    ) -> None:  # fmt: skip
        """Draw upright bars from their left edges."""
        del align
        floors = [0.0] * len(x) if bottom is None else bottom
        for left, high, wide, low in zip(x, height, width, floors, strict=True):
            if high:
                self._box((left, low), (left + wide, low + high), 1.0, color=color)

    def _box(
        self,
        one: tuple[float, float],
        two: tuple[float, float],
        zorder: float,
        *,
        color: str = INK,
        edgecolor: str = "none",
        linewidth: float = 1.0,
        hatch: str = "",
    ) -> None:
        """Draw a box between two corners, with a pattern of lines in the colour of its edge."""
        (x0, y0), (x1, y1) = self.at(*one), self.at(*two)
        left, top, wide, high = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
        place = f'x="{_n(left)}" y="{_n(top)}" width="{_n(wide)}" height="{_n(high)}"'
        if hatch:
            lines = _pattern(hatch[0], left, top, wide, high)
            body = f'<rect {place} fill="{color}"/>'
            body += f'<path d="{lines}" fill="none" stroke="{edgecolor}" stroke-width=".6"/>'
            self._drawn.append((zorder, body))
            return
        edge = "" if edgecolor == "none" else f' stroke="{edgecolor}"'
        if edge and linewidth != 1:
            edge += f' stroke-width="{_n(linewidth)}"'
        self._drawn.append((zorder, f'<rect {place} fill="{color}"{edge}/>'))

    def text(
        self, x: float, y: float, text: str, *, dx: float = 0.0, dy: float = 0.0, **style: Any
    ) -> None:
        """Write a text at a point, moved by points to the right and down; style as of matplotlib.

        ``ha``, ``va``, ``fontsize``, ``fontweight``, ``color``, ``linespacing``, ``zorder``, and
        ``bbox`` with the colour of a plate under it.
        """
        across, down = self.at(x, y)
        self._drawn.append((style.pop("zorder", 3.0), _text(across + dx, down + dy, text, **style)))

    def arrow(
        self, start: tuple[float, float], end: tuple[float, float], *, color: str, lw: float,
        shrink: tuple[float, float],
    ) -> None:  # fmt: skip
        """Draw an arrow between two points, short of each by some points."""
        (x0, y0), (x1, y1) = self.at(*start), self.at(*end)
        long = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        if long <= sum(shrink):
            return
        ux, uy = (x1 - x0) / long, (y1 - y0) / long
        x0, y0 = x0 + ux * shrink[0], y0 + uy * shrink[0]
        x1, y1 = x1 - ux * shrink[1], y1 - uy * shrink[1]
        base = x1 - ux * 5, y1 - uy * 5
        sides = [(base[0] - uy * s, base[1] + ux * s) for s in (2.2, -2.2)]
        head = " ".join(f"{_n(x)} {_n(y)}" for x, y in ((x1, y1), *sides))
        way = f"M{_n(x0)} {_n(y0)} {_n(base[0])} {_n(base[1])}"
        style = f'stroke="{color}" stroke-width="{_n(lw)}"'
        body = f'<path d="{way}" fill="none" {style}/><path d="M{head}z" fill="{color}"/>'
        self._drawn.append((2.0, body))

    # -- SVG --------------------------------------------------------------------------------------

    def svg(self) -> str:
        """Return what is drawn, from the lowest to the highest."""
        frame = list(self._frame()) if self._framed else []
        return "".join(body for _, body in sorted([*frame, *self._drawn], key=lambda part: part[0]))

    def _frame(self) -> list[tuple[float, str]]:
        """Return sides, grid, tick labels and titles."""
        right, bottom = self.left + self.width, self.top + self.height
        corners = {
            "left": (self.left, self.top, self.left, bottom),
            "right": (right, self.top, right, bottom),
            "top": (self.left, self.top, right, self.top),
            "bottom": (self.left, bottom, right, bottom),
        }
        found = [
            (2.5, _stroke(corners[side], spine.colour, 0.8))
            for side, spine in self.spines.items()
            if spine.visible
        ]
        if self.xaxis.write is not None:
            found += self._across(self.xaxis.write, right, bottom)
        if self.yaxis.write is not None and self.yaxis.ticks:
            found += self._upright(self.yaxis.write, right)
        return found

    def _across(
        self, write: Callable[[float, Any], str], right: float, bottom: float
    ) -> list[tuple[float, str]]:
        """Return grid, labels and title of the horizontal axis."""
        found = []
        for tick in ticks(*self._x, self.width / (3 * TICKS)):
            x = self.at(tick, self._y[0])[0]
            if self.xaxis.grid:
                found.append((0.5, _stroke((x, self.top, x, bottom), FAINT, 0.6)))
            label = _text(x, bottom + TICK_PAD, write(tick, 0), ha="center", va="top",
                          fontsize=TICKS, color=MUTED)  # fmt: skip
            found.append((2.6, label))
        if self.xaxis.title:
            y = bottom + TICK_PAD + TICKS * 0.95 + LABEL_PAD
            middle = (self.left + right) / 2
            style = {"ha": "center", "va": "top", **self.xaxis.style}
            found.append((2.6, _text(middle, y, self.xaxis.title, **style)))
        return found

    def _upright(self, write: Callable[[float, Any], str], right: float) -> list[tuple[float, str]]:
        """Return grid, labels and title of the vertical axis."""
        from workbench.display.svg import widest

        found, labels = [], []
        for tick in ticks(*self._y, self.height / (2 * SIZE)):
            y = self.at(self._x[0], tick)[1]
            if self.yaxis.grid:
                found.append((0.5, _stroke((self.left, y, right, y), FAINT, 0.6)))
            labels.append(write(tick, 0))
            found.append((2.6, _text(self.left - TICK_PAD, y, labels[-1], ha="right", va="center")))
        if self.yaxis.title:
            x = self.left - TICK_PAD - widest(labels) * 72 - LABEL_PAD
            middle = self.top + self.height / 2
            style = {"ha": "center", "va": "bottom", **self.yaxis.style}
            turned = _text(x, middle, self.yaxis.title, **style)
            found.append((2.6, f'<g transform="rotate(-90 {_n(x)} {_n(middle)})">{turned}</g>'))
        return found


def sketch(
    function: Callable[Concatenate[Canvas, Parameters], Sheet],
) -> Callable[Parameters, Drawing]:
    """Make a function that draws on a sheet into one that returns its SVG, for page and phone."""

    @wraps(function)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Drawing:
        return Drawing(*(function(canvas, *args, **kwargs).svg() for canvas in (PAGE, PHONE)))

    return drawn


@lru_cache(maxsize=256)
def ticks(low: float, high: float, room: float) -> tuple[float, ...]:
    """Return round numbers from one end of an axis to the other.

    Parameters
    ----------
    low, high : float
    room : float
        How many labels fit beside each other.
    """
    from matplotlib.ticker import MaxNLocator

    steps = MaxNLocator(nbins=min(max(int(room), 1), 9), steps=[1, 2, 2.5, 5, 10])
    start, end = min(low, high), max(low, high)
    slack = (end - start) * 1e-9
    found = steps.tick_values(start, end)
    return tuple(float(x) for x in found if start - slack <= x <= end + slack)


@lru_cache(maxsize=1)
def _letters() -> tuple[float, float, float]:
    """Return how far ``lp`` rises above its line and falls below it, and the next line's distance.

    In ems. Lines are as far from each other as the font says.
    """
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / "PublicSans-Regular.ttf", lazy=True) as font:
        shapes, em = font["glyf"], font["head"].unitsPerEm
        apart = font["hhea"].ascent - font["hhea"].descent
        return shapes["l"].yMax / em, -shapes["p"].yMin / em, apart / em


def _text(
    x: float, y: float, text: str, *, ha: str = "left", va: str = "baseline",
    fontsize: float = SIZE, fontweight: str = "normal", color: str = INK,
    linespacing: float = 1.0, bbox: dict[str, Any] | None = None,
) -> str:  # fmt: skip
    """Return lines of text around a point."""
    rise, fall, apart = (share * fontsize for share in _letters())
    lines = text.split("\n")
    step = apart * linespacing
    high = rise + fall + step * (len(lines) - 1)
    first = y + {"top": rise, "center": rise - high / 2, "bottom": rise - high, "baseline": 0.0}[va]
    style = _ANCHORS[ha]
    if fontsize != SIZE:
        style += f' font-size="{_n(fontsize)}"'
    if fontweight == "semibold":
        style += ' font-weight="600"'
    if color != INK:
        style += f' fill="{color}"'
    plate = _plate(x, first, lines, fontsize, bbox) if bbox else ""
    return plate + "".join(
        f'<text x="{_n(x)}" y="{_n(first + step * i)}"{style}>{escape(line, quote=False)}</text>'
        for i, line in enumerate(lines)
    )


def _plate(x: float, y: float, lines: list[str], size: float, bbox: dict[str, Any]) -> str:
    """Return the box under a number in the middle of a place."""
    from workbench.display.svg import widest

    rise, fall, _ = (share * size for share in _letters())
    pad = bbox["pad"]
    wide = widest(lines, size) * 72 + 2 * pad
    return (
        f'<rect x="{_n(x - wide / 2)}" y="{_n(y - rise - pad)}" width="{_n(wide)}" '
        f'height="{_n(rise + fall + 2 * pad)}" fill="{bbox["facecolor"]}"/>'
    )


def _mark(marker: str, x: float, y: float, size: float) -> str:
    """Return one mark."""
    if marker == "o":
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(size / 2)}"/>'
    shape = _SHAPES.get(marker) or _STROKES[marker]
    way = " ".join(f"{_n(x + size * a)} {_n(y + size * b)}" for a, b in shape)
    return f'<path d="M{way}{"z" if marker in _SHAPES else ""}"/>'


def _pattern(kind: str, left: float, top: float, wide: float, high: float) -> str:
    """Return the lines of a pattern, cut at the edges of a box."""
    step, ways = HATCH_STEP[kind], []
    if kind == "-":
        for i in range(1, int(high / step) + 1):
            y = top + i * step - step / 2
            ways.append(f"M{_n(left)} {_n(y)}h{_n(wide)}")
        return "".join(ways)
    for i in range(1, int((wide + high) / step) + 1):
        # A rising line meets the lower or right edge first, and the left or upper one last.
        along = i * step
        x0, y0 = max(along - high, 0.0), min(along, high)
        x1, y1 = min(along, wide), max(along - wide, 0.0)
        ways.append(f"M{_n(left + x0)} {_n(top + y0)} {_n(left + x1)} {_n(top + y1)}")
        if kind == "x":
            ways.append(
                f"M{_n(left + x0)} {_n(top + high - y0)} {_n(left + x1)} {_n(top + high - y1)}"
            )
    return "".join(ways)


def _stroke(ends: tuple[float, float, float, float], colour: str, width: float) -> str:
    """Return a straight line."""
    way = " ".join(map(_n, ends))
    return f'<path d="M{way}" stroke="{colour}" stroke-width="{_n(width)}"/>'


def _n(value: float) -> str:
    """Return a coordinate with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
