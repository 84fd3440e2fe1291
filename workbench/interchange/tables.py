"""The tables of a data package: units, waves, instrument, answers and results.

What people wrote stays out: notes, evidence, quotations and who rated. Counts of few respondents
are suppressed before anything is scored, here as in the reports.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.language import marked
from workbench.runs.dictionary import COLUMNS as DICTIONARY_COLUMNS
from workbench.runs.freeze import frames_of, with_texts
from workbench.site.method import rules_in_words
from workbench.study import Study

TITLES: Mapping[str, str] = {
    "units": marked("Units"),
    "waves": marked("Measurements"),
    "nodes": marked("Nodes of the instrument"),
    "parts": marked("Parts of each group, with their weights"),
    "levels": marked("Levels of each scale"),
    "answers": marked("Answers as they are scored"),
    "scores": marked("Scores, with the least and the most that missing data allow"),
    "counts": marked("How many indicators are at each level or state"),
    "warnings": marked("What was found in the data"),
    "dictionary": marked("What every column, code, level and status means"),
}
# Columns that tell every row of a table from every other; the first that does is the key.
KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "units": (("unit",),),
    "waves": (("wave",),),
    "nodes": (("node",),),
    "parts": (("node", "part"),),
    "levels": (("scale", "level"),),
    "answers": (("unit", "wave", "code"),),
    "scores": (("unit", "wave", "node"),),
    "counts": (("unit", "wave", "node", "label"),),
}
_OF_CASE = (("unit", "units", "unit"), ("wave", "waves", "wave"))
# Columns that name a row of another table: column, table, column there.
LINKS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "parts": (("node", "nodes", "node"), ("part", "nodes", "node")),
    "answers": _OF_CASE,
    "scores": (*_OF_CASE, ("node", "nodes", "node")),
    "counts": (*_OF_CASE, ("node", "nodes", "node")),
}
_DICTIONARY = {
    "table": marked("Table"),
    "column": marked("Column of the table"),
    "value": marked("Code, level or status that the column can hold; empty for the column itself"),
    "type": marked("Number or text; of a node its kind"),
    "within": marked("Nodes above, or the scale of a level"),
    "meaning": marked("What it means"),
}


def tables_of(study: Study, units: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Return the tables of a study, of some units or of all, by name.

    Parameters
    ----------
    study : Study
    units : tuple of str
        Codes; empty for all.
    """
    made = frames_of(study)
    found = {
        "units": made.pop("units"),
        "waves": _waves(study),
        "nodes": _nodes(study),
        "parts": _parts(study),
        "levels": _levels(study),
        "answers": _answers(study),
        **made,
    }
    if not units:
        return found
    wanted = {*units, ""}  # a warning of no unit is of all
    return {
        name: frame
        if "unit" not in frame
        else frame.loc[frame["unit"].astype(str).isin(wanted)].reset_index(drop=True)
        for name, frame in found.items()
    }


def own_meanings(study: Study, table: str) -> dict[str, str]:
    """Return what the columns mean that the study itself names."""
    tag = study.locale.tag
    if table == "dictionary":
        pairs = zip(DICTIONARY_COLUMNS, _DICTIONARY.values(), strict=True)
        return {column: study.locale.text(meaning) for column, meaning in pairs}
    if table != "units":
        return {}
    groups = {name: title.in_(tag) for name, title in study.spec.units.groups.items()}
    facts = {
        fact.id: study.instrument.text(fact.title, tag) for fact in study.instrument.spec.facts
    }
    return groups | facts


def _waves(study: Study) -> pd.DataFrame:
    """Return the measurements."""
    tag = study.locale.tag
    rows = [
        (
            wave.id,
            wave.title.in_(tag) if wave.title else "",
            wave.date.year if wave.date else wave.year,
            wave.date.month if wave.date else wave.month,
            wave.date.isoformat() if wave.date else "",
        )
        for wave in study.spec.waves
    ]
    frame = pd.DataFrame(rows, columns=["wave", "title", "year", "month", "date"])
    return frame.astype({"year": "Int64", "month": "Int64"})


def _nodes(study: Study) -> pd.DataFrame:
    """Return the nodes of the instrument with their rules in words."""
    instrument, tag = study.scores.instrument, study.locale.tag
    rules = rules_in_words(instrument, study.locale)
    rows = [
        (code, instrument.title(code, tag), node.kind, *rules[code], node.spec.direction)
        for code, node in instrument.nodes.items()
    ]
    return pd.DataFrame(rows, columns=["node", "title", "kind", "rule", "cut_points", "direction"])


def _parts(study: Study) -> pd.DataFrame:
    """Return which nodes are parts of which, with their weights."""
    nodes = study.scores.instrument.nodes
    rows = []
    for code, node in nodes.items():
        for part in node.children:
            formula = nodes[part].weight_formula(code)
            rows.append(
                (code, part, nodes[part].weight_under(code), formula.source if formula else "")
            )
    return pd.DataFrame(rows, columns=["node", "part", "weight", "weight_formula"])


def _levels(study: Study) -> pd.DataFrame:
    """Return the levels of each scale, worst first."""
    instrument, tag = study.instrument, study.locale.tag
    rows = [
        (scale, level.id, position, instrument.text(level.title, tag), level.number)
        for scale, levels in instrument.scales.items()
        for position, level in enumerate(levels, start=1)
    ]
    frame = pd.DataFrame(rows, columns=["scale", "level", "position", "title", "number"])
    return frame.astype({"number": "float64"})


def _answers(study: Study) -> pd.DataFrame:
    """Return the answers that are scored, without what anyone wrote."""
    frame = study.scored_observations.frame
    kept = frame.loc[~frame["compare_only"]]
    columns = ["unit", "wave", "stage", "code", "state", "value", "std_error"]
    found = with_texts(kept[columns].reset_index(drop=True))
    return found.sort_values(["wave", "unit", "code", "state"], kind="stable", ignore_index=True)
