"""Checks of tidy rows against the instrument, and of tallies against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.instruments import Instrument, Observable
from workbench.language import Message, marked
from workbench.observations.model import DataWarning, Observations
from workbench.specs.instrument import (
    Category,
    Checklist,
    Element,
    Grade,
    Measure,
    PointsIndicator,
    ScoreIndicator,
    Statement,
    Variable,
)
from workbench.specs.study import StudySpec
from workbench.specs.tables import Column

MAX_PROBLEMS = 100_000
ORIGIN = ("file", "sheet", "row", "column", "state_column", "table")
ABOUT_STATES = frozenset({Reason.STATE_UNKNOWN, Reason.STATE_NOT_ALLOWED})


@dataclass(frozen=True)
class Allowed:
    """What one code may hold.

    Parameters
    ----------
    low, high : float
        Range of numbers.
    whole : bool
        Whether only whole numbers are allowed.
    options : tuple of float or None
        The only numbers allowed.
    numbers : bool
        Whether numbers are allowed at all.
    words : frozenset of str
        Levels, states and options allowed as a word.
    """

    low: float = -np.inf
    high: float = np.inf
    whole: bool = False
    options: tuple[float, ...] | None = None
    numbers: bool = True
    words: frozenset[str] = frozenset()

    def expected(self) -> Message:
        """Return what is allowed, in words."""
        words = ", ".join(sorted(self.words))
        if not self.numbers:
            return Message("one of {names}", names=words)
        if self.options is not None:
            return Message("one of {names}", names=", ".join(f"{x:.12g}" for x in self.options))
        if np.isfinite(self.low) and np.isfinite(self.high):
            text = (
                marked("a whole number from {low} to {high}")
                if self.whole
                else marked("a number from {low} to {high}")
            )
            return Message(text, low=self.low, high=self.high)
        if np.isfinite(self.low):
            text = (
                marked("a whole number of {low} or more")
                if self.whole
                else marked("a number of {low} or more")
            )
            return Message(text, low=self.low)
        if np.isfinite(self.high):
            return Message("a number of {high} or less", high=self.high)
        return Message("a number")


def _rows_by_code(column: pd.Series) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield each code of a column with its rows, in the order in which codes first stand there."""
    codes, names = pd.factorize(column)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(names) + 1))
    for name, first, last in zip(names, starts[:-1], starts[1:], strict=True):
        yield str(name), order[first:last]


