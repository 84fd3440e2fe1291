"""The study: what notebooks and the command line open."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.instruments import Instrument, load_instrument
from workbench.instruments.chosen import with_choices
from workbench.language import Locale, Message, as_locale
from workbench.observations import DataWarning, Observations, load_observations
from workbench.scoring import (
    Calibration,
    Explanation,
    Prepared,
    Scores,
    calibrate,
    explain,
    prepare,
    score,
)
from workbench.scoring.calibrate import is_fitted
from workbench.scoring.matrix import Matrix
from workbench.specs.choices import Choices
from workbench.specs.roadmap import RoadmapSpec
from workbench.specs.study import StudySpec
from workbench.specs.yaml import Document, is_file, load, missing_file
from workbench.study.changes import ChangeReader
from workbench.study.chosen import check_reported, read_choices, reported, share
from workbench.study.foreign import foreign_texts
from workbench.study.frozen import read_view
from workbench.study.injected import cells_run, check_injected
from workbench.study.names import distinct_names
from workbench.study.peers import PeerGroups, peer_groups
from workbench.study.project import find_instrument, find_study
from workbench.study.recorded import Recorded
from workbench.study.roadmap import read_roadmaps
from workbench.study.views import CohortView, UnitView

if TYPE_CHECKING:
    from workbench.audit.index import Index
    from workbench.study.build import ViewBuilder

RUN_VARIABLE = "WORKBENCH_RUN"
# What the records of a run say of its study when all its reports are made.
RECORDED = frozenset({"own_instrument", "instrument", "reference_waves", "earlier"})


class Study:
    """A study: its instrument, observations, scores and views, each computed when first asked for.

    Open one with :meth:`open`. Inside a run (the variable ``WORKBENCH_RUN`` names its folder) views
    are read from the run's frozen data; elsewhere they are computed. Both are the same objects.

    Parameters
    ----------
    spec : StudySpec
    path : Path
        The study's file.
    root : Path
        Project folder, from which the paths in the study count.
    locale : Locale
    run : Path, optional
        Folder of the run.
    document : Document, optional
        What the file says, for the line of what is wrong in it.
    """

    def __init__(
        self,
        spec: StudySpec,
        path: Path,
        root: Path,
        locale: Locale,
        run: Path | None = None,
        document: Document | None = None,
    ) -> None:
        self.spec = spec
        self.path = path
        self.root = root
        self.locale = locale
        self.run = run
        self.document = document or Document(path.name)
        self.run_id: str | None = None

    @classmethod
    def open(cls, path: str | Path, *, locale: str | None = None) -> Study:
        """Open a study.

        Parameters
        ----------
        path : str or Path
            Its YAML file; relative paths are looked for in the working directory and above.
        locale : str, optional
            Language and country of the results, ``es-MX``; that of the study by default.

        Returns
        -------
        Study

        Raises
        ------
        WorkbenchError
            If the file is missing or wrong; every mistake is listed with its line.
        """
        check_injected(cells_run())
        found, root = find_study(path)
        shown = str(found.relative_to(root)) if found.is_relative_to(root) else str(path)
        spec, document = _read(found, shown, _state_of(found))
        run = os.environ.get(RUN_VARIABLE)
        tag = as_locale(locale) if locale else as_locale(spec.locale)
        return cls(spec, found, root, tag, Path(run) if run else None, document)

    def __repr__(self) -> str:
        """Return the study's id and language."""
        return f"<Study {self.spec.id} ({self.locale.tag})>"

    def place(self, *path: str | int) -> Place:
        """Return the place of a part of the study's file: ``place("peers", "column")``."""
        return self.document.place(path)

    # -- what the study holds ---------------------------------------------------------------------

    @cached_property
    def own_instrument(self) -> Instrument:
        """The instrument as its file has it."""
        path, name = find_instrument(self.spec.instrument, self.root, self.place("instrument"))
        return load_instrument(path, name)

    @cached_property
    def instrument(self) -> Instrument:
        """The instrument of the study, with the choices that the study makes otherwise."""
        choices = self.spec.choices
        if not choices.changes_scores:
            return self.own_instrument
        return with_choices(self.own_instrument, choices, self.place)

    @cached_property
    def foreign(self) -> dict[str, str]:
        """Texts that are in another language than the study's locale, with their language."""
        return foreign_texts(self)

    @cached_property
    def observations(self) -> Observations:
        """All observations, of every stage and rater."""
        return load_observations(self.root, self.spec, self.own_instrument, document=self.document)

    @property
    def respondents(self) -> pd.DataFrame:
        """Respondents of the surveys with their design and answers: a row a respondent and item.

        Columns ``table, respondent, unit, wave, weight, size, stratum, cluster, item, state,
        answer, value``, for comparisons that need the design. It is not written with a run.
        """
        frames = [s.to_frame().assign(table=n) for n, s in enumerate(self.observations.surveys)]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    @cached_property
    def every_observation(self) -> Observations:
        """The observations of all units: one rater, and for each unit its best stage."""
        return self._at_stages(self._stage_order())

    @cached_property
    def scored_observations(self) -> Observations:
        """Those of them that are scored: the cohort of the study, up to its last wave."""
        return reported(self, self.every_observation)

    @cached_property
    def prepared(self) -> Prepared:
        """The observations that are scored, as arrays."""
        return prepare(self.scored_observations, undated=self.undated)

    def _at_stages(self, stages: tuple[str, ...]) -> Observations:
        """Return the observations of one rater at the first of some stages."""
        found = self.observations
        raters = set(map(str, found.frame["rater"].unique())) - {""}
        if raters and self.spec.rater is None and len(raters) > 1:
            what = Message("several raters scored the same units")
            fix = Message(
                "Name the one whose answers are scored: rater: {name}.", name=sorted(raters)[0]
            )
            raise DataError(Problem(Reason.DUPLICATE, what, self.place("rater"), fix=fix))
        if self.spec.rater is not None:
            if self.spec.rater not in raters:
                fix = did_you_mean(self.spec.rater, sorted(raters))
                what = Message("no answers of this rater")
                problem = Problem(
                    Reason.RATER_UNKNOWN, what, self.place("rater"), got=self.spec.rater, fix=fix
                )
                raise DataError(problem)
            found = found.of_rater(self.spec.rater)
        return found.at_stage(stages)

    def _stage_order(self) -> tuple[str, ...]:
        """Return the stages that are scored, best first: as declared, else the last observed."""
        return self.spec.stages or tuple(reversed(self.observations.stages))

    @property
    def units(self) -> pd.DataFrame:
        """Units of the study: index code; columns name, population, groups, facts."""
        return self.observations.units

    @cached_property
    def undated(self) -> frozenset[str]:
        """Waves without a date."""
        return frozenset(wave.id for wave in self.spec.waves if wave.undated)

    @cached_property
    def reference_waves(self) -> tuple[str, ...]:
        """Waves to which parameters are fitted: as declared, else the first dated one observed."""
        if self.spec.reference.waves is not None:
            return self.spec.reference.waves
        observed = set(map(str, self.every_observation.frame["wave"].unique()))
        dated = [w.id for w in self.spec.waves if not w.undated and w.id in observed]
        return (dated[0],) if dated else tuple(w.id for w in self.spec.waves)[:1]

    @cached_property
    def reference_observations(self) -> Observations:
        """What parameters are fitted to, whatever units are reported: every wave of it."""
        every_wave, wanted = self.every_observation, self.spec.reference
        if wanted.units is not None:
            return every_wave.of_units(list(wanted.units))
        if wanted.without:
            others = [str(u) for u in every_wave.units.index if str(u) not in wanted.without]
            return every_wave.of_units(others)
        return every_wave

    @cached_property
    def fitted_to(self) -> Observations:
        """What pooled parameters are fitted to: the waves of the reference."""
        return self.reference_observations.of_waves(self.reference_waves)

    @cached_property
    def reference_matrix(self) -> Matrix:
        """The observations of the reference as arrays."""
        return prepare(self.reference_observations).matrix

    @cached_property
    def calibration(self) -> Calibration:
        """Parameters fitted to the reference, whatever units a run is limited to."""
        return calibrate(
            self.instrument,
            self.fitted_to,
            every_wave=self.reference_observations,
            matrix=self.reference_matrix if is_fitted(self.instrument) else None,
        )

    @cached_property
    def scores(self) -> Scores:
        """Scores of all units in all waves."""
        found = self.prepared.score(self.instrument, self.calibration)
        check_reported(found, self.spec.choices, self)
        return found

    def what_if(self, choices: Choices | None = None, **changes: Any) -> Study:
        """Return the study under other choices; this one stays as it is.

        Parameters
        ----------
        choices : Choices, optional
            All of them; those of the study by default.
        **changes
            Choices that differ, as a study file writes them: ``weights={"total": {"staff": 2}}``.

        Raises
        ------
        WorkbenchError
            With every choice that can't be read. What the instrument does not leave free is told
            when its scores are asked for.
        """
        wanted = choices or self.spec.choices
        if changes:
            plain = wanted.model_dump(mode="json", exclude_defaults=True)
            wanted = read_choices({**plain, **changes})
        spec = self.spec.model_copy(update={"choices": wanted})
        other = Study(spec, self.path, self.root, self.locale, None, self.document)
        share(self, other)
        return other

    @cached_property
    def index(self) -> Index:
        """The index in matrix form, to ask what other choices would give.

        Raises
        ------
        ScoringError
            If the result of the instrument is no number made of numbers.
        """
        from workbench.study.index import index_of

        return index_of(self)

    @cached_property
    def scores_by_stage(self) -> dict[str, Scores]:
        """Scores of each stage by itself; empty where there is only one."""
        stages = self.observations.stages
        if len(stages) < 2:
            return {}
        return {
            stage: score(
                self.instrument,
                reported(self, self._at_stages((stage,))),
                self.calibration,
                undated=self.undated,
            )
            for stage in stages
        }

    @cached_property
    def recorded(self) -> Recorded:
        """What was recorded in words in the observations that are scored."""
        return Recorded(self.scored_observations)

    @cached_property
    def earlier(self) -> tuple[Study, ...]:
        """Studies of the same units with other versions of the instrument.

        Raises
        ------
        DataError
            If one is not there, or is this study itself.
        """
        found = []
        for index, name in enumerate(self.spec.earlier):
            path, place = self.root / name, self.place("earlier", index)
            if not is_file(path):
                raise DataError(replace(missing_file(path, place), got=name))
            if path.resolve() == self.path.resolve():
                what = Message("a study can't be its own earlier one")
                raise DataError(Problem(Reason.PROJECT_MISSING, what, place, got=name))
            found.append(Study.open(path, locale=self.locale.tag))
        return tuple(found)

    @cached_property
    def peers(self) -> PeerGroups:
        """Peer groups of the units."""
        return peer_groups(self.units, self.spec.peers, self.place("peers", "column"))

    @cached_property
    def roadmaps(self) -> dict[str, RoadmapSpec]:
        """Roadmaps by unit."""
        return read_roadmaps(self)

    @cached_property
    def warnings(self) -> tuple[DataWarning, ...]:
        """Defects of the data that stop nothing."""
        return (*self.observations.warnings, *self.scores.warnings)

    # -- questions --------------------------------------------------------------------------------

    def explain(self, unit: str, node: str, wave: str | None = None) -> Explanation:
        """Return the arithmetic of one result, down to the observations.

        Parameters
        ----------
        unit, node : str
            Codes.
        wave : str, optional
            The last in which the unit was observed by default.
        """
        return explain(self.scores, self.scored_observations, self.unit_code(unit), node, wave)

    def unit_code(self, unit: object) -> str:
        """Return ``unit`` if it is the code of a unit that was observed.

        Raises
        ------
        DataError
            If it is a number, because a leading zero may be lost, or no unit has it.
        """
        if isinstance(unit, int | float) and not isinstance(unit, bool):
            what = Message("{got} is a number; codes are text", got=unit)
            digits = f"{unit:.0f}"
            meant = [str(c) for c in self.units.index if str(c).lstrip("0") == digits]
            fix = Message(
                'Pass the code as text: papermill -r unit {code}, or unit="{code}".',
                code=meant[0] if len(meant) == 1 else "CODE",
            )
            raise DataError(Problem(Reason.CODE_IS_NUMBER, what, Place("unit"), fix=fix))
        code = str(unit)
        if code in self.scores.units:
            return code
        known = sorted(self.scores.units)
        if code in self.units.index:
            what = Message("unit {unit} has no observations", unit=code)
            raise DataError(Problem(Reason.UNIT_UNKNOWN, what, Place("unit")))
        by_name = {str(n).casefold(): str(c) for c, n in self.units["name"].items()}
        named = by_name.get(code.casefold())
        fix = Message("Write its code: {code}.", code=named) if named else did_you_mean(code, known)
        what = Message("there is no such unit")
        raise DataError(Problem(Reason.UNIT_UNKNOWN, what, Place("unit"), got=code, fix=fix))

    @cached_property
    def names(self) -> dict[str, str]:
        """Names by code that tell the units of a list apart."""
        found = distinct_names(self.units, list(self.spec.units.groups))
        return {str(code): str(name) for code, name in found.items()}

    def observed_units(self) -> list[str]:
        """Return the codes of the units with observations, sorted."""
        return sorted(self.scores.units)

    # -- views ------------------------------------------------------------------------------------

    @cached_property
    def builder(self) -> ViewBuilder:
        """The builder of views; imported late because it needs the study."""
        from workbench.study.build import ViewBuilder

        return ViewBuilder(self)

    def view(self, unit: object) -> UnitView:
        """Return everything that the report of a unit shows.

        Parameters
        ----------
        unit : str
            Code of the unit.
        """
        if self.run is not None:
            path = self.run / "data" / "views" / f"{unit}.json"
            if isinstance(unit, str) and path.is_file():
                return read_view(path, UnitView)
        return self.builder.unit(self.unit_code(unit))

    def cohort_view(self) -> CohortView:
        """Return everything that the report of the cohort shows."""
        if self.run is not None:
            path = self.run / "data" / "views" / "cohort.json"
            if path.is_file():
                return read_view(path, CohortView)
        return self.builder.cohort()

    @property
    def changes(self) -> ChangeReader:
        """Changes between two measurements, by the rules of the instrument."""
        return self.builder.changes

    def compared_with(self, wave: str) -> list[str]:
        """Return the waves with which one is compared, the preferred first."""
        return self.builder.before(wave)

    def forget(self) -> None:
        """Let go of the data and of what was computed from them; both come again when asked for.

        A run that has frozen its views needs neither, and each of its processes would hold them.
        """
        for name in RECORDED:
            getattr(self, name)
        for name in _cached(type(self)) - RECORDED:
            self.__dict__.pop(name, None)
        for other in self.earlier:
            other.forget()

    # -- what views ask for -----------------------------------------------------------------------

    def stage_name(self, stage: str) -> str:
        """Return the title of a stage."""
        for entry in self.instrument.spec.stages:
            if entry.id == stage:
                return entry.title.in_(self.locale.tag, self.instrument.spec.language)
        return stage

    @cached_property
    def _stage_of_case(self) -> dict[tuple[str, str], str]:
        """Stage that was scored, by unit and wave."""
        frame = self.scored_observations.frame
        some = frame.loc[frame["stage"] != "", ["unit", "wave", "stage"]].drop_duplicates()
        return {
            (str(u), str(w)): str(s)
            for u, w, s in zip(some["unit"], some["wave"], some["stage"], strict=True)
        }

    def stage_title(self, unit: str, wave: str) -> str | None:
        """Return the title of the stage that was scored for a unit, None where none is recorded."""
        stage = self._stage_of_case.get((unit, wave))
        return self.stage_name(stage) if stage else None


def _cached(study: type) -> set[str]:
    """Return what a class computes once."""
    return {
        name
        for part in study.__mro__
        for name, value in vars(part).items()
        if isinstance(value, cached_property)
    }


def _state_of(path: Path) -> tuple[int, int]:
    """Return what changes when a file is written: its time and size."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=8)
def _read(path: Path, shown: str, state: tuple[int, int]) -> tuple[StudySpec, Document]:
    """Return a study's file; thousands of reports of a run open the same one."""
    del state
    return load(path, shown, StudySpec)


def dump_view(view: UnitView | CohortView) -> str:
    """Return a view as JSON, one line."""
    return view.model_dump_json()
