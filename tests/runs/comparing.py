"""Comparing two folders byte by byte, with a failure that says where to look."""

from __future__ import annotations

from pathlib import Path

import nbformat

# How much is shown on both sides of the first byte that differs.
AROUND = 60


def first_difference(first: Path, second: Path, leave: frozenset[str] = frozenset()) -> str:
    """Return the first difference of two folders in words; empty if there is none.

    ``leave`` names files that are not compared.
    """
    a, b = (_names(folder) - leave for folder in (first, second))
    if a != b:
        return f"only in the first: {sorted(a - b)}; only in the second: {sorted(b - a)}"
    differ = [
        name for name in sorted(a) if (first / name).read_bytes() != (second / name).read_bytes()
    ]
    # What is made of a notebook differs where the notebook does: the cause is shown, not its effect.
    differ.sort(key=lambda name: (_rank(name), name))
    if not differ:
        return ""
    name = differ[0]
    return f"{len(differ)} of {len(a)} files differ: {differ[:12]}\n{_place(name, first, second)}"


def _rank(name: str) -> int:
    """Return how early in a run a file is made."""
    if name.startswith("data/"):
        return 0
    if name.startswith("reports/"):
        return 1 if name.endswith(".ipynb") else 2
    return 3


def _names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def _place(name: str, first: Path, second: Path) -> str:
    """Return where two files begin to differ, with what stands there."""
    x, y = ((folder / name).read_bytes() for folder in (first, second))
    at = next(
        (i for i, (p, q) in enumerate(zip(x, y, strict=False)) if p != q), min(len(x), len(y))
    )
    line = x[:at].count(b"\n") + 1
    shown = [part[max(0, at - AROUND) : at + AROUND].decode("utf-8", "replace") for part in (x, y)]
    where = f"{name}: byte {at} of {len(x)} and {len(y)}, line {line}{_cell(first / name, line)}"
    return f"{where}\n  first:  {shown[0]!r}\n  second: {shown[1]!r}"


def _cell(path: Path, line: int) -> str:
    """Return in which cell of a notebook a line stands."""
    if path.suffix != ".ipynb":
        return ""
    before = "\n".join(path.read_text(encoding="utf-8").splitlines()[:line])
    number = before.count('"cell_type"')
    cells = nbformat.read(path, as_version=4).cells
    shown = cells[number - 1].source.strip().splitlines() if 0 < number <= len(cells) else []
    return f", cell {number}: {shown[0]}" if shown else f", cell {number}"