class RowChecker:
    """Checks tidy rows: keys that exist, values in range, states allowed, nothing twice.

    Parameters
    ----------
    instrument : Instrument
    study : StudySpec
    units : set of str or None
        Codes of the units; None leaves them unchecked.
    """

    def __init__(self, instrument: Instrument, study: StudySpec, units: set[str] | None) -> None:
        self.instrument = instrument
        self.study = study
        self.units = units
        self.states = {state.id: state.effect for state in instrument.spec.states}
        self._known: tuple[pd.DataFrame, dict[str, NDArray[np.object_]]] | None = None

    def check(self, frame: pd.DataFrame) -> list[Problem]:
        """Return every problem of the rows, in the order of the tables."""
        found: list[tuple[int, Problem]] = []
        found.extend(self._keys(frame))
        values = frame["value"].to_numpy(dtype=np.float64)
        states = frame["state"].to_numpy(dtype=object)
        for name, rows in _rows_by_code(frame["code"]):
            if name not in self.instrument.observables:
                problem = self._unknown_code(name)
                found.extend((int(r), problem.at(self._place(frame, int(r), "code"))) for r in rows)
            else:
                held = self._values(rows, values[rows], states[rows], name)
                found.extend(self._placed(frame, held))
        found.extend(self._placed(frame, self._duplicates(frame)))
        found.extend(self._placed(frame, self._tallies(frame)))
        found.extend(self._placed(frame, self._parts_of_wholes(frame)))
        found.sort(key=lambda pair: pair[0])
        return [p for _, p in found[:MAX_PROBLEMS]]

    def check_texts(self, frame: pd.DataFrame) -> list[Problem]:
        """Return every problem of rows that say something in words: keys, codes, said twice."""
        found = list(self._keys(frame))
        unknown = ~frame["code"].isin(self.instrument.observables)
        for row in np.flatnonzero(unknown).tolist():
            problem = self._unknown_code(str(frame["code"].iloc[row]))
            found.append((row, problem.at(self._place(frame, row, "code"))))
        twice = frame.duplicated(["unit", "wave", "stage", "rater", "code"])
        for row in np.flatnonzero(twice).tolist():
            code = str(frame["code"].iloc[row])
            what = Message("{code} is said in words twice", code=code)
            fix = Message("Keep one. Different stages or raters each need their own name.")
            problem = Problem(Reason.DUPLICATE, what, fix=fix, code=code)
            found.append((row, problem.at(self._place(frame, row))))
        return [p for _, p in sorted(found, key=lambda pair: pair[0])[:MAX_PROBLEMS]]

    def _placed(
        self, frame: pd.DataFrame, found: Iterator[tuple[int, Problem]]
    ) -> Iterator[tuple[int, Problem]]:
        """Yield problems with the cell of the value or state they are about."""
        for row, problem in found:
            key = "state" if problem.reason in ABOUT_STATES else ""
            yield row, problem.at(self._place(frame, row, key))

    def _place(self, frame: pd.DataFrame, row: int, key: str = "") -> Place:
        """Return the cell a tidy row came from: that of its value, or of one of its keys."""
        cell = {name: cells[row] for name, cells in self._origins(frame).items()}
        column = str(cell["state_column" if key == "state" else "column"]) or None
        if key and key != "state":
            spec = self.study.observations[int(cell["table"])]
            source = getattr(spec, key)
            if isinstance(source, Column):
                column = source.column
            elif key == "unit":
                column = str(source)
        row_number = int(cell["row"]) or None  # what a survey gives comes from no single row
        return Place(cell["file"], sheet=cell["sheet"], row=row_number, column=column)

    def _origins(self, frame: pd.DataFrame) -> dict[str, NDArray[np.object_]]:
        """Return the columns that say where rows came from; a frame is asked for one after one."""
        if self._known is None or self._known[0] is not frame:
            self._known = frame, {name: frame[name].to_numpy(dtype=object) for name in ORIGIN}
        return self._known[1]

    def _keys(self, frame: pd.DataFrame) -> Iterator[tuple[int, Problem]]:
        """Yield unknown units, waves and stages of the rows; the study's own are checked there."""
        waves = {wave.id for wave in self.study.waves}
        stages = {stage.id for stage in self.instrument.spec.stages} | {""}
        checks = [
            ("wave", waves, Reason.WAVE_UNKNOWN, marked("the study has no such wave")),
            ("stage", stages, Reason.STAGE_UNKNOWN, marked("the instrument has no such stage")),
        ]
        if self.units is not None:
            text = marked("there is no such unit")
            checks.insert(0, ("unit", self.units, Reason.UNIT_UNKNOWN, text))
        for key, known, reason, text in checks:
            fixed = [
                i
                for i, table in enumerate(self.study.observations)
                if key != "unit" and not isinstance(getattr(table, key), Column)
            ]
            codes, names = pd.factorize(frame[key].mask(frame["table"].isin(fixed)))
            for index, name in enumerate(names):
                if name in known:
                    continue
                problem = Problem(
                    reason, Message(text), got=str(name), fix=self._advice(key, str(name), known)
                )
                for row in np.flatnonzero(codes == index).tolist():
                    yield row, problem.at(self._place(frame, row, key))

    def _advice(self, key: str, name: str, known: set[str]) -> Message:
        """Return what to write instead of an unknown key."""
        if key == "unit" and name.isdigit():
            for other in known:
                if other.lstrip("0") == name.lstrip("0"):
                    return Message(
                        "Write {code}: the leading zero is part of the code.", code=other
                    )
        return did_you_mean(name, sorted(known - {""}))

    def _unknown_code(self, code: str) -> Problem:
        """Return the problem of a code that the instrument does not have."""
        owner, _, part = code.rpartition(".")
        node = self.instrument.nodes.get(owner)
        if node is not None and isinstance(node.spec, Checklist) and len(part) <= 2:
            ids = [element.id for element in node.spec.elements]
            what = Message("{owner} has no element {part}", owner=owner, part=part)
            expected = Message("one of {names}", names=", ".join(ids))
            return Problem(Reason.ELEMENT_UNKNOWN, what, got=code, expected=expected, code=owner)
        what = Message("{instrument} has no code {code}", instrument=self.instrument.id, code=code)
        fix = did_you_mean(code, self.instrument.observables)
        return Problem(Reason.CODE_UNKNOWN, what, fix=fix, code=code)

    def _values(
        self,
        rows: NDArray[np.intp],
        values: NDArray[np.float64],
        states: NDArray[np.object_],
        code: str,
    ) -> Iterator[tuple[int, Problem]]:
        """Yield the values and states that one code may not hold."""
        allowed = allowed_for(self.instrument, self.instrument.observables[code])
        is_node = self.instrument.observables[code].kind == "node"
        counted = countable(self.instrument, code) if is_node else frozenset()
        for state in sorted({s for s in states if s}):
            here, there = rows[states == state], ~np.isnan(values[states == state])
            if state not in allowed.words:
                problem = self._state_problem(code, str(state), allowed)
                yield from ((int(r), problem) for r in here[~there] if is_node)
                yield from ((int(r), problem) for r in here if not is_node)
            elif not is_node:
                what = Message("a cell can't hold a number and a state at once")
                problem = Problem(Reason.STATE_NOT_ALLOWED, what, got=str(state), code=code)
                yield from ((int(r), problem) for r in here[there])
            if is_node and state not in counted:
                problem = self._count_problem(code, str(state), counted)
                yield from ((int(r), problem) for r in here[there])
        plain = states == ""
        tallied = is_node & ~plain & ~np.isnan(values)
        limits = Allowed(0, len(self.instrument.nodes[code].leaves), True) if is_node else allowed
        yield from self._out_of_range(rows[plain], values[plain], allowed, code)
        yield from self._out_of_range(rows[tallied], values[tallied], limits, code)

    def _out_of_range(
        self, rows: NDArray[np.intp], values: NDArray[np.float64], allowed: Allowed, code: str
    ) -> Iterator[tuple[int, Problem]]:
        """Yield numbers outside what is allowed."""
        there = ~np.isnan(values)
        if not allowed.numbers:
            bad = there
        elif allowed.options is not None:
            bad = there & ~np.isin(values, allowed.options)
        else:
            bad = (values < allowed.low) | (values > allowed.high)
            if allowed.whole:
                bad |= there & (values != np.floor(values))
        for row, value in zip(rows[bad], values[bad], strict=True):
            problem = Problem(
                Reason.VALUE_RANGE,
                Message("the value of {code} is out of range", code=code),
                got=f"{value:.12g}",
                expected=allowed.expected(),
                code=code,
            )
            yield int(row), problem

    def _state_problem(self, code: str, state: str, allowed: Allowed) -> Problem:
        """Return the problem of a state or level that a code can't have."""
        if self.states.get(state) == "not_measurable":
            what = Message("{code} has no supposition under which it is not measurable", code=code)
            return Problem(Reason.STATE_NOT_ALLOWED, what, got=state, code=code)
        if state in self.states:
            what = Message("{code} can't have this state", code=code)
            return Problem(Reason.STATE_NOT_ALLOWED, what, got=state, code=code)
        what = Message("{code} has no such level or state", code=code)
        fix = did_you_mean(state, sorted(allowed.words))
        return Problem(Reason.STATE_UNKNOWN, what, got=state, fix=fix, code=code)

    def _count_problem(self, code: str, state: str, counted: frozenset[str]) -> Problem:
        """Return the problem of a count that the instrument does not know how to use."""
        if not counted:
            what = Message("the instrument counts nothing at {code}", code=code)
            fix = Message("Leave the column out, or give the results of the indicators.")
            return Problem(Reason.STATE_NOT_ALLOWED, what, got=state, fix=fix, code=code)
        what = Message("this is no level or state that {code} counts", code=code)
        expected = Message("one of {names}", names=", ".join(sorted(counted)))
        fix = did_you_mean(state, sorted(counted))
        return Problem(Reason.STATE_UNKNOWN, what, got=state, expected=expected, fix=fix, code=code)

    def _duplicates(self, frame: pd.DataFrame) -> Iterator[tuple[int, Problem]]:
        """Yield rows that observe the same thing again.

        A row without a stage (or a rater) holds for each, so it meets every row that names one.
        """
        nodes = self.instrument.nodes
        known = {c: c in nodes and not nodes[c].is_indicator for c in frame["code"].unique()}
        counted = frame["code"].map(known).to_numpy(dtype=bool) & frame["value"].notna().to_numpy()
        # A group may be reported as a number and as a level; an indicator is one or the other.
        worded = frame["code"].map(known).to_numpy(dtype=bool) & frame["value"].isna().to_numpy()
        key = frame[["unit", "wave", "code"]].assign(
            count=np.where(counted, frame["state"], np.where(worded, "word", "")),
            aside=frame["compare_only"],
        )
        columns = list(key.columns)
        again = (
            key.assign(stage=frame["stage"], rater=frame["rater"]).duplicated().to_numpy(copy=True)
        )
        group = key.groupby(columns, sort=False).ngroup().to_numpy()
        for name in ("stage", "rater"):
            blank = (frame[name] == "").to_numpy()
            mixed = np.zeros(group.max() + 1, dtype=np.int8)
            np.bitwise_or.at(mixed, group, np.where(blank, 1, 2).astype(np.int8))
            late = pd.Series(group).duplicated().to_numpy()
            again |= (mixed[group] == 3) & late
        if not again.any():
            return
        first = (
            pd.Series(np.arange(len(frame))).groupby(group, sort=False).transform("min").to_numpy()
        )
        units, codes, files, numbers = (
            frame[name].to_numpy(dtype=object) for name in ("unit", "code", "file", "row")
        )
        for row in np.flatnonzero(again)[:MAX_PROBLEMS].tolist():
            origin = int(first[row])
            code = str(codes[row])
            what = Message(
                "{code} of {unit} is observed twice, first in {file} row {row}",
                code=code,
                unit=units[row],
                file=files[origin],
                row=int(numbers[origin]),
            )
            fix = Message("Keep one. Different stages or raters each need their own name.")
            yield row, Problem(Reason.DUPLICATE, what, fix=fix, code=code)

    def _tallies(self, frame: pd.DataFrame) -> Iterator[tuple[int, Problem]]:
        """Yield tallies that count more indicators than there are below the node."""
        nodes = self.instrument.nodes
        is_node = frame["code"].map(lambda c: c in nodes and not nodes[c].is_indicator)
        tally = frame.loc[
            is_node & (frame["state"] != "") & frame["value"].notna() & ~frame["compare_only"]
        ]
        if tally.empty:
            return
        keys = ["unit", "wave", "stage", "rater", "code"]
        totals = tally.groupby(keys, sort=False)["value"].sum()
        position = tally.reset_index().groupby(keys, sort=False)["index"].max()
        for key, total in totals.items():
            code = cast("tuple[str, ...]", key)[-1]
            n = len(nodes[code].leaves)
            if total > n:
                what = Message(
                    "the counts of {code} add up to {total}", code=code, total=float(total)
                )
                expected = Message("at most {n} indicators", n=n)
                problem = Problem(Reason.TALLY, what, expected=expected, code=code)
                yield int(position.loc[key]), problem  # type: ignore[call-overload]

    def _parts_of_wholes(self, frame: pd.DataFrame) -> Iterator[tuple[int, Problem]]:
        """Yield variables that exceed the one they are a part of."""
        pairs = [
            (f"{code}.{v.id}", f"{code}.{v.at_most}")
            for code in self.instrument.indicators
            if isinstance(spec := self.instrument.nodes[code].spec, Measure)
            for v in spec.variables
            if v.at_most
        ]
        wanted = {code for pair in pairs for code in pair}
        some = frame.loc[frame["code"].isin(wanted) & frame["value"].notna()]
        if some.empty:
            return
        keys = ["unit", "wave", "stage", "rater"]
        some = some.assign(position=some.index)[[*keys, "code", "value", "position"]]
        for part, whole in pairs:
            both = some.loc[some["code"] == part].merge(
                some.loc[some["code"] == whole], on=keys, suffixes=("", "_whole")
            )
            larger = both.loc[both["value"] > both["value_whole"]]
            for row, value, limit in zip(
                larger["position"], larger["value"], larger["value_whole"], strict=True
            ):
                what = Message(
                    "{part} is larger than {whole}, of which it is a part", part=part, whole=whole
                )
                expected = Message("at most {n}", n=float(limit))
                problem = Problem(
                    Reason.VALUE_RANGE, what, got=f"{value:.12g}", expected=expected, code=part
                )
                yield int(row), problem


