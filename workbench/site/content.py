"""What the site of a run shows, frozen with the run as plain values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.display import blocks as b
from workbench.display.cohort import where
from workbench.instruments import Instrument
from workbench.language import Foreign, Locale
from workbench.site.compare import comparison_of
from workbench.site.groups import groups_of
from workbench.site.map import map_of
from workbench.site.method import method_of
from workbench.site.results import results_of
from workbench.site.rows import table_of
from workbench.study import Study
from workbench.study.foreign import foreign_of

CONTENT = "data/site.json"


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages show beside the links to the reports.

    Parameters
    ----------
    run_id : str
        Of the run: the same inputs, choices and code give the same content.
    date : str
        Day of the study.
    overview, groups : list of dict
        Blocks as plain values.
    table : dict
        Columns and rows of all units.
    results : dict
        What is handed out as csv and xlsx, with its dictionary.
    comparison, map : dict or None
        None where there is nothing to compare, or no boundaries.
    methods : list of dict
        Of each instrument its id, title and blocks; that of the study first.
    foreign : dict of str to str
        Titles outside of blocks that are in another language than the pages, with that language.
    """

    run_id: str
    date: str
    overview: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    table: dict[str, Any]
    results: dict[str, Any]
    comparison: dict[str, Any] | None
    map: dict[str, Any] | None
    methods: list[dict[str, Any]]
    foreign: dict[str, str]

    def text(self) -> str:
        """Return the content as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")) + "\n"


def read_site(run: Path) -> Site | None:
    """Return the content frozen in a run folder, None if there is none that can be read."""
    try:
        return Site(**json.loads((run / CONTENT).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def make_site(study: Study, run_id: str) -> Site:
    """Return what the site of a study shows: all its units, whatever a run is limited to.

    Parameters
    ----------
    study : Study
    run_id : str

    Raises
    ------
    DataError
        If the boundary file that the study names can't be drawn.
    """
    view = study.cohort_view()
    instruments = [study.instrument, *(other.instrument for other in study.earlier)]
    methods = [_method(i, study) for i in {i.id: i for i in instruments}.values()]
    info, table = view.info, table_of(study, view)
    heads = [info.instrument_title, info.title, info.description]
    return Site(
        run_id=run_id,
        date=study.spec.date.isoformat(),
        overview=where(view).marked(),
        groups=_json(groups_of(study, view), study.locale, study.foreign),
        table=table,
        results=results_of(study, view),
        comparison=comparison_of(view),
        map=map_of(study, view),
        methods=methods,
        foreign=Foreign(study.foreign).within([heads, table]),
    )


def _method(instrument: Instrument, study: Study) -> dict[str, Any]:
    """Return the method of one instrument."""
    tag, language = study.locale.tag, instrument.spec.language
    foreign = foreign_of(instrument, tag)
    return {
        "id": instrument.id,
        "title": instrument.spec.title.in_(tag, language),
        "language": instrument.spec.title.language(tag, language),
        "blocks": _json(method_of(instrument, study.locale), study.locale, foreign),
    }


def _json(some: Any, locale: Locale, foreign: dict[str, str]) -> list[dict[str, Any]]:
    """Return blocks as plain values."""
    return b.Section(some, locale.tag, foreign).marked()
