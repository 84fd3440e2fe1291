"""The structure of an index as a picture: groups beside their parts, as wide as their weight."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from workbench.audit.index import Structure
from workbench.display.marks import bare_axes
from workbench.display.style import ACCENT, INK, OTHER, PEER
from workbench.display.svg import SIZE, Canvas, drawing, shorten_to

ROW = 0.17  # inches: what a part takes at least to be told apart
MOST = 60  # parts; beyond them indicators are left out
TONES = (OTHER, PEER, ACCENT)


@dataclass(frozen=True, slots=True)
class Piece:
    """A node in the picture: its title, its column, and the part of the height that it takes."""

    title: str
    column: int
    start: float
    height: float


def pieces(structure: Structure) -> list[Piece]:
    """Return the nodes of a structure, each as high as its weight in the index.

    A part of several groups stands in each of them. Groups in which indicators stand beside groups
    are drawn with the groups alone, and a structure of very many parts without its indicators.
    """
    whole = len(structure.indicators) <= MOST
    top = structure.nodes[structure.top].level
    found: list[Piece] = []

    def add(code: str, start: float, height: float, column: int) -> None:
        found.append(Piece(structure.nodes[code].title, column, start, height))
        if not structure.nodes[code].is_group:
            return
        parts = [p for p in structure.parts[code] if whole or structure.nodes[p].is_group]
        if {structure.nodes[p].is_group for p in parts} == {True, False}:
            parts = [p for p in parts if structure.nodes[p].is_group]
        own = dict(zip(structure.parts[code], structure.weights(code).tolist(), strict=True))
        weights = [own[part] for part in parts]
        if sum(weights) <= 0:
            return
        at = start
        for part, weight in zip(parts, weights, strict=True):
            size = height * weight / sum(weights)
            if size > 0:
                add(part, at, size, column + 1)
            at += size

    roots = [c for c in structure.roots if structure.nodes[c].level == top] or [structure.top]
    for place, root in enumerate(roots):
        add(root, place / len(roots), 1 / len(roots), 0)
    return found


@drawing
def structure_of(canvas: Canvas, some: list[Piece]) -> Figure:
    """Return the structure of an index, the index at the left.

    Parameters
    ----------
    canvas : Canvas
    some : list of Piece
        As :func:`pieces` gives them.
    """
    columns = max(piece.column for piece in some) + 1
    rows = max(sum(p.column == c for p in some) for c in range(columns))
    height = max(1.2, rows * ROW)
    figure = canvas.figure(height + 0.1)
    axes = bare_axes(figure, (0.0, 0.05, canvas.width, height))
    axes.axis("off")
    axes.set(xlim=(0, columns), ylim=(1, 0))
    inches = canvas.width / columns
    for piece in some:
        tone = TONES[min(2, columns - 1 - piece.column)]
        box = Rectangle(
            (piece.column, piece.start), 0.985, piece.height, facecolor=tone, edgecolor="white"
        )
        axes.add_patch(box)
        if piece.height * height >= ROW * 0.75:
            ink = "white" if tone == ACCENT else INK
            axes.text(
                piece.column + 0.03, piece.start + piece.height / 2,
                shorten_to(piece.title, inches * 0.85, SIZE - 1),
                ha="left", va="center", fontsize=SIZE - 1, color=ink,
            )  # fmt: skip
    return figure
