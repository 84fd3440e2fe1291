"""Who takes part in a programme, from a list of its own."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Counted, Message
from workbench.observations.cells import read_keys
from workbench.observations.tables import read_table
from workbench.specs.comparisons import ParticipantList
from workbench.study.facade import Study


@dataclass(frozen=True, slots=True)
class Listed:
    """The units of a study by whether they stand in a list of participants.

    Parameters
    ----------
    part : Series of float
        1 for units of the list, 0 for all others, by code.
    unknown : tuple of str
        Codes of the list that are no unit of the study.
    """

    part: pd.Series
    unknown: tuple[str, ...]

    @classmethod
    def read(cls, study: Study, spec: ParticipantList) -> Listed:
        """Read the list.

        Raises
        ------
        DataError
            If it can't be read, a code stands twice, or none is a unit of the study.
        """
        table, problems = read_table(study.root, spec), list[Problem]()
        codes = pd.Series(read_keys(table, spec.unit, problems, pad=spec.pad))
        for row, code in zip(
            table.rows[codes.duplicated()], codes[codes.duplicated()], strict=True
        ):
            what = Message("the unit stands twice in the list of participants")
            place = table.place(int(row), spec.unit)
            problems.append(Problem(Reason.UNIT_DUPLICATED, what, place, got=str(code)))
        units = study.units.index
        if not problems and not codes.isin(units).any():
            what = Message("none of the {n} codes of the list is a unit of the study", n=len(codes))
            expected = Message("codes as {example}", example=str(units[0]))
            fix = Message("Write pad where the list lost leading zeros, or name its column: unit.")
            place, got = (
                Place(spec.file, column=spec.unit),
                str(codes.iloc[0]) if len(codes) else "",
            )
            problems.append(
                Problem(Reason.UNIT_UNKNOWN, what, place, got=got, expected=expected, fix=fix)
            )
        if problems:
            raise DataError(problems)
        part = pd.Series(units.isin(codes).astype(float), index=units)
        return cls(part, tuple(sorted(codes[~codes.isin(units)])))

    def remark(self) -> Counted | None:
        """Return that some of the list are no units of the study; None where all are."""
        if not self.unknown:
            return None
        return Counted(
            "{n} code of the list of participants is no unit of the study: {codes}.",
            "{n} codes of the list of participants are no units of the study: {codes}.",
            len(self.unknown),
            codes=", ".join(self.unknown[:10]) + ("…" if len(self.unknown) > 10 else ""),
        )