def allowed_for(instrument: Instrument, observable: Observable) -> Allowed:
    """Return what a code may hold.

    Parameters
    ----------
    instrument : Instrument
    observable : Observable
        One of ``instrument.observables``.
    """
    effects = instrument.state_effects
    part, code = observable.part, observable.owner
    if isinstance(part, Element):
        words = {
            s for s, e in effects.items() if e == "not_measurable" and part.may_be_not_measurable
        }
        return Allowed(0, 1, True, words=frozenset(words))
    if isinstance(part, Variable):
        words = {s for s, e in effects.items() if e == "not_available"}
        return Allowed(
            -np.inf if part.minimum is None else part.minimum,
            np.inf if part.maximum is None else part.maximum,
            part.integer,
            part.options,
            words=frozenset(words),
        )
    if observable.kind == "fact":
        fact = next(f for f in instrument.spec.facts if f.id == code)
        if fact.boolean:
            return Allowed(0, 1, True)
        low = -np.inf if fact.minimum is None else fact.minimum
        return Allowed(low, np.inf if fact.maximum is None else fact.maximum)
    levels = {level.id for level in instrument.levels_of(code)}
    if observable.kind == "node":
        states = {s for s, effect in effects.items() if levels or effect != "insufficient"}
        return _allowed_node(instrument, code, levels | states)
    return _allowed_indicator(instrument, code, levels)


