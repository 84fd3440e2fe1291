"""The pages of the site, from what is frozen and the links to the reports alone.

No page asks for anything: styles, fonts and the one script are inside it, and its policy allows no
script but that one, by its hash. Without the script every page but the comparison says the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from workbench.display.html import chip_html, styles
from workbench.language import Foreign, Locale, as_locale
from workbench.reports.html import font_faces, interface_words, page_environment, with_anchors
from workbench.site.columns import column_rules
from workbench.site.content import Site
from workbench.site.files import csv_text, dictionary_rows, results_rows, workbook_bytes

HERE = Path(__file__).parent / "templates"
FOLDER = "site"
INDEX = "index.html"
LINKED = (INDEX, f"{FOLDER}/map.html")
SCRIPTED = ("index", "map", "compare")
# What a report is linked by: name of the format and relative address from the run folder.
Report = dict[str, Any]


def site_files(
    site: Site, head: Mapping[str, Any], reports: Mapping[str, list[Report]]
) -> dict[str, bytes]:
    """Return every file of the site by its path in the run.

    Parameters
    ----------
    site : Site
    head : mapping
        Title, author, date, instrument, language and run id.
    reports : mapping of str to list of dict
        By code of the unit, and under an empty text those of all: title, links, reason of failure.
    """
    locale = as_locale(str(head["locale"]))
    data = _downloads(site, locale)
    values = {"site": site, "head": head, "reports": reports, "downloads": _listed(data, locale)}
    made = {name: _rendered(name, values, locale) for name in _pages(site, locale)}
    return dict(sorted((data | made).items()))


def linked_pages(
    site: Site, head: Mapping[str, Any], reports: Mapping[str, list[Report]]
) -> dict[str, bytes]:
    """Return the pages that link reports, as :func:`site_files` does."""
    locale = as_locale(str(head["locale"]))
    values = {"site": site, "head": head, "reports": reports}
    names = [name for name in _pages(site, locale) if name in LINKED]
    return {name: _rendered(name, values, locale) for name in names}


def _pages(site: Site, locale: Locale) -> dict[str, str]:
    """Return the pages that there are, by path, with what the navigation calls them."""
    found = {INDEX: locale.text("Overview and table")}
    if site.groups:
        found[f"{FOLDER}/groups.html"] = locale.text("Groups")
    if site.map:
        found[f"{FOLDER}/map.html"] = locale.text("Map")
    if site.comparison:
        found[f"{FOLDER}/compare.html"] = locale.text("Compare two")
    for index, method in enumerate(site.methods):
        title = locale.text("Method")
        name = "method" if not index else f"method-{method['id']}"
        found[f"{FOLDER}/{name}.html"] = f"{title}: {method['id']}" if index else title
    found[f"{FOLDER}/data.html"] = locale.text("Data")
    return found


def _downloads(site: Site, locale: Locale) -> dict[str, bytes]:
    """Return results and dictionary as csv and xlsx."""
    rows, words = results_rows(site.results), dictionary_rows(site.results, locale)
    sheets = {locale.text("Results"): rows, locale.text("Dictionary"): words}
    return {
        f"{FOLDER}/dictionary.csv": csv_text(words).encode("utf-8"),
        f"{FOLDER}/results.csv": csv_text(rows).encode("utf-8"),
        f"{FOLDER}/results.xlsx": workbook_bytes(sheets, site.date),
    }


def _listed(data: Mapping[str, bytes], locale: Locale) -> list[tuple[str, str]]:
    """Return name and size of each download."""
    return [(p.removeprefix(f"{FOLDER}/"), size_text(len(c), locale)) for p, c in data.items()]


def size_text(n: int, locale: Locale) -> str:
    """Return a number of bytes as people read it."""
    if n < 1_000_000:
        return f"{locale.number(n / 1000, 0 if n >= 10_000 else 1)} kB"
    return f"{locale.number(n / 1_000_000, 1)} MB"


def _rendered(name: str, values: Mapping[str, Any], locale: Locale) -> bytes:
    """Return one page."""
    site: Site = values["site"]
    kind, _, wanted = name.removeprefix(f"{FOLDER}/").removesuffix(".html").partition("-")
    own: dict[str, Any] = {}
    foreign = Foreign(site.foreign)
    if kind == "index":
        own = {
            "body": _rows(values, locale),
            "columns": column_rules(site.table, values["reports"], locale),
        }
    elif kind == "compare":
        own = {"embedded": _embedded(site.comparison)}
    elif kind == "method":
        own = {"method": next((m for m in site.methods if m["id"] == wanted), site.methods[0])}
    elif kind == "data":
        own = {"dictionary": dictionary_rows(site.results, locale)}
    script = (HERE / "site.js").read_text(encoding="utf-8") if kind in SCRIPTED else ""
    page: str = (
        page_environment(HERE)
        .get_template(f"{kind}.html.j2")
        .render(
            lang=locale.tag,
            policy=_policy(script),
            script=script,
            fonts=font_faces(),
            styles=styles() + (HERE / "site.css").read_text(encoding="utf-8"),
            words=interface_words(locale),
            page=name,
            pages=_pages(site, locale),
            up="" if name == INDEX else "../",
            anchored=with_anchors,
            t=locale.text,
            integer=locale.integer,
            chip_of=partial(_chip, foreign=foreign),
            other=foreign,
            **values,
            **own,
        )
    )
    return page.encode("utf-8")


@lru_cache(maxsize=2)
def _policy(script: str) -> str:
    """Return what a page may do: nothing but show itself, and run its own script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}'; " if script else ""
    return (
        f"default-src 'none'; {allowed}style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _chip(chip: list[str], foreign: Foreign) -> Markup:
    """Return a level as it is drawn."""
    tone, shape, title = chip
    return chip_html(tone, shape, title, foreign.texts.get(title, ""))


def _embedded(values: Any) -> Markup:
    """Return values as JSON that can stand in a page: it can't end the element it stands in."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  # nothing in it is markup


def _rows(values: Mapping[str, Any], locale: Locale) -> Markup:
    """Return the rows of the table; a template would take seconds for a nation."""
    reports: Mapping[str, list[Report]] = values["reports"]
    failed = escape(locale.text("failed"))
    lines, foreign = [], Foreign(values["site"].foreign)
    for row in values["site"].table["rows"]:
        name = escape(row["name"])
        under = f'<span class="group">{escape(row["under"])}</span>' if row["under"] else ""
        code = escape(row["code"])
        lines.append(
            f'<tr role="row"><th scope="row" role="rowheader">{name}{under}</th>'
            f'<td role="cell">{code}</td>'
        )
        lines += [_cell(cell, foreign) for cell in row["cells"]]
        links = [_links(name, report, failed) for report in reports.get(row["code"], ())]
        lines.append(f'<td role="cell" class="links">{"".join(links)}</td></tr>\n')
    return Markup("".join(lines))  # noqa: S704  # every text from data is escaped above


def _cell(cell: Mapping[str, Any], foreign: Foreign) -> str:
    """Return one cell: what it is sorted by, its level, its text, what it could be."""
    value = "" if cell["v"] is None else escape(cell["v"])
    chip = _chip(cell["chip"], foreign) if "chip" in cell else ""
    text = escape(cell["text"])
    more = f' <span class="more">{escape(cell["more"])}</span>' if "more" in cell else ""
    space = " " if chip and text else ""
    return f'<td role="cell" class="right" data-v="{value}">{chip}{space}{text}{more}</td>'


def _links(name: str, report: Report, failed: str) -> str:
    """Return the links to one report of a unit."""
    title = escape(report["title"])
    found = f'<span class="more">{title}</span> ' if title else ""
    if report["reason"]:
        found += f'<span class="failed">{failed}: {escape(report["reason"])}</span> '
    said = f"{name}, {title}" if title else name
    for form, href in report["links"]:
        found += f'<a href="{escape(href)}" aria-label="{said}, {form}">{form}</a> '
    return found
