"""The values of an index: checked on their way in, and divided into cases that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.scoring.fits import cases_by
from workbench.scoring.states import Bools, Floats

if TYPE_CHECKING:
    from workbench.audit.index.index import Index
    from workbench.audit.index.structure import Structure
    from workbench.specs.index import AggregateAll, NormaliseAll
    from workbench.specs.instrument import Scope


def checked_values(
    values: pd.DataFrame,
    structure: Structure,
    units: pd.DataFrame | None,
    times: Mapping[str, float] | None,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float]]:
    """Return the values of the indicators, what is known of the cases besides, dates of the waves.

    Raises
    ------
    ScoringError
        With every problem: an indicator without values or not in the structure, a text among
        numbers, an endless number, a case that stands twice or of which nothing else is known.
    """
    problems = [*_faults_of_cases(values.index), *_faults(values, structure)]
    if units is not None and units.index.has_duplicates:
        what = Message("a case stands twice in the table of units")
        got = str(units.index[units.index.duplicated()][0])
        problems.append(Problem(Reason.UNIT_DUPLICATED, what, Place("units"), got))
    elif units is not None and not values.index.isin(units.index).all():
        what = Message(
            "{n} cases are not in the table of units",
            n=int((~values.index.isin(units.index)).sum()),
        )
        problems.append(Problem(Reason.UNIT_UNKNOWN, what, Place("units")))
    if problems:
        raise ScoringError(problems)
    index = _cases(values.index)
    # A copy: whoever changes the table afterwards must not change the index.
    numbers = np.array(in_order(values, structure).to_numpy(dtype=np.float64), order="F")
    frame = framed(numbers, index, structure.columns)
    beside = pd.DataFrame(index=index) if units is None else units.loc[values.index]
    return frame, beside.set_axis(index), _dates(frame, times)


def _faults(values: pd.DataFrame, structure: Structure) -> Iterator[Problem]:
    """Yield what is wrong with values."""
    place, indicators = Place("values"), structure.indicators
    twice = values.columns[values.columns.duplicated()]
    for code in dict.fromkeys(twice):
        what = Message("a column stands twice")
        yield Problem(Reason.DUPLICATE, what, Place("values", column=str(code)))
    if len(twice):
        return
    # A table of numbers alone needs no look at each column.
    numbers = values.to_numpy() if len(set(values.dtypes)) == 1 else np.empty(0, dtype=object)
    finite = numbers.dtype == np.float64 and not np.isinf(numbers).any()
    there = set(values.columns)
    for code in indicators:
        if code in there and finite:
            continue
        if code not in there:
            what = Message("the indicator {code} has no column", code=code)
            fix = did_you_mean(code, [str(c) for c in values.columns])
            yield Problem(Reason.COLUMN_MISSING, what, place, fix=fix, code=code)
            continue
        column = values[code]
        if column.dtype == bool or not pd.api.types.is_numeric_dtype(column):
            what = Message("the values of {code} are no numbers", code=code)
            yield Problem(Reason.VALUE_NOT_NUMBER, what, place, str(column.iloc[0]), code=code)
        elif np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan)).any():
            what = Message("a value of {code} has no end", code=code)
            fix = Message("Leave it empty where it is not known.")
            yield Problem(Reason.VALUE_RANGE, what, place, fix=fix, code=code)
    for code in values.columns:
        if code not in structure.nodes or structure.nodes[code].is_group:
            what = Message("the column {code} is no indicator of the structure", code=code)
            fix = Message("Give it among the units, or leave it out.")
            yield Problem(Reason.CODE_UNKNOWN, what, place, fix=fix, code=str(code))


def _faults_of_cases(index: pd.Index) -> Iterator[Problem]:
    """Yield what is wrong with the units and waves that values are of."""
    place = Place("values")
    if index.nlevels > 2:
        what = Message("cases are units, or units in waves")
        yield Problem(Reason.UNIT_CODE, what, place, got=", ".join(map(str, index.names)))
        return
    units = index.get_level_values(0)
    if pd.api.types.is_numeric_dtype(units) and len(units):
        what = Message("{got} is a number; codes are text", got=units[0])
        fix = Message("Read the table with its codes as text, leading zeros included.")
        yield Problem(Reason.CODE_IS_NUMBER, what, place, fix=fix)
    if units.hasnans:
        yield Problem(Reason.UNIT_CODE, Message("a unit has no code"), place)
    if index.has_duplicates:
        what = Message("a case stands twice in the values")
        twice = index[index.duplicated()][0]
        yield Problem(Reason.UNIT_DUPLICATED, what, place, got=str(twice))
    if not len(index):
        yield Problem(Reason.NOTHING_OBSERVED, Message("there are no units"), place)


def _cases(index: pd.Index) -> pd.Index:
    """Return units, or units in waves, with waves as text: a year becomes the name of its wave."""
    if index.nlevels == 1:
        return index.set_names("unit")
    waves = index.get_level_values(1)
    if pd.api.types.is_numeric_dtype(waves):
        waves = waves.map(lambda wave: f"{wave:g}")
    return pd.MultiIndex.from_arrays([index.get_level_values(0), waves], names=["unit", "wave"])


def _dates(frame: pd.DataFrame, times: Mapping[str, float] | None) -> dict[str, float]:
    """Return the date of each wave: as given, as its name says, else its place in the order."""
    if frame.index.nlevels == 1:
        return {}
    waves = list(dict.fromkeys(frame.index.get_level_values("wave")))
    if times is not None:
        missing = [str(wave) for wave in waves if wave not in times]
        if missing:
            what = Message("no date is given for the waves {waves}", waves=", ".join(missing))
            raise ScoringError(Problem(Reason.WAVE_UNKNOWN, what, Place("times")))
        return {wave: float(times[wave]) for wave in waves}
    try:
        return {wave: float(wave) for wave in waves}
    except ValueError:
        return {wave: float(place) for place, wave in enumerate(waves)}


def in_order(frame: pd.DataFrame, structure: Structure) -> pd.DataFrame:
    """Return the indicators of a table in the order of the structure."""
    same = frame.columns.equals(structure.columns)
    return frame if same else frame[structure.columns]


def framed(numbers: Floats, index: pd.Index, codes: pd.Index) -> pd.DataFrame:
    """Return numbers as a table, without a copy, that can't be changed."""
    numbers.flags.writeable = False
    return pd.DataFrame(numbers, index=index, columns=codes, copy=False)


