"""Results as a table for the terminal.

Where an instrument gives a result, the units stand below each other. Where it gives none, as PEFA
and raw indicators do, what was measured stands below each other, with a column for each of a few
units, or the spread of many.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.scoring.states import NO_LEVEL, State
from workbench.study.change_views import Outcome
from workbench.study.facade import Study

MOST_NODES = 6
MOST_UNITS = 6
# Before and now of a result, by how it changed; what can't be compared is told by its own sign.
SIGNS: dict[Outcome, str] = {
    "improved": "{before} ↑ {now}",
    "deteriorated": "{before} ↓ {now}",
    "unchanged": "{now} =",
    "not_comparable": "{before} ≠ {now}",
}

Heads = list[tuple[str, str]]
Rows = list[list[str]]


@dataclass(frozen=True)
class ResultTable:
    """A table of results.

    Parameters
    ----------
    title : str
        The wave, and how signs are read.
    heads : list of (str, str)
        Title and alignment of each column.
    rows : list of list of str
    """

    title: str
    heads: Heads
    rows: Rows


def result_table(
    study: Study,
    wave: str | None = None,
    nodes: list[str] | None = None,
    units: list[str] | None = None,
) -> ResultTable:
    """Return the results of a study in one wave.

    Parameters
    ----------
    study : Study
    wave : str, optional
        The last dated one observed by default.
    nodes : list of str, optional
        What is shown: the result by default, else every group with a result, else indicators.
    units : list of str, optional
        All by default.

    Raises
    ------
    WorkbenchError
        If a wave, node or unit is unknown, or no unit was observed in the wave.
    """
    maker = _Maker(study, _wave(study, wave), units)
    codes = [study.instrument.node(n).code for n in nodes or study.instrument.headline]
    if codes and len(codes) <= MOST_NODES:
        return maker.by_unit(codes)
    return maker.by_result(codes)


def _wave(study: Study, wave: str | None) -> str:
    """Return the wave asked for, else the last dated one observed."""
    waves = [w.id for w in study.spec.waves]
    if wave is not None and wave not in waves:
        what = Message("the study has no such wave")
        problem = Problem(
            Reason.WAVE_UNKNOWN, what, Place("--wave"), got=wave, fix=did_you_mean(wave, waves)
        )
        raise WorkbenchError(problem)
    observed = set(study.scores.cases.get_level_values("wave"))
    here = [w for w in waves if w in observed]
    dated = [w for w in here if w not in study.undated]
    return wave or (dated or here)[-1]


@dataclass(frozen=True)
class _Maker:
    """Makes the table of one wave."""

    study: Study
    wave: str
    asked: list[str] | None

    @cached_property
    def units(self) -> dict[str, int]:
        """Row of each unit shown."""
        cases = self.study.scores.cases
        rows = {str(u): i for i, (u, w) in enumerate(cases) if w == self.wave}
        if not self.asked:
            return rows
        chosen = [self.study.unit_code(unit) for unit in self.asked]
        for unit in chosen:
            if unit not in rows:
                what = Message("unit {unit} was not observed in {wave}", unit=unit, wave=self.wave)
                raise WorkbenchError(Problem(Reason.UNIT_UNKNOWN, what, Place("--unit")))
        return {unit: rows[unit] for unit in chosen}

    def _name(self, unit: str) -> str:
        """Return the name of a unit."""
        return self.study.names[unit]

    def _title(self, code: str) -> str:
        """Return the title of a node."""
        return self.study.instrument.title(code, self.study.locale.tag)

    def _title_with_unit(self, code: str) -> str:
        """Return the title of a node with the unit of its value."""
        unit = getattr(self.study.instrument.nodes[code].spec, "unit", None)
        text = self.study.instrument.text(unit, self.study.locale.tag)
        return f"{self._title(code)} ({text})" if text else self._title(code)

    # -- a row a unit -----------------------------------------------------------------------------

    def by_unit(self, codes: list[str]) -> ResultTable:
        """Return a row a unit, with the result and status of each node."""
        heads: Heads = [("unit", "left"), ("name", "left")]
        for code in codes:
            heads += [(self._title(code), "right"), ("status", "left")]
        status = self.study.scores.frame.set_index(["node", "unit", "wave"])["status"]
        rows = []
        for unit, row in self.units.items():
            cells = [unit, self._name(unit)]
            for code in codes:
                cells += [self._result(code, row), str(status[code, unit, self.wave])]
            rows.append(cells)
        return ResultTable("", heads, rows)

    def _result(self, code: str, row: int) -> str:
        """Return the score and level of a node, a dash for none."""
        result = self.study.scores.results[code]
        level = self._level(code, row)
        score = float(result.score[row])
        if level and np.isnan(score):
            return level
        decimals = self.study.instrument.decimals(code)
        return f"{self.study.locale.number(score, decimals)} {level}".strip()

    def _level(self, code: str, row: int) -> str:
        """Return the title of the level of a node, empty for none."""
        level = int(self.study.scores.results[code].level[row])
        if level == NO_LEVEL:
            return ""
        entry = self.study.instrument.levels_of(code)[level]
        return self.study.instrument.text(entry.title, self.study.locale.tag)

    # -- a row a result ---------------------------------------------------------------------------

    def by_result(self, codes: list[str]) -> ResultTable:
        """Return a row a result: a column for each of a few units, else the spread of all."""
        shown = codes or self._with_results()
        heads: Heads = [("node", "left"), ("title", "left")]
        few = len(self.units) <= MOST_UNITS
        if few:
            heads += [(f"{unit} {self._name(unit)}", "left") for unit in self.units]
        spread = [self._spread(code) for code in shown]
        columns = [] if few else [k for k in _SPREAD if any(row[k] for row in spread)]
        heads += [(name, "left" if name == "levels" else "right") for name in columns]
        rows = []
        for code, found in zip(shown, spread, strict=True):
            cells = [code, self._title_with_unit(code)]
            if few:
                cells += [self._cell(code, row) for row in self.units.values()]
            rows.append([*cells, *(found[name] for name in columns)])
        return ResultTable(self._read(few), heads, rows)

    def _with_results(self) -> list[str]:
        """Return the highest groups of which anything is known, and indicators where none is."""
        found: dict[str, None] = {}
        waiting = list(reversed(self.study.instrument.roots))
        while waiting:
            node = self.study.instrument.nodes[waiting.pop()]
            if self._is_known(node.code):
                found[node.code] = None
            else:
                waiting += reversed(node.children)
        return list(found)

    def _is_known(self, code: str) -> bool:
        """Return whether any unit has a result or a state at a node."""
        state = self.study.scores.results[code].state[list(self.units.values())]
        return bool((~np.isin(state, (State.NOT_AGGREGATED, State.MISSING))).any())

    @cached_property
    def _before(self) -> dict[str, int]:
        """Row of each unit in the measurement with which the instrument compares this one."""
        if self.study.instrument.spec.comparison is None:
            return {}
        cases = {(str(u), str(w)): i for i, (u, w) in enumerate(self.study.scores.cases)}
        earlier = self.study.compared_with(self.wave)
        found = {}
        for unit in self.units:
            rows = [cases[unit, w] for w in earlier if (unit, w) in cases]
            if rows:
                found[unit] = rows[0]
        return found

    def _cell(self, code: str, row: int) -> str:
        """Return a result, with the one before where the instrument compares them."""
        now = self._shown(code, row)
        unit = str(self.study.scores.cases[row][0])
        before = self._before.get(unit)
        if before is None or not self.study.instrument.nodes[code].scale:
            return now
        outcome = self.study.changes.outcome(code, before, row)[0]
        return SIGNS.get(outcome, "{now}").format(before=self._shown(code, before), now=now)

    def _shown(self, code: str, row: int) -> str:
        """Return a result as it stands: the state that was recorded, a level, a score or value."""
        result, node = self.study.scores.results[code], self.study.instrument.nodes[code]
        state = State(int(result.state[row]))
        unit, wave = map(str, self.study.scores.cases[row])
        word = self.study.recorded.words.get((unit, wave, code), "")
        if word in self.study.instrument.state_effects:
            return word
        if state not in (State.VALUED, State.INSUFFICIENT):
            return "–" if state == State.MISSING else state.name.lower()
        level = self._level(code, row)
        value = float(result.value[row] if node.is_indicator else result.score[row])
        if np.isnan(value):
            return level or "–"
        decimals = self.study.instrument.decimals(code)
        number = self.study.locale.number(value, 0 if value.is_integer() else max(decimals, 1))
        return f"{number} {level}".strip()

    def _spread(self, code: str) -> dict[str, str]:
        """Return how many units have a result, its spread, and how many are at each level."""
        rows = np.array(list(self.units.values()))
        result, node = self.study.scores.results[code], self.study.instrument.nodes[code]
        values = (result.value if node.is_indicator else result.score)[rows]
        known, levels = values[~np.isnan(values)], result.level[rows]
        found = dict.fromkeys(_SPREAD, "")
        found["units"] = str(int((~np.isnan(values) | (levels != NO_LEVEL)).sum()))
        if known.size and not (levels != NO_LEVEL).any():
            decimals = max(self.study.instrument.decimals(code), 1)
            for name, take in (("lowest", np.min), ("median", np.median), ("highest", np.max)):
                found[name] = self.study.locale.number(float(take(known)), decimals)
        own = self.study.instrument.levels_of(code)
        counts = [(own[i], int((levels == i).sum())) for i in reversed(range(len(own)))]
        titles = self.study.instrument.text
        found["levels"] = ", ".join(
            f"{titles(level.title, self.study.locale.tag)}: {n}" for level, n in counts if n
        )
        return found

    def _read(self, few: bool) -> str:
        """Return the wave, and how the signs of a change are read."""
        tag = self.study.locale.tag
        title = Message("wave {wave}", wave=self.wave).text(tag)
        if not few or not self._before:
            return title
        waves = sorted({str(self.study.scores.cases[i][1]) for i in self._before.values()})
        signs = Message(
            "{before} before, ↑ improved, ↓ deteriorated, = unchanged, ≠ not comparable",
            before=", ".join(waves),
        ).text(tag)
        return f"{title}; {signs}"


_SPREAD = ("units", "lowest", "median", "highest", "levels")
