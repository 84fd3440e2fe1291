"""Compiling a folder of files to a PDF by Typst, its page breaks planned until they have settled.

Typst runs its own threads: a process that has compiled must not fork. Whoever forks must do so
first. Little is imported here, so that a process that only compiles starts at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.reports.breaks import Plan, exact_plans, next_plans

# Newest moments are never written: two runs on different days give the same bytes.
TIMESTAMP = 0
# A group's place depends on those before it: each try settles at least one more of them.
TRIES = 30
# Makes a PDF of the files in a folder, with the fonts in some others.
Compile = Callable[[Path, list[str]], bytes]
_made: list[bool] = []


class RefusedError(Exception):
    """Typst refused to compile; the message is its first line."""


def has_compiled() -> bool:
    """Return whether this process, or one it was forked from, has made a PDF.

    What it forks from then on would hang if it made one too.
    """
    return bool(_made)


def compiled_folder(root: Path, fonts: list[str]) -> bytes:
    """Return the PDF of the files in a folder.

    Parameters
    ----------
    root : Path
        With ``report.typ`` and what it reads.
    fonts : list of str
        Folders of fonts.

    Raises
    ------
    RefusedError
        If Typst refuses it.
    """
    import typst

    _made.append(True)
    settled: dict[str, Plan] = {}
    try:
        for _ in range(TRIES):  # what has not settled by then goes round in circles: so it stays
            spots = json.loads(_compiler(root, fonts, settled).query("<spot>", field="value"))
            if exact_plans(spots, settled) == settled:
                break
            settled = next_plans(spots, settled)
        made, _ = _compiler(root, fonts, settled).compile_with_warnings(
            format="pdf", pdf_standards=["ua-1"], timestamp=TIMESTAMP
        )
    except (typst.TypstError, RuntimeError) as cause:
        raise RefusedError(str(cause).splitlines()[0]) from cause
    assert isinstance(made, bytes)  # noqa: S101  # one document, not a picture of each page
    return made


def _compiler(root: Path, fonts: list[str], settled: dict[str, Plan]) -> Any:
    """Return a compiler of the files in a folder with plans of its page breaks.

    The plans are a file: inputs would be new ones to everything that was laid out before.
    """
    import typst

    (root / "settled.json").write_text(json.dumps(settled), encoding="utf-8")
    return typst.Compiler(
        input=str(root / "report.typ"),
        root=str(root),
        font_paths=fonts,
        ignore_system_fonts=True,
    )
