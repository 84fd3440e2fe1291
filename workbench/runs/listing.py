"""The reports of a run: listed with the run, so that its pages need this and the ledger alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, cast

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from workbench.display.parts import noun_of
from workbench.runs.contents import LARGEST_TEXT
from workbench.runs.plan import Plan

LISTING = "data/index.json"


class Head(TypedDict):
    """What the page says of the study; of its units, what they are called."""

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


class Listed(TypedDict):
    """What is known of a report."""

    kind: Literal["unit", "cohort"]
    title: str
    unit: str
    notebook: str
    view_sha256: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed, as plain values.

    Parameters
    ----------
    head : dict
        What the pages say of the study: title, author, date, what its units are called.
    keys : list of str
        Everything that the study has reports of, also where less was asked for.
    reports : dict
        What is known of each report by its key: kind, title, unit, what its notebook is called,
        hash of its view.
    """

    head: Head
    keys: list[str]
    reports: dict[str, Listed] = field(default_factory=dict)

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
    return Listing(head, list(plan.keys), reports)
