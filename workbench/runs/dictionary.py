"""The data dictionary of a run: what each column, code, level and status of its tables means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from workbench.language import Locale, marked
from workbench.scoring.states import STATE_TITLES, Basis
from workbench.study import Study

COLUMNS = ("table", "column", "value", "type", "within", "meaning")
_KEYS = {
    "unit": marked("Code of the unit, as in the table of units"),
    "wave": marked("Wave: when it was measured"),
    "node": marked("Code of the result: of an indicator or of a group of them"),
}
# What stands in each column, by table; other columns of units are the study's own.
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "scores": {
        **_KEYS,
        "value": marked("Value as it was observed or computed, before it is scored"),
        "score": marked("Score"),
        "low": marked("Lowest score that the missing data would allow"),
        "high": marked("Highest score that the missing data would allow"),
        "level": marked("Level reached"),
        "level_low": marked("Lowest level that the missing data would allow"),
        "level_high": marked("Highest level that the missing data would allow"),
        "coverage": marked("Share of the weight below of which there are data, 0 to 1"),
        "status": marked("Where the result comes from, or why there is none"),
        "computed": marked("What the data below give, where another result was reported"),
    },
    "counts": {
        **_KEYS,
        "label": marked("Level or state that is counted"),
        "count": marked("How many indicators below are at it"),
    },
    "units": {
        "unit": marked("Code of the unit"),
        "name": marked("Name of the unit"),
        "population": marked("Inhabitants"),
    },
    "warnings": {
        "kind": marked("Short name of what was found"),
        "unit": marked("Code of the unit; empty for all"),
        "wave": marked("Wave; empty for all"),
        "node": marked("Code of the result; empty for all"),
        "text": marked("What was found in the data"),
    },
}
# Tables that a data package holds beside those of a run.
MEANINGS_OF_PACKAGE: Mapping[str, Mapping[str, str]] = {
    "answers": {
        **_KEYS,
        "stage": marked("Stage of the measurement; empty where there is one alone"),
        "code": marked("Code of what was observed: an indicator, a part of one, a group, a fact"),
        "state": marked("State, level or option that was given; of a count, what is counted"),
        "value": marked("Number that was given"),
        "std_error": marked("Standard error of the number, where the source gives one"),
    },
    "waves": {
        "wave": marked("Wave: when it was measured"),
        "title": marked("Title"),
        "year": marked("Year"),
        "month": marked("Month of the year"),
        "date": marked("Day"),
    },
    "nodes": {
        "node": marked("Code of the result: of an indicator or of a group of them"),
        "title": marked("Title"),
        "kind": marked("Kind of indicator, or group"),
        "rule": marked("How its result is made"),
        "cut_points": marked("Levels by cut-points"),
        "direction": marked("1 if more is better, -1 if less is"),
    },
    "parts": {
        "node": marked("Group"),
        "part": marked("Part of the group: an indicator or a group"),
        "weight": marked("Weight of the part in the group"),
        "weight_formula": marked("Formula of the weight over facts, where it has one"),
    },
    "levels": {
        "scale": marked("Scale"),
        "level": marked("Code of the level"),
        "position": marked("Place of the level on its scale, 1 is the worst"),
        "title": marked("Title"),
        "number": marked("Number of the level, where the instrument gives one"),
    },
}
_BASES = {
    Basis.OBSERVED: marked("Observed: a value of the data"),
    Basis.COMPUTED: marked("Computed from the data below"),
    Basis.REPORTED: marked("Reported at this result by the source, not computed"),
    Basis.MIXED: marked("Computed from reported and computed results"),
    Basis.CARRIED: marked("Carried over from an earlier wave, as the instrument says"),
}
_OWN = marked("Column of the study's table of units")
_NUMBER, _TEXT = marked("number"), marked("text")


def dictionary(study: Study, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what is in the tables of a run, in the language of the study.

    Parameters
    ----------
    study : Study
    frames : mapping of str to DataFrame
        The tables by name.

    Returns
    -------
    DataFrame
        A row for each column (``value`` empty), and for each code, level and status that a column
        can hold; columns :data:`COLUMNS`.
    """
    rows = [*_columns(study.locale, frames), *_values(study)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _columns(locale: Locale, frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each column."""
    for table, frame in frames.items():
        for column in map(str, frame.columns):
            numeric = pd.api.types.is_numeric_dtype(frame[column])
            kind = _NUMBER if numeric else _TEXT
            yield table, column, "", locale.text(kind), "", locale.text(meaning_of(table, column))


def meaning_of(table: str, column: str) -> str:
    """Return what a column means, not translated."""
    known = MEANINGS.get(table) or MEANINGS_OF_PACKAGE[table]
    return known.get(column, _OWN)


def _values(study: Study) -> Iterator[tuple[str, ...]]:
    """Yield a row for each value with a meaning of its own."""
    instrument, locale = study.instrument, study.locale
    for wave in study.spec.waves:
        title = wave.title.in_(locale.tag) if wave.title else str(wave.year or "")
        yield "scores", "wave", wave.id, "", "", title
    for code, node in instrument.nodes.items():
        title = instrument.text(node.spec.title, locale.tag)
        yield "scores", "node", code, node.kind, ", ".join(node.parents), title
    for scale in instrument.spec.scales:
        for level in scale.levels:
            title = instrument.text(level.title, locale.tag)
            yield "scores", "level", level.id, "", scale.id, title
    # By name: a basis and a state of the same number are equal, and no two keys of a mapping.
    titles = {s.name.lower(): words for of in (_BASES, STATE_TITLES) for s, words in of.items()}
    for status, words in titles.items():
        yield "scores", "status", status, "", "", locale.text(words)
