"""Colours, shapes and type: one place, for figures, HTML and PDF alike.

The level colours differ in lightness as well as in hue, so that they stay apart in grey print and
for colour-blind readers, and none is used without its shape and word.
"""

from __future__ import annotations

from workbench.display.blocks import Chip
from workbench.study.views import LevelInfo

TONES = {
    "red": "#9B2C26",
    "orange": "#CF6A2B",
    "yellow": "#F3C63F",
    "light_green": "#93C58A",
    "green": "#3A9873",
    "blue": "#2B5C8A",
    "grey": "#A9AFB7",
    "white": "#FFFFFF",
}
INK = "#1F2933"
MUTED = "#59636F"
FAINT = "#D5DAE0"
ACCENT = "#1B4F7A"
PEER = "#7FA6C6"
OTHER = "#C9D3DC"
FONT = "Public Sans"

# Shape by place from worst to best; a scale of two uses the ends.
_SHAPES = {
    2: ("triangle", "circle"),
    3: ("triangle", "square", "circle"),
    4: ("triangle", "square", "diamond", "circle"),
}
_TONES = {
    2: ("red", "green"),
    3: ("red", "yellow", "green"),
    4: ("red", "orange", "yellow", "green"),
    5: ("red", "orange", "yellow", "light_green", "green"),
}
# States have no colour of their own: a box, and in it a pattern that only this state has.
STATE_CHIPS = {
    "not_available": ("grey", "hatch"),
    "not_measurable": ("white", "ring"),
    "not_applicable": ("white", "cross"),
    "missing": ("white", "box"),
    "undetermined": ("grey", "dots"),
    "bounded": ("white", "lines"),
    "insufficient": ("grey", "box"),
}
# What a state's box holds, on a field of 12 by 12: lines (x, y, x, y) and circles (x, y, radius).
PATTERNS: dict[str, tuple[tuple[float, ...], ...]] = {
    "box": (),
    "hatch": ((1.2, 6, 6, 1.2), (1.2, 10.8, 10.8, 1.2), (6, 10.8, 10.8, 6)),
    "ring": ((6, 6, 2.5),),
    "cross": ((3.2, 3.2, 8.8, 8.8), (3.2, 8.8, 8.8, 3.2)),
    "dots": ((4, 4, 0.6), (8, 4, 0.6), (4, 8, 0.6), (8, 8, 0.6)),
    "lines": ((1.2, 4.5, 10.8, 4.5), (1.2, 7.5, 10.8, 7.5)),
}
# The same patterns as matplotlib names them, made of lines or of marks: (name, size in points).
# Its own hatches of circles are a hundred times larger than the bars that they fill.
HATCHES = {"box": "", "hatch": "////", "cross": "xxx", "lines": "----", "ring": "", "dots": ""}
MARKED = {"ring": ("o", 3.4), "dots": ("o", 1.0)}


def level_tone(level: LevelInfo) -> str:
    """Return the colour of a level: its own, else by its place from worst to best."""
    if level.colour:
        return level.colour
    tones = _TONES.get(level.of)
    if tones:
        return tones[level.place]
    ramp = _TONES[5]
    return ramp[round(level.place / max(level.of - 1, 1) * (len(ramp) - 1))]


def level_shape(level: LevelInfo) -> str:
    """Return the shape of a level by its place; scales of many letters use the letter alone."""
    shapes = _SHAPES.get(level.of)
    if shapes:
        return shapes[level.place]
    ramp = _SHAPES[4]
    return ramp[round(level.place / max(level.of - 1, 1) * (len(ramp) - 1))]


def level_chip(level: LevelInfo) -> Chip:
    """Return a level as a chip."""
    return Chip(level.title, level_tone(level), level_shape(level))


def state_chip(state: str, title: str) -> Chip:
    """Return a state without a level as a chip."""
    tone, shape = STATE_CHIPS.get(state, ("white", "dash"))
    return Chip(title, tone, shape)