def _allowed_node(instrument: Instrument, code: str, words: set[str]) -> Allowed:
    """Return what a group may hold: a reported score, level or state."""
    rule = instrument.nodes[code].aggregate
    if rule is not None and rule.method == "share_of_level":
        return Allowed(0, 100, words=frozenset(words))
    if rule is not None and rule.method == "points" and rule.total is not None:
        return Allowed(0, rule.total, words=frozenset(words))
    return Allowed(words=frozenset(words))


def countable(instrument: Instrument, code: str) -> frozenset[str]:
    """Return the levels and states of which a group can count indicators; none if it counts none.

    Insufficient information is a level of the indicator itself, so it is no count of its own.
    """
    scale = instrument.count_scale(code)
    if scale is None:
        return frozenset()
    states = {s for s, effect in instrument.state_effects.items() if effect != "insufficient"}
    return frozenset({level.id for level in instrument.scales[scale]} | states)


def _allowed_indicator(instrument: Instrument, code: str, levels: set[str]) -> Allowed:
    """Return what an indicator may hold, by its kind."""
    spec = instrument.nodes[code].spec
    effects = instrument.state_effects
    words = set(levels)
    for state, effect in effects.items():
        if effect in ("not_available", "not_applicable"):
            words.add(state)
        if effect == "not_measurable" and spec.not_measurable:  # type: ignore[union-attr]
            words.add(state)
        if effect == "insufficient" and isinstance(spec, Grade):
            words.add(state)
    allowed = frozenset(words)
    match spec:
        case Checklist(elements=elements):
            return Allowed(0, len(elements), True, words=allowed)
        case Statement():
            return Allowed(0, 1, True, words=allowed)
        case ScoreIndicator(minimum=low, maximum=high, allowed=options):
            return Allowed(low, high, options=options, words=allowed)
        case PointsIndicator(maximum=high):
            return Allowed(0, np.inf if high is None else high, words=allowed)
        case Measure(minimum=low, maximum=high, integer=whole):
            return Allowed(
                -np.inf if low is None else low,
                np.inf if high is None else high,
                whole,
                words=allowed,
            )
        case Category(options=options):
            return Allowed(numbers=False, words=allowed | {o.id for o in options})
    return Allowed(numbers=False, words=allowed)


