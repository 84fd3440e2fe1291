"""The index page of a run: each report listed, searched, sorted and linked, from the disk alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.display.html import styles
from workbench.language import as_locale
from workbench.reports.html import font_faces, page_environment
from workbench.runs.ledger import Entry
from workbench.runs.listing import Listing

HERE = Path(__file__).parent / "templates"


def index_page(listing: Listing, ledger: Mapping[str, Entry]) -> str:
    """Return the index page as HTML.

    Parameters
    ----------
    listing : Listing
        What is known of the reports and units.
    ledger : mapping of str to Entry
        What was rendered, in this run and before.
    """
    head = listing.head
    locale = as_locale(head["locale"])
    script = (HERE / "index.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    of_units, of_all = _by_unit(listing, ledger)
    rows = [
        {"code": unit, **listing.units[unit], "reports": of_units.get(unit, [])}
        for unit in sorted(listing.units)
    ]
    template = page_environment(HERE).get_template("index.html.j2")
    page: str = template.render(
        lang=locale.tag,
        policy=policy,
        script=script,
        fonts=font_faces(),
        styles=styles() + (HERE / "index.css").read_text(encoding="utf-8"),
        head=head,
        rows=rows,
        cohort=[{**r, "title": r["title"] or locale.text("Cohort report")} for r in of_all],
        placed=any(r["rank"] is not None for r in rows),
        peopled=any(r["population"] is not None for r in rows),
        t=locale.text,
        shown=locale.text("{n} of {all} shown", n="{n}", all=locale.integer(len(rows))),
    )
    return page


def _by_unit(
    listing: Listing, ledger: Mapping[str, Entry]
) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Return the reports of each unit, and those of all, the main ones first."""
    units: dict[str, list[dict[str, Any]]] = {}
    of_all: list[dict[str, Any]] = []
    order = {key: place for place, key in enumerate(listing.keys)}
    for key, entry in sorted(ledger.items(), key=lambda item: (order.get(item[0], 0), item[0])):
        known = listing.reports.get(key)
        if known is None:
            continue
        report = {
            "title": known["notebook"],
            "links": _links(entry),
            "reason": entry.reason if entry.status == "failed" else "",
        }
        (units.setdefault(known["unit"], []) if known["unit"] else of_all).append(report)
    return units, of_all


def _links(entry: Entry) -> list[tuple[str, str]]:
    """Return the files of a report as name and relative address."""
    names = {"html": "HTML", "pdf": "PDF", "ipynb": "IPYNB"}
    found = []
    for form, name in names.items():
        for path in entry.files:
            if path.endswith(f".{form}"):
                found.append((name, quote(path)))
    return found
