"""Reading a survey: one row a person or company, every cell checked against the study.

Only the columns that the study names are read: names, addresses and texts beside them never get
further than the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import Problem, Reason, did_you_mean, shorten
from workbench.language import Message
from workbench.observations.cells import not_a_number, outside, read_keys, read_numbers
from workbench.observations.tables import RawTable, cell_text
from workbench.observations.units import clean_name
from workbench.specs.survey import Item, RespondentsTable
from workbench.specs.tables import Column

ANSWERED, NOT_ASKED, NO_ANSWER = "answered", "not_asked", "no_answer"
_Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one item; arrays of shape (respondents,).

    Parameters
    ----------
    state : array of str
        ``answered``, ``not_asked``, or why there is none: ``dont_know``, ``refused``, ``other``,
        ``no_answer`` for a blank.
    answer : array of str
        The answer as the study calls it; empty where there is none.
    value : array of float
        The answer as a number, NaN where it is none.
    """

    state: _Objects
    answer: _Objects
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Survey:
    """The respondents of one table who took part, with their design and answers.

    Parameters
    ----------
    spec : RespondentsTable
    file : str
    people : DataFrame
        ``respondent, unit, wave, weight, stratum, cluster, size``; one row a respondent.
    answers : mapping of str to Answers
        By item.
    invited : DataFrame
        ``unit, wave, invited``: how many were asked to take part, where that is known.
    rows : array of int
        Row of each respondent in the file.
    """

    spec: RespondentsTable
    file: str
    people: pd.DataFrame
    answers: Mapping[str, Answers]
    invited: pd.DataFrame
    rows: NDArray[np.int64]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a respondent and item: the design columns, then what was answered."""
        frames = [
            self.people.assign(item=name, state=a.state, answer=a.answer, value=a.value)
            for name, a in self.answers.items()
        ]
        return pd.concat(frames, ignore_index=True)


@dataclass
class SurveyReader:
    """Reads one table of respondents; collects problems instead of stopping at the first.

    Parameters
    ----------
    spec : RespondentsTable
    table : RawTable
    units : set of str or None
        Codes of the units; None leaves them unchecked.
    names : mapping of str to str
        Code of each unit by its name; None marks a name of two units.
    waves : tuple of str
    problems : list of Problem
        Takes what is found.
    """

    spec: RespondentsTable
    table: RawTable
    units: set[str] | None
    names: Mapping[str, str | None]
    waves: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> Survey | None:
        """Return the survey; None where a column lacks, which is a problem."""
        missing = [c for c in self._columns() if c not in self.table.frame.columns]
        self.problems.extend(self.table.no_column(c) for c in missing)
        if missing:
            return None
        people = pd.DataFrame({"respondent": self._respondents()})
        people["unit"], people["wave"] = self._units(), self._waves()
        self._twice(people)
        part = self._took_part()
        design = self.spec.design
        people["weight"] = self._positive(design.weight, part, 1.0)
        people["size"] = self._positive(design.size, part, np.nan)
        for name in ("stratum", "cluster"):
            people[name] = self._label(getattr(design, name), name, part)
        if design.cluster is None:
            people["cluster"] = people["respondent"]
        answers = {name: self._answers(name, item, part) for name, item in self.spec.items.items()}
        for name, item in self.spec.items.items():
            answers[name] = self._routed(name, item, answers, part)
        good = part & (people["unit"] != "").to_numpy() & (people["wave"] != "").to_numpy()
        kept = {
            name: Answers(a.state[good], a.answer[good], a.value[good])
            for name, a in answers.items()
        }
        invited = self._invited(people)
        own = people.loc[good].reset_index(drop=True)
        return Survey(self.spec, self.spec.file, own, kept, invited, self.table.rows[good])

    def _columns(self) -> list[str]:
        """Return the columns that are read."""
        design, wave = self.spec.design, self.spec.wave
        named = [design.weight, design.stratum, design.cluster, design.size]
        found = [self.spec.respondent, self.spec.unit, *self.spec.took_part, *self.spec.items]
        found += [c for c in named if c is not None]
        return [*found, *([wave.column] if isinstance(wave, Column) else [])]

    def _tell(
        self, reason: Reason, what: Message, index: int, column: str, got: str = "",
        *, expected: Message | None = None, fix: Message | None = None,
    ) -> None:  # fmt: skip
        """Note a problem of one cell."""
        place = self.table.place(int(self.table.rows[index]), column)
        self.problems.append(Problem(reason, what, place, got=got, expected=expected, fix=fix))

    # -- who ---------------------------------------------------------------------------------------

    def _respondents(self) -> _Objects:
        """Return what tells the respondents apart; one without it is a problem."""
        column = self.spec.respondent
        found = read_keys(self.table, column, self.problems, numbers=True)
        for index in np.flatnonzero(found == ""):
            what = Message("the row does not say which respondent it is")
            self._tell(Reason.RESPONDENT, what, int(index), column)
        return found

    def _twice(self, people: pd.DataFrame) -> None:
        """Report respondents who stand twice in one wave."""
        again = people.duplicated(["respondent", "wave"]) & (people["respondent"] != "")
        for index in np.flatnonzero(again):
            own = people["respondent"].iloc[index]
            same = (people["respondent"] == own) & (people["wave"] == people["wave"].iloc[index])
            first = int(self.table.rows[np.flatnonzero(same)[0]])
            what = Message("the respondent stands twice, first in row {row}", row=first)
            fix = Message("Keep one row a respondent and wave.")
            self._tell(Reason.DUPLICATE, what, int(index), self.spec.respondent, str(own), fix=fix)

    def _units(self) -> _Objects:
        """Return the unit of each respondent; empty, with a problem, where there is none."""
        column = self.spec.unit
        before = {p.place.row for p in self.problems}
        found = read_keys(self.table, column, self.problems, pad=self.spec.pad)
        flagged = {p.place.row for p in self.problems} - before
        codes = found.copy()
        for index, name in enumerate(found):
            if self.spec.unit_by == "name" and name:
                codes[index] = self.names.get(clean_name(str(name)).casefold()) or ""
            known = self.units is None or codes[index] in self.units
            if codes[index] and known:
                continue
            codes[index] = ""
            if not name and int(self.table.rows[index]) not in flagged:
                what = Message("the row has no unit")
                self._tell(Reason.UNIT_CODE, what, index, column)
            elif name:
                what = Message("there is no such unit")
                fix = did_you_mean(str(name), sorted(self.units or ()))
                self._tell(Reason.UNIT_UNKNOWN, what, index, column, str(name), fix=fix)
        return codes

    def _waves(self) -> _Objects:
        """Return the wave of each respondent; empty, with a problem, where the study has none."""
        wave = self.spec.wave
        if not isinstance(wave, Column):
            return np.full(len(self.table.rows), wave or self.waves[0], dtype=object)
        found = read_keys(self.table, wave.column, self.problems, numbers=True)
        for index, name in enumerate(found):
            if name not in self.waves:
                what = Message("the study has no such wave")
                fix = did_you_mean(str(name), self.waves)
                self._tell(Reason.WAVE_UNKNOWN, what, index, wave.column, str(name), fix=fix)
                found[index] = ""
        return found

    def _took_part(self) -> NDArray[np.bool_]:
        """Return who took part."""
        part = np.ones(len(self.table.rows), dtype=bool)
        for column, texts in self.spec.took_part.items():
            cells = np.array([cell_text(c) for c in self.table.frame[column]], dtype=object)
            part &= np.isin(cells, texts)
        return part

    def _invited(self, people: pd.DataFrame) -> pd.DataFrame:
        """Return how many were asked to take part: rows of the table, or as the study says."""
        if self.spec.invited is not None:
            wave = self.spec.wave if isinstance(self.spec.wave, str) else self.waves[0]
            return pd.DataFrame(
                {"unit": list(self.spec.invited), "wave": wave,
                 "invited": list(self.spec.invited.values())}
            )  # fmt: skip
        keys = ["unit", "wave"]
        if not self.spec.took_part:
            return pd.DataFrame(columns=[*keys, "invited"])
        known = people.loc[(people["unit"] != "") & (people["wave"] != "")]
        return known.groupby(keys, sort=False).size().rename("invited").reset_index()

    # -- design ------------------------------------------------------------------------------------

    def _positive(
        self, column: str | None, part: NDArray[np.bool_], otherwise: float
    ) -> NDArray[np.float64]:
        """Return a column of numbers above 0; of those who took part each needs one."""
        if column is None:
            return np.full(len(self.table.rows), otherwise)
        found = read_numbers(self.table, column, self.spec, self.problems)
        for index in np.flatnonzero(part & ~(found.values > 0)):
            word = str(found.words[index])
            value = found.values[index]
            got = word or ("" if np.isnan(value) else f"{value:.12g}")
            what = Message("this is no number above 0")
            fix = Message("Leave out who does not count: took_part, only or without.")
            self._tell(Reason.VALUE_RANGE, what, int(index), column, got, fix=fix)
        return np.where(found.values > 0, found.values, 1.0)

    def _label(self, column: str | None, name: str, part: NDArray[np.bool_]) -> _Objects:
        """Return a column of strata or clusters; of those who took part each needs one."""
        if column is None:
            return np.full(len(self.table.rows), "", dtype=object)
        found = np.array([cell_text(c) for c in self.table.frame[column]], dtype=object)
        for index in np.flatnonzero(part & (found == "")):
            what = Message("the respondent has no {name}", name=name)
            self._tell(Reason.RESPONDENT, what, int(index), column)
        return found

    # -- answers -----------------------------------------------------------------------------------

    def _answers(self, column: str, item: Item, part: NDArray[np.bool_]) -> Answers:
        """Return the answers of one column; a cell that is none of what it may be is a problem."""
        self.problems.extend(self.table.faults.get(column, ()))
        cells = np.array([cell_text(c) for c in self.table.frame[column]], dtype=object)
        state = np.full(len(cells), NO_ANSWER, dtype=object)
        for cell, why in item.no_answer.items():
            state[cells == cell] = why
        state[np.isin(cells, item.not_asked)] = NOT_ASKED
        said = part & (state == NO_ANSWER) & ~np.isin(cells, (*self.spec.missing, ""))
        answer = np.full(len(cells), "", dtype=object)
        value = np.full(len(cells), np.nan)
        if item.text:
            answer[said] = [clean_name(c) for c in cells[said]]
        elif item.range is not None:
            said &= self._numbers(column, item.range, said, value)
        else:
            said &= self._options(column, item, cells, said, answer)
            if item.numeric:
                value[said] = answer[said].astype(np.float64)
        state[said] = ANSWERED
        return Answers(state, answer, value)

    def _options(
        self, column: str, item: Item, cells: _Objects, said: NDArray[np.bool_], answer: _Objects
    ) -> NDArray[np.bool_]:
        """Fill in the option that each cell names; return where there is one."""
        words = {w.casefold(): v for w, v in self.spec.words.items() if isinstance(v, str)}
        options = {name.casefold(): name for name in item.options}
        known = [*item.options, *item.no_answer, *item.not_asked]
        expected = Message("one of {names}", names=", ".join(known))
        numbers, names = pd.factorize(np.where(said, cells, ""))
        for number, name in enumerate(map(str, names)):
            here = numbers == number
            meant = options.get(words.get(name.casefold(), name).casefold(), "")
            answer[here] = meant
            if meant or not name:
                continue
            what, fix = Message("the item has no such answer"), did_you_mean(name, known)
            for index in np.flatnonzero(here):
                self._tell(
                    Reason.STATE_UNKNOWN, what, int(index), column, shorten(name),
                    expected=expected, fix=fix,
                )  # fmt: skip
        found: NDArray[np.bool_] = answer != ""
        return found

    def _numbers(
        self,
        column: str,
        limits: tuple[float, float],
        said: NDArray[np.bool_],
        value: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Fill in the numbers of a column; return where there is one within its limits."""
        found = read_numbers(self.table, column, self.spec, [])
        for index in np.flatnonzero(said):
            row, word = int(self.table.rows[index]), str(found.words[index])
            if word:
                self.problems.append(not_a_number(word, self.table, row, column, self.spec))
                continue
            problem = outside(float(found.values[index]), limits)
            if problem is not None:
                self.problems.append(problem.at(self.table.place(row, column)))
                continue
            value[index] = found.values[index]
        return ~np.isnan(value)

    def _routed(
        self, column: str, item: Item, answers: Mapping[str, Answers], part: NDArray[np.bool_]
    ) -> Answers:
        """Return answers with those set aside who were not asked; one who answered is a problem."""
        if not item.asked_if:
            return answers[column]
        asked = np.ones(len(part), dtype=bool)
        for other, wanted in item.asked_if.items():
            asked &= np.isin(answers[other].answer, wanted)
        own = answers[column]
        for index in np.flatnonzero(part & ~asked & (own.state == ANSWERED)):
            what = Message("the item was answered by a respondent to whom it is not put")
            others = ", ".join(item.asked_if)
            fix = Message("Check the answer to {name}, or asked_if in the study.", name=others)
            self._tell(Reason.STATE_NOT_ALLOWED, what, int(index), column, fix=fix)
        state = np.where(asked, own.state, NOT_ASKED).astype(object)
        return Answers(state, own.answer, own.value)