def matrix(frame: pd.DataFrame) -> Floats:
    """Return a table as numbers, each column in one piece of memory."""
    return np.asfortranarray(frame.to_numpy(dtype=np.float64))


def waves_of(frame: pd.DataFrame) -> np.ndarray:
    """Return the wave of each case, as text; one and the same where there are none."""
    if frame.index.nlevels == 1:
        return np.full(len(frame), "", dtype=object)
    return frame.index.get_level_values("wave").astype(str).to_numpy()


def groups_of_cases(
    index: Index, frame: pd.DataFrame, scope: Scope, by: tuple[str, ...], step: str
) -> list[tuple[str, Bools]]:
    """Return the cases that have parameters of their own, each with its label.

    Raises
    ------
    ScoringError
        If the units have no such column.
    """
    facts = {}
    for name in by:
        if name not in index.units:
            what = Message("the units have no column {column}", column=name)
            fix = did_you_mean(name, [str(c) for c in index.units.columns])
            raise ScoringError(Problem(Reason.COLUMN_MISSING, what, Place(step), fix=fix))
        facts[name] = index.units.loc[frame.index, name].to_numpy()
    return list(cases_by(waves_of(frame), facts, scope, by))


def reference_cases(
    frame: pd.DataFrame, step: NormaliseAll | AggregateAll
) -> tuple[Bools, list[Problem]]:
    """Return the cases to which pooled parameters are fitted, and what a step names in vain."""
    waves = waves_of(frame)
    units = frame.index.get_level_values("unit").astype(str).to_numpy()
    inside, problems = np.ones(len(frame), dtype=bool), []
    for values, wanted, reason, what in (
        (waves, step.reference_waves, Reason.WAVE_UNKNOWN, Message("there is no such wave")),
        (units, step.reference_units, Reason.UNIT_UNKNOWN, Message("there is no such unit")),
    ):
        if wanted:
            known = set(values)
            missing = [name for name in wanted if name not in known]
            problems += [
                Problem(reason, what, Place(step.step), name, fix=did_you_mean(name, known))
                for name in missing
            ]
            inside &= np.isin(values, wanted)
    return inside, problems


def check_codes(given: Mapping[str, object], known: Sequence[str], step: str) -> list[Problem]:
    """Return the problems of codes that a step names and the index does not have."""
    what = [code for code in given if code not in known]
    return [
        Problem(
            Reason.NODE_UNKNOWN,
            Message("there is no part {code} in the index", code=code),
            Place(step),
            fix=did_you_mean(code, known),
            code=code,
        )
        for code in what
    ]


def names_of_cases(frame: pd.DataFrame, rows: np.ndarray, most: int = 5) -> str:
    """Return the first of some cases by name, and how many there are besides."""
    shown = [
        " ".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in frame.index[rows[:most]]
    ]
    rest = len(rows) - len(shown)
    return ", ".join(shown) + (f" (+{rest})" if rest > 0 else "")
