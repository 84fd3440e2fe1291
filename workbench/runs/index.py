"""The index page of a run: each report listed, searched, sorted and linked, from the disk alone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.display.figures import score_text
from workbench.display.html import styles
from workbench.display.municipality.common import level_title, open_levels, place_of
from workbench.display.parts import noun_of, rank_text
from workbench.language import Locale
from workbench.reports.html import font_faces, page_environment
from workbench.runs.ledger import Entry
from workbench.runs.plan import Plan
from workbench.study.views import NodeView, UnitView

HERE = Path(__file__).parent / "templates"


def index_page(plan: Plan, ledger: dict[str, Entry]) -> str:
    """Return the index page as HTML.

    Parameters
    ----------
    plan : Plan
    ledger : mapping of str to Entry
        What was rendered, in this run and before.
    """
    locale = plan.study.locale
    script = (HERE / "index.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    builder = plan.study
    views = dict(plan.views.heads)
    for key, entry in ledger.items():
        if entry.status == "done" and key not in views and key in builder.units.index:
            views[key] = builder.view(key)
    rows = [_row(key, view, ledger.get(key), locale) for key, view in sorted(views.items())]
    any_view = next(iter(views.values())) if views else next(iter(plan.views.values()))
    info = any_view.info
    node = next((v.headline[0] for v in views.values() if v.headline), None)
    template = page_environment(HERE).get_template("index.html.j2")
    page: str = template.render(
        lang=locale.tag,
        policy=policy,
        script=script,
        fonts=font_faces(),
        styles=styles() + (HERE / "index.css").read_text(encoding="utf-8"),
        info=info,
        rows=rows,
        cohort=_links(ledger.get("cohort")),
        result=node.title if node else "",
        placed=any(r["rank"] is not None for r in rows),
        peopled=any(r["population"] is not None for r in rows),
        date=locale.date(plan.study.spec.date),
        run_id=plan.run_id,
        t=locale.text,
        unit=noun_of(info).title,
        shown=locale.text("{n} of {all} shown", n="{n}", all=locale.integer(len(rows))),
    )
    return page


def _row(key: str, view: UnitView, entry: Entry | None, locale: Locale) -> dict[str, Any]:
    """Return one unit of the index."""
    node = view.headline[0] if view.headline else None
    value, text = _result(view, node, locale) if node else (None, "")
    return {
        "code": key,
        "name": view.name,
        "groups": ", ".join(value for _, value in view.groups),
        "population": view.population,
        "population_text": locale.integer(view.population),
        "score": value,
        "score_text": text,
        "rank": node.rank.rank if node and node.rank else None,
        "rank_text": rank_text(node.rank, locale) if node and node.rank else "–",
        "links": _links(entry),
        "failed": entry is not None and entry.status == "failed",
        "reason": entry.reason if entry else "",
    }


def _result(view: UnitView, node: NodeView, locale: Locale) -> tuple[float | None, str]:
    """Return a result as it is sorted and as it is printed: a score, a level, or levels between."""
    if node.score is not None or not node.scale:
        return node.score, score_text(node, node.score, locale)
    if node.level:
        place = place_of(view, node.scale, node.level)
        return float(place), level_title(view, node.level)
    return None, open_levels(view, node) or score_text(node, None, locale)


def _links(entry: Entry | None) -> list[tuple[str, str]]:
    """Return the files of a report as name and relative address."""
    if entry is None or entry.status != "done":
        return []
    names = {"html": "HTML", "pdf": "PDF", "ipynb": "IPYNB"}
    found = []
    for form, name in names.items():
        for path in entry.files:
            if path.endswith(f".{form}"):
                found.append((name, quote(path)))
    return found
