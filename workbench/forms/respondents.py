"""Who is asked: the units of a table, with what is known of them already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from workbench.errors import DataError
from workbench.instruments import Instrument
from workbench.observations.tables import read_table
from workbench.observations.units import read_units
from workbench.specs.study import UnitsTable
from workbench.specs.tables import TableFile

POPULATION = ("population", "poblacion", "población")


@dataclass(frozen=True, slots=True)
class Respondent:
    """One form to fill in.

    Parameters
    ----------
    unit, name, wave, stage : str
        Empty where whoever fills it in says so.
    year : int or None
        Year that formulas call ``year``.
    facts : mapping of str to float
        Facts known already.
    """

    unit: str = ""
    name: str = ""
    wave: str = ""
    stage: str = ""
    year: int | None = None
    facts: Mapping[str, float] = field(default_factory=dict)


def respondents(
    instrument: Instrument,
    units: pd.DataFrame | None,
    *,
    wave: str = "",
    stage: str = "",
    year: int | None = None,
) -> list[Respondent]:
    """Return one respondent a unit; a single nameless one without units.

    Parameters
    ----------
    instrument : Instrument
    units : DataFrame or None
        Index ``unit``; columns ``name`` and facts of the instrument.
    wave, stage : str
    year : int, optional
        The wave itself if left out and it is a year.
    """
    if year is None and wave.isdigit() and len(wave) == 4:
        year = int(wave)
    if units is None:
        return [Respondent(wave=wave, stage=stage, year=year)]
    known = [fact.id for fact in instrument.spec.facts if fact.id in units.columns]
    return [
        Respondent(
            str(code), str(row["name"]), wave, stage, year,
            {name: float(row[name]) for name in known if pd.notna(row[name])},
        )
        for code, row in units.iterrows()
    ]  # fmt: skip


def read_respondents(path: Path, instrument: Instrument) -> pd.DataFrame:
    """Read a table of units whose columns have the usual names: unit, name, population, facts.

    Raises
    ------
    DataError
        With every problem of the table.
    """
    root, name = path.parent, path.name
    columns = [str(c) for c in read_table(root, TableFile(file=name)).frame.columns]
    population = next((c for c in columns if c.casefold() in POPULATION), None)
    facts = {f.id: f.id for f in instrument.spec.facts if f.id in columns}
    try:
        return read_units(
            root, UnitsTable(file=name, population=population, facts=facts), instrument
        )
    except DataError as error:
        raise DataError(error.problems) from error
