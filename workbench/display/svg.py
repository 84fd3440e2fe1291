"""Drawing with matplotlib to SVG text that is small, always the same, and safe to put in a page."""

from __future__ import annotations

import logging
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from workbench.display.blocks import Drawing
from workbench.display.style import FAINT, FONT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

Parameters = ParamSpec("Parameters")

_LONG_NUMBER = re.compile(r"(\d+\.\d{2})\d+")
FONTS = Path(__file__).parents[1] / "reports" / "fonts"
SIZE = 8.5
WIDTH = 6.7  # inches: the text width of the page
PHONE_WIDTH = 3.5  # inches: on a phone of 390 pixels its letters are as large as those around it

RC: dict[RcKeyType, Any] = {
    "font.family": [FONT, "DejaVu Sans"],
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": SIZE + 0.5,
    "axes.titleweight": "semibold",
    "axes.titlelocation": "left",
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.labelsize": SIZE - 0.5,
    "ytick.labelsize": SIZE,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "workbench",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "hatch.linewidth": 0.6,
}


@lru_cache(maxsize=1)
def use_fonts() -> None:
    """Make the shipped fonts known to matplotlib, once."""
    # The font for rarer letters has no semibold; that its bold is taken is no news to a reader.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    for path in sorted(FONTS.glob("*.ttf")):
        font_manager.fontManager.addfont(path)


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a figure is drawn on.

    Parameters
    ----------
    width : float
        In inches.
    narrow : bool
        Whether it is for a phone: labels then stand above what they name, not beside it.
    """

    width: float
    narrow: bool = False

    def figure(self, height: float) -> Figure:
        """Return an empty figure, in inches, that no global state of matplotlib knows of."""
        use_fonts()
        figure = Figure(figsize=(self.width, height))
        FigureCanvasSVG(figure)
        return figure


PAGE = Canvas(WIDTH)
PHONE = Canvas(PHONE_WIDTH, narrow=True)


@lru_cache(maxsize=2)
def _advances(weight: str) -> dict[int, float]:
    """Return the widths of letters in ems, of the shipped font and of the one for rarer letters."""
    from fontTools.ttLib import TTFont

    own = "SemiBold" if weight == "semibold" else "Regular"
    rare = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    found: dict[int, float] = {}
    for path in (rare, FONTS / f"PublicSans-{own}.ttf"):
        with TTFont(path, lazy=True) as font:
            em, widths = font["head"].unitsPerEm, font["hmtx"]
            found |= {code: widths[glyph][0] / em for code, glyph in font.getBestCmap().items()}
    return found


@lru_cache(maxsize=8192)
def text_width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Return the width of a text in inches, as the shipped font draws it.

    Letters of East Asia are in no shipped font: whatever draws them makes them wider than high.
    """
    known = _advances(weight)
    ems = (1.2 if unicodedata.east_asian_width(c) in "WF" else known.get(ord(c), 0.6) for c in text)
    return sum(ems) * size / 72.0


def widest(texts: Iterable[str], size: float = SIZE) -> float:
    """Return the width of the widest text in inches."""
    return max((text_width(t, size) for t in texts), default=0.0)


def wrap(text: str, inches: float, size: float = SIZE, lines: int = 2) -> str:
    """Return a text broken at spaces to fit a width, cut with an ellipsis beyond ``lines``.

    A word that is too wide by itself is cut where it stands.
    """
    done, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size) > inches:
            done.append(line)
            line = word
        else:
            line = longer
    done.append(line)
    if len(done) > lines:
        done = [*done[: lines - 1], f"{done[lines - 1]} …"]
    return "\n".join(shorten_to(part, inches, size) for part in done)


def shorten_to(text: str, inches: float, size: float = SIZE) -> str:
    """Return a text cut with an ellipsis to fit a width."""
    if text_width(text, size) <= inches:
        return text
    low, high = 1, len(text)
    while low < high:  # the longest start that fits with its ellipsis
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", size) <= inches:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def to_svg(figure: Figure) -> str:
    """Return a figure as an SVG element that fills the width it is given.

    The prolog, the metadata and fixed sizes are taken away; coordinates keep two decimals.
    """
    out = StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'="[^"]*"', lambda m: _LONG_NUMBER.sub(r"\1", m[0]), text)
    return re.sub(r">\s*\n\s*<", "><", text).strip()


def drawing(
    function: Callable[Concatenate[Canvas, Parameters], Figure],
) -> Callable[Parameters, Drawing]:
    """Make a function that draws on a canvas into one that returns its SVG, for page and phone."""

    @wraps(function)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Drawing:
        made = []
        for canvas in (PAGE, PHONE):
            # Both stand in one page: what one refers to by name must not be found in the other.
            style = {**RC, "svg.hashsalt": "phone" if canvas.narrow else "workbench"}
            with mpl.rc_context(style), warnings.catch_warnings():
                # A letter that no shipped font has is drawn as a box; pages show it in another.
                warnings.filterwarnings("ignore", message="Glyph .* missing from font")
                made.append(to_svg(function(canvas, *args, **kwargs)))
        return Drawing(*made)

    return drawn
