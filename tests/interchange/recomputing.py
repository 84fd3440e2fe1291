"""The workbook of an export, computed by another program and compared with the scoring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook, load_workbook

from tests.forms.evaluating import Evaluator
from workbench.interchange.workbook import workbook
from workbench.scoring import Scores, prepare
from workbench.study import Study

# Sheets by their place: they are called by the language of the study.
ABOUT, SCORES, ANSWERS, TREE = range(4)
# Columns of the scores.
WAVE, NODE, FOUND, SCORE, LEVEL, AGREES, HOW = 3, 4, 12, 14, 15, 20, 21
TOLERANCE = 1e-9  # of the sum of a few dozen numbers in another order


@dataclass
class Recomputed:
    """The workbook of some units of a study.

    Parameters
    ----------
    study : Study
    units : tuple of str
    """

    study: Study
    units: tuple[str, ...] = ()

    @cached_property
    def book(self) -> Workbook:
        """The workbook as it is opened."""
        return load_workbook(BytesIO(workbook(self.study, "0123456789abcdef", self.units)))

    def row_of(self, code: str, wave: str) -> int:
        """Return the row of the answer to a code."""
        sheet = self.book.worksheets[ANSWERS]
        for row in range(2, sheet.max_row + 1):
            if (sheet.cell(row, 5).value, sheet.cell(row, 3).value) == (code, wave):
                return row
        raise KeyError(code)

    def differences(self, scores: Scores | None = None) -> list[str]:
        """Return where a computed score, level or sum of parts differs from the scoring."""
        expected = scores or self.study.scores
        sheet, evaluate = self.book.worksheets[SCORES], Evaluator(self.book)
        found = []
        for row in range(2, sheet.max_row + 1):
            unit, wave, code = (str(sheet.cell(row, c).value) for c in (1, WAVE, NODE))
            result, at = expected.results[code], expected.row(unit, wave)
            levels = expected.instrument.levels_of(code)
            number = int(result.level[at]) + 1
            pairs = {
                "score": (evaluate(sheet.title, row, SCORE), result.score[at]),
                "level": (evaluate(sheet.title, row, LEVEL), float(number) if number else np.nan),
            }
            is_formula = sheet.cell(row, FOUND).data_type == "f"
            if not expected.instrument.nodes[code].is_indicator and is_formula:
                # What the parts give, also where another result is reported.
                parts = evaluate(sheet.title, row, FOUND)
                if expected.instrument.nodes[code].spec.normalise is None:
                    pairs["parts"] = (parts, result.computed[at])
            assert len(levels) >= number
            found += [f"{unit} {wave} {code} {k}: {a!r} is not {b!r}" for k, (a, b) in pairs.items()
                      if not _same(a, b)]  # fmt: skip
        return found

    def agrees(self) -> set[Any]:
        """Return what the column of agreement holds, and the verdict of the first sheet."""
        evaluate = Evaluator(self.book)
        sheet = self.book.worksheets[SCORES]
        return {evaluate(sheet.title, row, AGREES) for row in range(2, sheet.max_row + 1)}

    def values(self) -> dict[str, int]:
        """Return how many results are values, by what the workbook says of them."""
        sheet = self.book.worksheets[SCORES]
        said = [str(sheet.cell(row, HOW).value) for row in range(2, sheet.max_row + 1)]
        return {text: said.count(text) for text in said if "no formula" in text}


def _same(found: Any, expected: float) -> bool:
    """Return whether a cell holds a number, or nothing where there is none."""
    if np.isnan(expected):
        return found in (None, "")
    return isinstance(found, int | float) and abs(found - expected) <= TOLERANCE * max(
        1, abs(expected)
    )


def changed_scores(study: Study, unit: str, wave: str, code: str, value: float | None) -> Scores:
    """Return the scores of a study of which one number is another, or was never observed.

    What was fitted to the reference stays as it was.
    """
    observed = study.scored_observations
    frame = observed.frame
    here = (frame["unit"] == unit) & (frame["wave"] == wave) & (frame["code"] == code)
    assert here.sum() == 1, code
    if value is None:
        frame = frame.loc[~here].reset_index(drop=True)
    else:
        frame = frame.assign(value=np.where(here, value, frame["value"]))
    other = replace(observed, frame=pd.DataFrame(frame))
    return prepare(other, undated=study.undated).score(study.instrument, study.calibration)
