"""Small projects and observations made for tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import nbformat
import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.instruments import Instrument, load_instrument
from workbench.observations import Observations
from workbench.scoring import Scores, calibrate, score
from workbench.study import Study
from workbench.study.views import CohortView

INSTRUMENT = """
id: prueba
version: "1"
title: {es: Prueba, en: Test}
publisher: Nobody
completeness: published
sources: [{id: none, title: Made up for a test}]
scales:
  - id: semaforo
    levels:
      - {id: rojo, title: {es: Rojo, en: Red}, colour: red}
      - {id: amarillo, title: {es: Amarillo, en: Yellow}, colour: yellow}
      - {id: verde, title: {es: Verde, en: Green}, colour: green}
states:
  - {id: ND, title: No disponible, effect: not_available}
  - {id: NM, title: No medible, effect: not_measurable}
tiers:
  - {id: total, title: Total, plural: Totales, aggregate: {method: arithmetic}}
headline: [total]
nodes:
  - {code: total, tier: total, title: {es: Resultado, en: Result}}
indicators:
  - {code: agua, kind: score, parent: total, title: {es: Agua, en: Water}}
  - {code: luz, kind: score, parent: total, title: {es: Luz, en: Light}}
"""
UNITS = "unit,name,population\n01001,Aguas,1000\n01002,Bosque,2000\n"
OBSERVATIONS = "unit,code,value\n01001,agua,80\n01001,luz,60\n01002,agua,40\n01002,luz,20\n"
STUDY = """
id: estudio
title: {es: Estudio, en: Study}
author: Tester
date: 2025-01-31
instrument: prueba
units: {file: data/units.csv, population: population}
waves: [{id: "2025", year: 2025}]
observations:
  - {file: data/observations.csv, code: {column: code}, value: {column: value}}
"""


@dataclass
class Project:
    """A project folder in which each file is what a good one would be, until a test changes it."""

    path: Path
    instrument: str = INSTRUMENT
    units: str | bytes = UNITS
    observations: str | bytes = OBSERVATIONS
    study: str = STUDY

    def write(self) -> Path:
        """Write the files and return the path of the study."""
        for name, content in {
            "data/instruments/prueba.yml": self.instrument,
            "data/units.csv": self.units,
            "data/observations.csv": self.observations,
            "params/estudio.yml": self.study,
        }.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            target.write_bytes(data)
        return self.path / "params/estudio.yml"

    def open(self, **options: Any) -> Study:
        """Write the files and open the study."""
        return Study.open(self.write(), **options)

    def error(self) -> WorkbenchError:
        """Write the files, score the study, and return the error that stops it."""
        try:
            _ = self.open().scores
        except WorkbenchError as error:
            return error
        msg = "the study was scored although it should have been refused"
        raise AssertionError(msg)


def observe(
    instrument: Instrument,
    rows: Iterable[tuple[Any, ...]],
    *,
    waves: tuple[str, ...] = ("1",),
    stages: dict[str, str] | None = None,
    unlisted_elements: Literal["missing", "not_met"] = "missing",
    facts: dict[str, dict[str, float]] | None = None,
    wave_facts: dict[str, dict[str, float]] | None = None,
) -> Observations:
    """Return observations made of ``(unit, wave, code, value or state)`` rows, or five with both.

    ``stages`` names the stage of each wave.
    """
    records = []
    for row in rows:
        unit, wave, code, *rest = row
        state, value = "", np.nan
        for item in rest:
            if isinstance(item, str):
                state = item
            else:
                value = float(item)
        stage = (stages or {}).get(wave, "")
        records.append(
            (unit, wave, stage, "", code, state, value, np.nan, np.nan, "", "", "", False)
        )
    columns = [
        "unit", "wave", "stage", "rater", "code", "state", "value", "std_error", "precision",
        "source", "note", "evidence", "compare_only",
    ]  # fmt: skip
    frame = pd.DataFrame(records, columns=columns)
    names = sorted({r[0] for r in records})
    units = pd.DataFrame({"name": names, "population": np.nan}, index=pd.Index(names, name="unit"))
    for unit, known in (facts or {}).items():
        for name, value in known.items():
            units.loc[unit, name] = value
    frame["unit"] = pd.Categorical(frame["unit"], categories=names)
    frame["wave"] = pd.Categorical(frame["wave"], categories=list(waves))
    for key in ("stage", "rater", "code", "state"):
        frame[key] = frame[key].astype("category")
    known = wave_facts or {w: {} for w in waves}
    return Observations(instrument, units, waves, known, frame, unlisted_elements=unlisted_elements)


def score_rows(instrument: Instrument, rows: Iterable[tuple[Any, ...]], **options: Any) -> Scores:
    """Return the scores of a few rows, calibrated on themselves."""
    observations = observe(instrument, rows, **options)
    return score(instrument, observations, calibrate(instrument, observations))


def cell(scores: Scores, node: str, unit: str = "u", wave: str = "1") -> dict[str, Any]:
    """Return one row of the tidy scores as a dictionary."""
    frame = scores.frame
    found = frame.loc[(frame["unit"] == unit) & (frame["wave"] == wave) & (frame["node"] == node)]
    assert len(found) == 1, f"{len(found)} rows of {node}"
    return found.iloc[0].to_dict()


def load_text(path: Path, text: str) -> Instrument:
    """Return an instrument written to a file of a test."""
    path.mkdir(parents=True, exist_ok=True)
    file = path / "instrument.yml"
    file.write_text(text, encoding="utf-8")
    return load_instrument(file, "instrument.yml")


NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def report_notebook(view: Any, name: str = "") -> Any:
    """Return the executed notebook of a report, without a kernel.

    ``name`` is that of a notebook; by default the one of a unit's or of a cohort's report.
    """
    name = name or ("cohort" if isinstance(view, CohortView) else "municipality")
    module = import_module(f"workbench.display.{name}")
    source = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    cells = []
    for cell in source.cells:
        for section in re.findall(r"report\.(\w+)\(view\)", cell.source):
            made = nbformat.v4.new_code_cell("")
            shown = getattr(module, section)(view)._repr_mimebundle_()
            made.outputs = [nbformat.v4.new_output("display_data", data=shown)]
            cells.append(made)
    return nbformat.v4.new_notebook(cells=cells)


def executed_notebook(name: str, **parameters: str) -> Any:
    """Return any notebook of the project run without a kernel, with other parameters.

    Its cells are run one after the other in one namespace, as a kernel would; what the last line of
    a cell shows becomes its output.
    """
    source = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    space: dict[str, Any] = {}
    cells = []
    for cell in source.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), space)
        if "parameters" in cell.metadata.get("tags", ()):
            space |= parameters
        made = nbformat.v4.new_code_cell("")
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), name, "eval"), space)
            made.outputs = [nbformat.v4.new_output("display_data", data=shown._repr_mimebundle_())]
        cells.append(made)
    return nbformat.v4.new_notebook(cells=cells)