def tally_warnings(observations: Observations) -> Iterator[DataWarning]:
    """Yield tallies that do not add up: short of the indicators, or unlike the sum of their parts.

    A tally that lists every level and state must add up to the indicators below its node. A tally
    of a parent and those of all its children must agree, state by state.
    """
    instrument = observations.instrument
    frame = observations.frame
    groups = {c for c in instrument.groups}
    tally = frame.loc[
        frame["code"].isin(groups) & (frame["state"] != "") & frame["value"].notna(),
        ["unit", "wave", "stage", "code", "state", "value"],
    ]
    if tally.empty:
        return
    keys = ["unit", "wave", "stage", "code"]
    wide = tally.pivot_table(
        index=keys, columns="state", values="value", aggfunc="sum", observed=True
    )
    expected_states = {s.id for s in instrument.spec.states}
    for scale in instrument.scales.values():
        expected_states |= {level.id for level in scale}
    complete = [s for s in expected_states if s in wide.columns]
    for key, row in wide.iterrows():
        unit, wave, _, code = cast("tuple[str, str, str, str]", key)
        n = len(instrument.nodes[code].leaves)
        if set(complete) == expected_states and row.notna().all() and row.sum() != n:
            yield DataWarning(
                "tally_total",
                Message(
                    "The counts of {node} add up to {total}; the instrument has {n} indicators "
                    "there.",
                    node=code,
                    total=float(row.sum()),
                    n=n,
                ),
                str(unit),
                str(wave),
                str(code),
            )
    yield from _tally_mismatches(instrument, wide)


def _tally_mismatches(instrument: Instrument, wide: pd.DataFrame) -> Iterator[DataWarning]:
    """Yield states whose counts in the children do not add up to the count in the parent."""
    for code in instrument.groups:
        children = instrument.nodes[code].children
        codes = wide.index.get_level_values("code")
        if code not in codes or not set(children) <= set(codes):
            continue
        parents = wide.xs(code, level="code")
        parts = wide.loc[codes.isin(children)]

        def whole(s: pd.Series[float], n: int = len(children)) -> float:
            return s.sum() if s.notna().all() and len(s) == n else np.nan

        sums = parts.groupby(level=["unit", "wave", "stage"], observed=True).agg(whole)
        both = parents.join(sums, rsuffix="_parts", how="inner")
        for state in wide.columns:
            given, added = both[state], both[f"{state}_parts"]
            for key in both.index[given.notna() & added.notna() & (given != added)]:
                unit, wave, _ = key
                yield DataWarning(
                    "tally_mismatch",
                    Message(
                        "The count of {state} is {given} in {node}, and adds up to {added} in its "
                        "parts.",
                        state=state,
                        given=float(given[key]),
                        node=code,
                        added=float(added[key]),
                    ),
                    str(unit),
                    str(wave),
                    str(code),
                )
