"""Tables mapped into tidy rows as the study says: long or wide, values, states and tallies.

One tidy row is one observation: ``unit, wave, stage, rater, code`` and a ``value``, a ``state``, or
for a tally both (how many indicators below ``code`` are in ``state``). What a source says in words
is a row of its own with a ``text``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations.cells import Numbers, not_a_number, read_keys, read_numbers
from workbench.observations.declared import known_words
from workbench.observations.tables import RawTable, cell_text
from workbench.observations.units import clean_name
from workbench.specs.study import CodeColumn, ObservationTable
from workbench.specs.tables import Column

KEYS = ("unit", "wave", "stage", "rater", "code")
TEXTS = ("source", "note", "evidence")
COLUMNS = (*KEYS, "state", "value", "std_error", "precision", *TEXTS, "compare_only")
SAID = (*KEYS, "text")
_Objects = NDArray[np.object_]


@dataclass
class Mapper:
    """Maps one table; collects problems instead of stopping at the first.

    Parameters
    ----------
    instrument : Instrument
    spec : ObservationTable
    table : RawTable
    names : mapping of str to str
        Code of each unit by its name, for tables without codes; None marks a name of two units.
    published : collection of str
        Columns of what people wrote that the study names: notes of others are left out.
    problems : list of Problem
        Takes what is found.
    """

    instrument: Instrument
    spec: ObservationTable
    table: RawTable
    names: dict[str, str | None]
    published: Collection[str] = ()
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Look up once what the words of the table mean."""
        self._read: dict[str, _Objects] = {}
        self._uncoded = np.zeros(len(self.table.rows), dtype=bool)
        known = known_words(self.instrument)
        meanings = {w.casefold(): v for w, v in self.spec.words.items() if isinstance(v, str)}
        self._known = known
        self._meanings = {word: v for word, v in meanings.items() if v in known}
        # A word that stands for nothing known is one problem of the study, not one of each row.
        self._misnamed = set(meanings) - set(self._meanings)
        self.spec = self._own_words_first(self.spec)

    def _own_words_first(self, spec: ObservationTable) -> ObservationTable:
        """Return the table's description without usual words for missing that mean something here.

        NA is a state of PEFA, and means elsewhere that nothing was observed. What the study itself
        calls missing stands.
        """
        if "missing" in spec.model_fields_set:
            return spec
        words = {word.casefold() for word in spec.words}
        kept = tuple(w for w in spec.missing if w not in self._known and w.casefold() not in words)
        return spec.model_copy(update={"missing": kept})

    def tidy(self) -> pd.DataFrame:
        """Return the rows: ``COLUMNS`` and ``text``, then the ``row`` and columns of the cell."""
        keys = self._keys()
        if self.spec.code is not None:
            codes = self._codes(self.spec.code)
            frames = [self._long(keys, codes), self._long_texts(keys, codes)]
        else:
            frames = [self._wide(keys, name, what) for name, what in self._wide_columns()]
        frames = [f for f in frames if not f.empty]
        if not frames:
            return pd.DataFrame(columns=[*COLUMNS, "text", "row", "column", "state_column"])
        return self._gathered(pd.concat(frames, ignore_index=True))

    def _gathered(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return one row for each code of a unit in a wave, where the table may repeat them."""
        if self.spec.repeated == "refuse":
            return rows
        keys = [rows[k] for k in (*KEYS, "state", "compare_only")]
        keys.append(rows["text"] != "")
        group = pd.MultiIndex.from_arrays(keys).factorize()[0]
        last = ~pd.Series(group).duplicated(keep="last").to_numpy()
        kept = rows.loc[last].copy()
        if self.spec.repeated != "last":
            numbers = rows["value"].groupby(group).agg(self.spec.repeated)
            kept["value"] = numbers.loc[group[last]].to_numpy()
            # The halves of units add up at worst; of a mean they do not grow.
            halves = rows["precision"].groupby(group).agg(self.spec.repeated)
            kept["precision"] = halves.loc[group[last]].to_numpy()
        return kept.reset_index(drop=True)

    def _keys(self) -> dict[str, _Objects]:
        """Return unit, wave, stage, rater and the texts of each record."""
        keys = {"unit": self._units()}
        for name in ("wave", "stage", "rater"):
            keys[name] = self._text(getattr(self.spec, name), numbers=True)
        for name in TEXTS:
            found = self._text(getattr(self.spec, name), numbers=True)
            column = getattr(self.spec, name)
            if (
                name == "note"
                and isinstance(column, Column)
                and column.column not in self.published
            ):
                found = np.full(len(found), "", dtype=object)
            elif isinstance(column, Column):  # what people wrote: no controls
                numbers, texts = pd.factorize(found)
                found = np.array([*map(clean_name, texts), ""], dtype=object)[numbers]
            keys[name] = found
        return keys

    def _units(self) -> _Objects:
        """Return the code of the unit of each record, by code or by name; empty where it has none.

        A record without a unit is a problem of its own, and observes nothing.
        """
        column = self.spec.unit.column if isinstance(self.spec.unit, Column) else self.spec.unit
        if column not in self.table.frame.columns:
            self.problems.append(self.table.no_column(column))
            return np.full(len(self.table.rows), "", dtype=object)
        before = {p.place.row for p in self.problems}
        found = read_keys(self.table, column, self.problems, pad=self.spec.pad)
        flagged = {p.place.row for p in self.problems} - before
        codes = found.copy()
        by_name = self.spec.unit_by == "name"
        for index in np.arange(len(found)) if by_name else np.flatnonzero(found == ""):
            place = self.table.place(int(self.table.rows[index]), column)
            if found[index]:
                codes[index] = self._by_name(str(found[index]), place)
            elif place.row not in flagged:
                what = Message("the row has no unit")
                fix = Message("Write its code, or delete the row.")
                self.problems.append(Problem(Reason.UNIT_CODE, what, place, fix=fix))
        return codes

    def _by_name(self, name: str, place: Place) -> str:
        """Return the code of the unit of this name; empty, with a problem, if there is not one."""
        code = self.names.get(clean_name(name).casefold(), "")
        if code:
            return code
        if code is None:
            what, fix = Message("two units have this name"), Message("Use codes.")
        else:
            what, fix = Message("no unit has this name"), did_you_mean(name, self.names)
        self.problems.append(Problem(Reason.UNIT_UNKNOWN, what, place, got=name, fix=fix))
        return ""

    def _text(self, source: str | Column | None, *, numbers: bool) -> _Objects:
        """Return a text that is the same for all records, or a column of them."""
        size = len(self.table.rows)
        if source is None or isinstance(source, str):
            return np.full(size, source or "", dtype=object)
        if source.column not in self.table.frame.columns:
            self.problems.append(self.table.no_column(source.column))
            return np.full(size, "", dtype=object)
        return read_keys(self.table, source.column, self.problems, numbers=numbers)

    def _codes(self, source: Column | None) -> _Objects:
        """Return the code that each record is about, None where a problem already says why not."""
        name = source.column if source is not None else ""
        if name not in self._read:
            self._read[name] = self._codes_of(source)
        return self._read[name]

    def _codes_of(self, source: Column | None) -> _Objects:
        """Return the codes of a column, read for the first time."""
        before = len(self.problems)
        codes = self._text(source, numbers=bool(self.spec.codes))
        found = self.problems[before:]
        flagged = {p.place.row for p in found}
        lost = None in flagged  # the column itself is missing
        for index in np.flatnonzero(codes == ""):
            if lost or int(self.table.rows[index]) in flagged:
                codes[index] = None
        return np.array([self.spec.codes.get(str(c), c) for c in codes], dtype=object)

    def _coded(
        self, codes: _Objects, used: NDArray[np.bool_], source: Column | None
    ) -> NDArray[np.bool_]:
        """Return which records have a code; one that observes something and has none is told of."""
        for index in np.flatnonzero(used & (codes == "") & ~self._uncoded):
            self._uncoded[index] = True
            what = Message("the row has no code")
            fix = Message("Write what was observed, or delete the row.")
            place = self.table.place(int(self.table.rows[index]), source.column if source else None)
            self.problems.append(Problem(Reason.CODE_UNKNOWN, what, place, fix=fix))
        return np.array([bool(code) for code in codes], dtype=np.bool_)

    def _wide_columns(self) -> list[tuple[str, CodeColumn]]:
        """Return the columns that hold observations and what each is."""
        present = [str(c) for c in self.table.frame.columns]
        if isinstance(self.spec.columns, dict):
            missing = [c for c in self.spec.columns if c not in present]
            self.problems.extend(self.table.no_column(c) for c in missing)
            return [
                (name, what)
                for name, meanings in self.spec.columns.items()
                if name in present
                for what in (meanings if isinstance(meanings, tuple) else (meanings,))
            ]
        known = self.instrument.observables
        used = {c.column for c in self._key_columns()} | set(self.spec.ignore)
        for name in present:
            if name not in known and name not in used:
                what = Message("the column {name} is no code of the instrument", name=name)
                fix = Message(
                    "Correct it, or list it under ignore. {hint}", hint=did_you_mean(name, known)
                )
                place = self.table.place(self.spec.header_row, name)
                self.problems.append(Problem(Reason.CODE_UNKNOWN, what, place, fix=fix))
        return [(c, CodeColumn()) for c in present if c in known and c not in used]

    def _key_columns(self) -> list[Column]:
        """Return the columns that hold keys or texts."""
        unit = (
            self.spec.unit if isinstance(self.spec.unit, Column) else Column(column=self.spec.unit)
        )
        others = [getattr(self.spec, n) for n in ("wave", "stage", "rater", *TEXTS)]
        return [unit, *(o for o in others if isinstance(o, Column))]

    def _long(self, keys: dict[str, _Objects], codes: _Objects) -> pd.DataFrame:
        """Return the rows of a long table."""
        spec, size = self.spec, len(self.table.rows)
        numbers = Numbers(
            np.full(size, np.nan), np.full(size, np.nan), np.full(size, "", dtype=object)
        )
        column = ""
        if spec.value is not None:
            if spec.value.column not in self.table.frame.columns:
                self.problems.append(self.table.no_column(spec.value.column))
            else:
                column = spec.value.column
                numbers = read_numbers(self.table, column, spec, self.problems)
        states = self._states(self._text(spec.state, numbers=True))
        errors = np.full(size, np.nan)
        if spec.std_error is not None:
            if spec.std_error.column in self.table.frame.columns:
                errors = self._std_error(spec.std_error.column)
            else:
                self.problems.append(self.table.no_column(spec.std_error.column))
        return self._rows(keys, codes, states, numbers, errors, column, spec.code)

    def _long_texts(self, keys: dict[str, _Objects], codes: _Objects) -> pd.DataFrame:
        """Return the rows of a long table that say something in words."""
        if self.spec.text is None:
            return pd.DataFrame()
        return self._said(keys, codes, self.spec.text.column, self.spec.code)

    def _said(
        self, keys: dict[str, _Objects], codes: _Objects, column: str, source: Column | None
    ) -> pd.DataFrame:
        """Return what a column of texts says of each code."""
        if column not in self.table.frame.columns:
            self.problems.append(self.table.no_column(column))
            return pd.DataFrame()
        self.problems.extend(self.table.faults.get(column, ()))
        cells = [cell_text(cell) for cell in self.table.frame[column]]
        texts = ["" if c in self.spec.missing else clean_name(c) for c in cells]
        size = len(texts)
        nothing = np.full(size, np.nan)
        frame = self._frame(
            keys, codes, np.full(size, "", dtype=object), Numbers(nothing, nothing, nothing),
            nothing, column,
        )  # fmt: skip
        frame["text"] = texts
        keep = np.array([bool(text) for text in texts]) & (keys["unit"] != "")
        kept: pd.DataFrame = frame.loc[keep & self._coded(codes, keep, source)].copy()
        return kept

    def _states(self, states: _Objects) -> _Objects:
        """Return a column of states by their ids; cells that mean nothing observed are empty."""
        return np.array(
            [
                "" if s in self.spec.missing or s.casefold() in self._misnamed else self._meaning(s)
                for s in states
            ],
            dtype=object,
        )

    def _meaning(self, word: str) -> str:
        """Return the id of the level, state or answer that a word stands for, else the word."""
        return self._meanings.get(word.casefold(), word)

    def _std_error(self, column: str) -> NDArray[np.float64]:
        """Return the standard errors, which are numbers of 0 or more."""
        found = read_numbers(self.table, column, self.spec, self.problems)
        for index in np.flatnonzero((found.words != "") | (found.values < 0)):
            word = str(found.words[index] or found.values[index])
            row = int(self.table.rows[index])
            self.problems.append(not_a_number(word, self.table, row, column, self.spec))
        return found.values

    def _wide(self, keys: dict[str, _Objects], name: str, what: CodeColumn) -> pd.DataFrame:
        """Return the rows of one column of a wide table."""
        source = what.code if isinstance(what.code, Column) else None
        codes = self._wide_codes(name, what)
        if what.wave is not None:
            keys = keys | {"wave": np.full(len(self.table.rows), what.wave, dtype=object)}
        if what.text:
            return self._said(keys, codes, name, source)
        numbers = read_numbers(self.table, name, self.spec, self.problems, extract=what.extract)
        if what.precision is not None:
            precision = np.where(np.isnan(numbers.values), np.nan, what.precision)
            numbers = Numbers(numbers.values, precision, numbers.words)
        size = len(self.table.rows)
        states = np.full(size, what.state or "", dtype=object)
        if what.note:
            keys = keys | {"note": np.full(size, what.note, dtype=object)}
        frame = self._rows(keys, codes, states, numbers, np.full(size, np.nan), name, source)
        frame["compare_only"] = what.compare_only
        return frame

    def _wide_codes(self, name: str, what: CodeColumn) -> _Objects:
        """Return the code that each record of a column of a wide table is about."""
        if isinstance(what.code, Column):
            codes = self._codes(what.code)
        else:
            codes = np.full(len(self.table.rows), what.code or name, dtype=object)
        if what.part is None:
            return codes
        return np.array([f"{c}.{what.part}" if c else c for c in codes], dtype=object)

    def _rows(
        self,
        keys: dict[str, _Objects],
        codes: _Objects,
        states: _Objects,
        numbers: Numbers,
        errors: NDArray[np.float64],
        column: str,
        source: Column | None,
    ) -> pd.DataFrame:
        """Return tidy rows; words are read as states or levels, cells meaning missing left out."""
        if self.spec.blank is not None:
            numbers = self._filled(numbers, states, self.spec.blank)
        given = states
        states, unread = self._words(states, numbers.words)
        for index in np.flatnonzero(unread):
            row, word = int(self.table.rows[index]), str(numbers.words[index])
            if word.casefold() in self._misnamed:
                continue
            problem = not_a_number(word, self.table, row, column, self.spec)
            self.problems.append(problem)
        keep = (~np.isnan(numbers.values) | (states != "")) & ~unread
        if column and self.spec.columns is not None:
            # In a wide table the state names the column: without a count there is no observation.
            tally = np.array([bool(s) for s in states]) & np.isnan(numbers.values)
            keep &= ~(tally & (numbers.words == ""))
        keep &= keys["unit"] != ""
        keep &= self._coded(codes, keep, source)
        frame = self._frame(keys, codes, states, numbers, errors, column)
        if self.spec.state is not None:
            frame.loc[given != "", "state_column"] = self.spec.state.column
        kept: pd.DataFrame = frame.loc[keep].copy()
        return kept

    def _frame(
        self,
        keys: dict[str, _Objects],
        codes: _Objects,
        states: _Objects,
        numbers: Numbers,
        errors: NDArray[np.float64],
        column: str,
    ) -> pd.DataFrame:
        """Return one tidy row for each record of a column."""
        return pd.DataFrame(
            {
                **{k: keys[k] for k in ("unit", "wave", "stage", "rater")},
                "code": codes,
                "state": states,
                "value": numbers.values,
                "std_error": errors,
                "precision": numbers.precision,
                **{k: keys[k] for k in TEXTS},
                "compare_only": False,
                "text": "",
                "row": self.table.rows,
                "column": column,
                "state_column": column,
            }
        )

    @staticmethod
    def _filled(numbers: Numbers, states: _Objects, blank: float) -> Numbers:
        """Return numbers in which an empty cell is the number that it stands for."""
        empty = np.isnan(numbers.values) & (numbers.words == "") & (states == "")
        return Numbers(
            np.where(empty, blank, numbers.values),
            np.where(empty, 0.0, numbers.precision),
            numbers.words,
        )

    def _words(self, states: _Objects, words: _Objects) -> tuple[_Objects, NDArray[np.bool_]]:
        """Return states with the words read as such, and a mark on words that mean nothing."""
        unread = np.zeros(len(words), dtype=bool)
        if not (words != "").any():
            return states, unread
        states = states.copy()
        codes, found = pd.factorize(words)
        for index, word in enumerate(found):
            if word == "":
                continue
            meaning = self._meaning(str(word))
            here = codes == index
            if meaning in self._known:
                states[here] = meaning
            else:
                unread |= here
        return states, unread
