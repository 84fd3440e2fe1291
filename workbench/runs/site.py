"""The site of a run in its folder: drawn from what is frozen there and from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.runs.files import write_whole
from workbench.runs.ledger import Entry
from workbench.runs.listing import Listing
from workbench.site.content import Site
from workbench.site.pages import FOLDER, INDEX, linked_pages, site_files

NAMES = {"html": "HTML", "pdf": "PDF", "ipynb": "IPYNB"}


def write_site(run: Path, site: Site, listing: Listing, ledger: Mapping[str, Entry]) -> None:
    """Write every file of the site, and remove what an earlier one had and this one has not."""
    files = site_files(site, listing.head, reports_of(listing, ledger))
    for path, content in files.items():
        write_whole(run / path, content)
    for old in sorted((run / FOLDER).glob("*")):
        if old.relative_to(run).as_posix() not in files:
            old.unlink()


def write_links(run: Path, site: Site, listing: Listing, ledger: Mapping[str, Entry]) -> None:
    """Write the pages again that link reports."""
    pages = linked_pages(site, listing.head, reports_of(listing, ledger))
    for path, content in pages.items():
        write_whole(run / path, content)


def site_size(run: Path) -> tuple[int, int]:
    """Return how many files the site of a run has, and how many bytes."""
    files = [run / INDEX, *(run / FOLDER).glob("*")]
    sizes = [path.stat().st_size for path in files if path.is_file()]
    return len(sizes), sum(sizes)


def reports_of(listing: Listing, ledger: Mapping[str, Entry]) -> dict[str, list[dict[str, Any]]]:
    """Return the reports by unit, those of all under an empty text, the main ones first."""
    found: dict[str, list[dict[str, Any]]] = {}
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
        found.setdefault(known["unit"], []).append(report)
    return found


def _links(entry: Entry) -> list[tuple[str, str]]:
    """Return the files of a report as name and relative address."""
    return [
        (name, quote(path))
        for form, name in NAMES.items()
        for path in entry.files
        if path.endswith(f".{form}")
    ]
