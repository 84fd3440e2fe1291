"""Checks of what a study declares against its instrument and units, each at its line of the study.

A mistake here holds for every row of a table; it is told once, where it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.errors import Problem, Reason, did_you_mean
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations.cells import outside
from workbench.specs.instrument import Category
from workbench.specs.study import ObservationTable, StudySpec
from workbench.specs.survey import RespondentsTable
from workbench.specs.yaml import Document, Path_


@dataclass(frozen=True)
class DeclarationChecker:
    """Checks the names and numbers of a study.

    Parameters
    ----------
    study : StudySpec
    instrument : Instrument
    units : collection of str or None
        Codes of the units; None leaves them unchecked.
    document : Document
        The study's file, for its lines.
    """

    study: StudySpec
    instrument: Instrument
    units: Iterable[str] | None
    document: Document

    def check(self) -> list[Problem]:
        """Return every problem, in the order of the file."""
        found = [
            *self._waves(), *self._stages(), *self._tables(), *self._surveys(), *self._units(),
        ]  # fmt: skip
        return sorted(found, key=lambda p: p.place.line or 0)

    def _unknown(
        self, name: str, known: Iterable[str], path: Path_, reason: Reason, what: Message
    ) -> Iterator[Problem]:
        """Yield a problem if a name is not known."""
        names = sorted(known)
        if name not in names:
            fix = did_you_mean(name, names)
            yield Problem(reason, what, self.document.place(path), got=name, fix=fix)

    def _waves(self) -> Iterator[Problem]:
        """Yield facts of waves that the instrument does not have, or whose value can't be."""
        known = {fact.id: fact for fact in self.instrument.spec.facts}
        for index, wave in enumerate(self.study.waves):
            for name, value in wave.facts.items():
                path: Path_ = ("waves", index, "facts", name)
                what = Message("the instrument has no such fact")
                yield from self._unknown(name, known, path, Reason.CODE_UNKNOWN, what)
                if name in known:
                    fact = known[name]
                    problem = outside(
                        value, (0, 1) if fact.boolean else (fact.minimum, fact.maximum),
                        whole=fact.boolean,
                    )  # fmt: skip
                    if problem is not None:
                        yield problem.at(self.document.place(path))

    def _stages(self) -> Iterator[Problem]:
        """Yield stages that the instrument does not have."""
        known = [stage.id for stage in self.instrument.spec.stages]
        what = Message("the instrument has no such stage")
        for index, name in enumerate(self.study.stages):
            yield from self._unknown(name, known, ("stages", index), Reason.STAGE_UNKNOWN, what)

    def _tables(self) -> Iterator[Problem]:
        """Yield what is the same for all rows of a table and is not known."""
        stages = [stage.id for stage in self.instrument.spec.stages]
        waves = [wave.id for wave in self.study.waves]
        words = known_words(self.instrument)
        for index, table in enumerate(self.study.observations):
            path: Path_ = ("observations", index)
            if isinstance(table.wave, str):
                what = Message("the study has no such wave")
                wave: Path_ = (*path, "wave")
                yield from self._unknown(table.wave, waves, wave, Reason.WAVE_UNKNOWN, what)
            if isinstance(table.stage, str):
                what = Message("the instrument has no such stage")
                stage: Path_ = (*path, "stage")
                yield from self._unknown(table.stage, stages, stage, Reason.STAGE_UNKNOWN, what)
            for place, name in _column_waves(table):
                what = Message("the study has no such wave")
                yield from self._unknown(name, waves, (*path, *place), Reason.WAVE_UNKNOWN, what)
            for word, meaning in table.words.items():
                if isinstance(meaning, str):
                    what = Message("this is no level, state or option of the instrument")
                    here: Path_ = (*path, "words", word)
                    yield from self._unknown(meaning, words, here, Reason.STATE_UNKNOWN, what)

    def _surveys(self) -> Iterator[Problem]:
        """Yield codes, states, waves and units of surveys that do not exist."""
        waves = [wave.id for wave in self.study.waves]
        states = [state.id for state in self.instrument.spec.states]
        for index, table in enumerate(self.study.respondents):
            path: Path_ = ("respondents", index)
            if isinstance(table.wave, str):
                what = Message("the study has no such wave")
                wave: Path_ = (*path, "wave")
                yield from self._unknown(table.wave, waves, wave, Reason.WAVE_UNKNOWN, what)
            if table.withheld is not None:
                what = Message("the instrument has no such state")
                state: Path_ = (*path, "withheld")
                yield from self._unknown(table.withheld, states, state, Reason.STATE_UNKNOWN, what)
            what = Message("the instrument has no such code")
            for place, code in _given(table):
                here: Path_ = (*path, *place)
                known = self.instrument.observables
                yield from self._unknown(code, known, here, Reason.CODE_UNKNOWN, what)
            what = Message("there is no such unit")
            for unit in table.invited or () if self.units is not None else ():
                here = (*path, "invited", unit)
                yield from self._unknown(
                    unit, map(str, self.units or ()), here, Reason.UNIT_UNKNOWN, what
                )

    def _units(self) -> Iterator[Problem]:
        """Yield units of the reference and of the notes that do not exist."""
        if self.units is None:
            return
        known = [str(unit) for unit in self.units]
        what = Message("there is no such unit")
        reference = self.study.reference
        for key, units in (("units", reference.units or ()), ("without", reference.without)):
            for index, unit in enumerate(units):
                path: Path_ = ("reference", key, index)
                yield from self._unknown(unit, known, path, Reason.UNIT_UNKNOWN, what)
        for index, note in enumerate(self.study.notes):
            if note.unit is not None:
                path = ("notes", index, "unit")
                yield from self._unknown(note.unit, known, path, Reason.UNIT_UNKNOWN, what)


def _column_waves(table: ObservationTable) -> Iterator[tuple[Path_, str]]:
    """Yield the waves that the columns of a wide table name, with their places in the table."""
    if not isinstance(table.columns, dict):
        return
    for name, meaning in table.columns.items():
        for index, what in enumerate(meaning if isinstance(meaning, tuple) else (meaning,)):
            step: Path_ = (index,) if isinstance(meaning, tuple) else ()
            if what.wave is not None:
                yield ("columns", name, *step, "wave"), what.wave


def _given(table: RespondentsTable) -> Iterator[tuple[Path_, str]]:
    """Yield the codes that a survey gives, with their places in the table."""
    for code in table.gives:
        yield ("gives", code), code
    for name, item in table.items.items():
        for code in item.gives:
            yield ("items", name, "gives", code), code


def known_words(instrument: Instrument) -> set[str]:
    """Return everything a cell may say instead of a number: states, levels, options."""
    known = {state.id for state in instrument.spec.states}
    known |= {level.id for levels in instrument.scales.values() for level in levels}
    for code in instrument.indicators:
        spec = instrument.nodes[code].spec
        if isinstance(spec, Category):
            known |= {option.id for option in spec.options}
    return known
