"""What the index of a run lists: frozen with the run, so that the page needs the ledger alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, cast

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from workbench.display.figures import score_text
from workbench.display.municipality.common import level_title, open_levels, place_of
from workbench.display.parts import noun_of, rank_text
from workbench.language import Locale
from workbench.runs.contents import LARGEST_TEXT
from workbench.runs.plan import Plan
from workbench.study.views import NodeView, UnitView

LISTING = "data/index.json"


class Head(TypedDict):
    """What the page says of the study; of all units, what they and their result are called."""

    run_id: str
    study: str
    locale: str
    title: str
    description: str
    author: str
    instrument: str
    example: bool
    date: str
    unit: str
    result: str


class Listed(TypedDict):
    """What is known of a report."""

    kind: Literal["unit", "cohort"]
    title: str
    unit: str
    notebook: str
    view_sha256: str


class ListedUnit(TypedDict):
    """What is shown of a unit."""

    name: str
    groups: str
    population: float | None
    population_text: str
    score: float | None
    score_text: str
    rank: int | None
    rank_text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed, as plain values.

    Parameters
    ----------
    head : dict
        What the page says of the study: title, author, date, what its units and result are called.
    keys : list of str
        Everything that the study has reports of, also where less was asked for.
    reports : dict
        What is known of each report by its key: kind, title, unit, what its notebook is called,
        hash of its view.
    units : dict
        What is shown of each unit by its code.
    """

    head: Head
    keys: list[str]
    reports: dict[str, Listed] = field(default_factory=dict)
    units: dict[str, ListedUnit] = field(default_factory=dict)

    def text(self) -> str:
        """Return the listing as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=0) + "\n"

    def with_earlier(self, earlier: Listing | None) -> Listing:
        """Return a listing that knows also what an earlier run in the folder has listed."""
        if earlier is None:
            return self
        said = {name: value for name, value in self.head.items() if value not in ("", None)}
        return Listing(
            cast("Head", {**earlier.head, **said}),
            self.keys,
            {**earlier.reports, **self.reports},
            {**earlier.units, **self.units},
        )


_LISTING = TypeAdapter(Listing)


def read_listing(run: Path) -> Listing | None:
    """Return the listing of a run folder, None if there is none that can be read."""
    try:
        with (run / LISTING).open("rb") as file:
            return _LISTING.validate_json(file.read(LARGEST_TEXT), strict=True)
    except (OSError, ValueError):
        return None


def make_listing(plan: Plan) -> Listing:
    """Return what the index lists of the reports of a plan."""
    study, locale = plan.study, plan.study.locale
    views = plan.views.heads
    some = next(iter(views.values()), None) or next(iter(plan.views.values()), None)
    info = some.info if some is not None else study.cohort_view().info
    node = next((v.headline[0] for v in views.values() if v.headline), None)
    head: Head = {
        "run_id": plan.run_id,
        "study": str(study.path.relative_to(study.root)),
        "locale": locale.tag,
        "title": info.title,
        "description": info.description,
        "author": info.author,
        "instrument": info.instrument_title,
        "example": info.example,
        "date": locale.date(study.spec.date),
        "unit": noun_of(info).title,
        "result": node.title if node else "",
    }
    reports: dict[str, Listed] = {
        job.key: {
            "kind": job.kind,
            "title": job.title,
            "unit": job.view if job.kind == "unit" else "",
            "notebook": job.notebook_title,
            "view_sha256": job.view_sha256,
        }
        for job in plan.jobs
    }
    return Listing(head, list(plan.keys), reports, {k: _row(v, locale) for k, v in views.items()})


def _row(view: UnitView, locale: Locale) -> ListedUnit:
    """Return what is shown of one unit."""
    node = view.headline[0] if view.headline else None
    value, text = _result(view, node, locale) if node else (None, "")
    return {
        "name": view.name,
        "groups": ", ".join(value for _, value in view.groups),
        "population": view.population,
        "population_text": locale.integer(view.population),
        "score": value,
        "score_text": text,
        "rank": node.rank.rank if node and node.rank else None,
        "rank_text": rank_text(node.rank, locale) if node and node.rank else "–",
    }


def _result(view: UnitView, node: NodeView, locale: Locale) -> tuple[float | None, str]:
    """Return a result as it is sorted and as it is printed: a score, a level, or levels between."""
    if node.score is not None or not node.scale:
        return node.score, score_text(node, node.score, locale)
    if node.level:
        place = place_of(view, node.scale, node.level)
        return float(place), level_title(view, node.level)
    return None, open_levels(view, node) or score_text(node, None, locale)
