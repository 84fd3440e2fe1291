"""The table of units: codes as text, names, population, groups and facts."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations.cells import not_a_number, outside, read_keys, read_numbers
from workbench.observations.tables import RawTable, cell_text, read_table
from workbench.specs.expressions import fitted
from workbench.specs.rendering import RESERVED_UNITS, UNIT_PATTERN
from workbench.specs.study import UnitsTable

# Codes name folders; UNIT_PATTERN allows no more.
LONGEST_CODE = 64
MAX_PROBLEMS = 10_000


def read_units(root: Path, spec: UnitsTable, instrument: Instrument) -> pd.DataFrame:
    """Read the units of a study.

    Parameters
    ----------
    root : Path
        Project folder.
    spec : UnitsTable
    instrument : Instrument
        Names the facts that may be given.

    Returns
    -------
    DataFrame
        Index ``unit`` (text, sorted); columns ``name``, ``population`` (NaN where unknown), one a
        group (text), one a fact (number).

    Raises
    ------
    DataError
        With every problem of the table.
    """
    frames = [
        _units_of(root, spec.model_copy(update={"file": file}), instrument)
        for file in (spec.file, *spec.more)
    ]
    units = pd.concat(frames)
    again = units.index.duplicated(keep="last")
    if again.any() and spec.repeated == "refuse":
        what = Message("the unit stands in several files")
        fix = Message("Write repeated: last under units, where its last row counts.")
        got = str(units.index[again][0])
        raise DataError(Problem(Reason.UNIT_DUPLICATED, what, Place(spec.file), got=got, fix=fix))
    return units.loc[~again].sort_index()


def _units_of(root: Path, spec: UnitsTable, instrument: Instrument) -> pd.DataFrame:
    """Return the units of one file, or raise with every problem of it."""
    table = read_table(root, spec)
    problems: list[Problem] = []
    columns = [
        spec.name if spec.codes_from_names else spec.unit,
        spec.name,
        *spec.groups,
        *spec.facts.values(),
    ]
    columns += [spec.population] if spec.population else []
    missing = [c for c in columns if c not in table.frame.columns]
    if missing:
        raise DataError([table.no_column(c) for c in missing])
    if spec.repeated == "last":
        table = _last_rows(table, spec)
    names = [clean_name(str(n)) for n in read_keys(table, spec.name, problems)]
    if spec.codes_from_names:
        codes = np.array([code_of_name(name) for name in names], dtype=object)
    else:
        codes = read_keys(table, spec.unit, problems, pad=spec.pad)
    _check_codes(table, spec, codes, problems)
    for row, name in zip(table.rows, names, strict=True):
        if not name:
            what = Message("the unit has no name")
            problems.append(Problem(Reason.UNIT_CODE, what, table.place(int(row), spec.name)))
    units = pd.DataFrame({"name": names}, index=pd.Index(codes, name="unit"))
    population = (
        _numbers(table, spec, spec.population, problems, low=0) if spec.population else np.nan
    )
    units["population"] = population
    for column in spec.groups:
        units[column] = [clean_name(g) for g in read_keys(table, column, problems, numbers=True)]
    known = {fact.id: fact for fact in instrument.spec.facts}
    for name, column in spec.facts.items():
        fact = known.get(name)
        if fact is None:
            what = Message("the instrument has no fact {name}", name=name)
            fix = did_you_mean(name, known)
            problems.append(Problem(Reason.CODE_UNKNOWN, what, table.place(column=column), fix=fix))
            continue
        low, high = (0, 1) if fact.boolean else (fact.minimum, fact.maximum)
        units[name] = _numbers(
            table, spec, column, problems, low=low, high=high, whole=fact.boolean
        )
    if problems:
        raise DataError(problems)
    for fact in known.values():
        if fact.population and fact.id not in units:
            units[fact.id] = units["population"]
    return units


def _last_rows(table: RawTable, spec: UnitsTable) -> RawTable:
    """Return the last row of each unit of a table in which units stand several times."""
    key = table.column(spec.name if spec.codes_from_names else spec.unit)
    keep = ~key.map(cell_text).duplicated(keep="last").to_numpy(dtype=bool)
    return table.select(keep)


def code_of_name(name: str) -> str:
    """Return a code made of a name: plain letters and digits in lower case, joined by hyphens.

    A name too long for a code is cut and told apart by a hash of the whole.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(code) <= LONGEST_CODE:
        return code
    return f"{code[: LONGEST_CODE - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def clean_name(name: str) -> str:
    """Return a name on one line, without characters that can't be seen or that turn text around.

    Letters with accents are one character each (NFC), so that two ways to write a name are one.
    """
    visible = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", name))
    return " ".join(visible.split())


def _numbers(
    table: RawTable,
    spec: UnitsTable,
    column: str,
    problems: list[Problem],
    *,
    low: float | None = None,
    high: float | None = None,
    whole: bool = False,
) -> NDArray[np.float64]:
    """Return a column of numbers within limits; words other than the missing ones are problems."""
    found = read_numbers(table, column, spec, problems)
    for index in np.flatnonzero(found.words != ""):
        word = str(found.words[index])
        problems.append(not_a_number(word, table, int(table.rows[index]), column, spec))
    for row, value in zip(table.rows.tolist(), found.values.tolist(), strict=True):
        problem = outside(value, (low, high), whole=whole)
        if problem is not None:
            problems.append(problem.at(table.place(row, column)))
    return found.values


def _check_codes(
    table: RawTable, spec: UnitsTable, codes: np.ndarray, problems: list[Problem]
) -> None:
    """Report codes that are empty, repeated, badly formed, or seem to have lost leading zeros."""
    flagged = {p.place.row for p in problems}
    first: dict[str, int] = {}
    lengths = {len(c) for c in codes if c.isdigit()}
    for row, code in zip(table.rows.tolist(), codes, strict=True):
        if row in flagged:
            continue
        problem = _code_problem(code, spec, lengths)
        if problem is None and code.casefold() in first:
            what = Message("the unit stands twice, first in row {row}", row=first[code.casefold()])
            problem = Problem(Reason.UNIT_DUPLICATED, what, got=code)
        first.setdefault(code.casefold(), row)
        if problem is not None:
            problems.append(problem.at(table.place(row, spec.unit)))
        if len(problems) >= MAX_PROBLEMS:
            break


def _code_problem(code: str, spec: UnitsTable, lengths: set[int]) -> Problem | None:
    """Return what is wrong with one code, if anything."""
    if not code:
        return Problem(Reason.UNIT_CODE, Message("the code is empty"))
    if (
        not re.match(UNIT_PATTERN, code)
        or code.split(".")[0].casefold() in RESERVED_UNITS
        or ".." in code
    ):
        return Problem(
            Reason.UNIT_CODE,
            Message("this can't be the code of a unit: it names a folder of the run"),
            got=code,
            expected=Message("letters, digits, points and hyphens, at most 64"),
        )
    if spec.pattern is not None and not fitted(spec.pattern, code):
        return Problem(
            Reason.UNIT_CODE,
            Message("the code does not fit the pattern of the study"),
            got=code,
            expected=Message("{pattern}", pattern=spec.pattern),
        )
    if spec.pattern is None and code.isdigit() and len(code) < max(lengths):
        return Problem(
            Reason.UNIT_CODE,
            Message("the code is shorter than the others: it may have lost its leading zero"),
            got=code,
            fix=Message(
                "Write {code}, or declare the pattern of codes under units.",
                code=code.zfill(max(lengths)),
            ),
        )
    return None
