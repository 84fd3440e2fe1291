"""How the columns of the table of all units stand: as a grid on a screen, as cards on a phone.

Rows of a table are laid out all together, so that a column fits its widest cell. Those of a grid
whose columns are known are laid out one by one, and those out of sight not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from workbench.language import Locale

LETTER = 0.58  # em: as wide as a figure of the font
SMALL = 0.88  # what a cell could be is written smaller, and so are heads
GAP = 1.0  # em, between columns
NAME = (9.0, 40)  # least width of names in em, and the letters beyond which they wrap
ARROW = 2  # letters that the arrow of a head takes


def column_rules(
    table: Mapping[str, Any], reports: Mapping[str, list[dict[str, Any]]], locale: Locale
) -> Markup:
    """Return the style of the columns of one table.

    Parameters
    ----------
    table : mapping
        ``columns`` and ``rows`` as :func:`~workbench.site.rows.table_of` gives them.
    reports : mapping
        What is linked, by code of the unit.
    locale : Locale
    """
    titles = [locale.text("Code"), *(str(c["title"]) for c in table["columns"])]
    tracks = [_names(table["rows"]), *_tracks(table["rows"], titles), _links(reports)]
    least = sum(low for low, _ in tracks) + GAP * (len(tracks) - 1)
    grid = " ".join(f"minmax({low:.1f}em,{share}fr)" for low, share in tracks)
    # Thousands of rows would each repeat the heads as an attribute.
    cards = "".join(
        f'#reports td:nth-child({place})::before{{content:"{css_text(title)} "}}'
        for place, title in enumerate(titles, start=2)
    )
    return Markup(  # noqa: S704  # numbers, and titles of which every letter is made safe
        f"#reports{{--columns:{grid};--least:{least:.1f}em}}"
        f"@media screen and (max-width:40rem){{{cards}}}"
    )


def css_text(text: str) -> str:
    """Return a text for a string of a style sheet: every letter that could end it is a number."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)


def _names(rows: list[dict[str, Any]]) -> tuple[float, int]:
    """Return least width and share of the names."""
    least, most = NAME
    return least, min(most, max((len(row["name"]) for row in rows), default=most))


def _tracks(rows: list[dict[str, Any]], titles: list[str]) -> list[tuple[float, int]]:
    """Return least width and share of the code and of each result."""
    found = []
    for index, title in enumerate(titles):
        least = round(SMALL * (max(map(len, title.split()), default=0) + ARROW))
        whole = min(len(title) + ARROW, 2 * least)
        for row in rows:
            low, full = _letters(row["cells"][index - 1]) if index else (len(row["code"]),) * 2
            least, whole = max(least, low), max(whole, full)
        found.append((least * LETTER, whole))
    return found


def _letters(cell: Mapping[str, Any]) -> tuple[int, int]:
    """Return the letters of what is not broken in a cell, and of the whole."""
    chip = len(cell["chip"][2]) + 2 if "chip" in cell else 0
    more = round(len(cell.get("more", "")) * SMALL)
    word = max((len(word) for word in cell["text"].split()), default=0)
    return max(chip, more, word), chip + len(cell["text"]) + more + 1


def _links(reports: Mapping[str, list[dict[str, Any]]]) -> tuple[float, int]:
    """Return least width and share of the links."""
    some = [report for code, listed in reports.items() if code for report in listed]
    # Each format has room at its sides, as fingers need.
    forms = max((sum(len(n) + 1.5 for n, _ in r["links"]) for r in some), default=6.0)
    title = max((len(r["title"]) for r in some), default=0)
    return max(forms, 6.0) * LETTER, round(forms + min(title, 20))
