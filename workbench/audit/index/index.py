"""The index: an object that is never changed; every step returns a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.audit.index.aggregate import aggregate
from workbench.audit.index.choices import chosen, other_steps, read_steps
from workbench.audit.index.data import check_codes, checked_values, waves_of
from workbench.audit.index.denominate import denominate
from workbench.audit.index.impute import impute
from workbench.audit.index.made import Made
from workbench.audit.index.normalise import check_reference, normalise, turn_of
from workbench.audit.index.screen import screen
from workbench.audit.index.structure import Structure, Weights
from workbench.audit.index.treat import treat
from workbench.audit.index.weigh import weigh
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.fits import Fitted, cases_by
from workbench.scoring.ranks import rank_units
from workbench.specs import index as specs

# What each step writes its data as.
DATA = {
    "denominate": "denominated",
    "screen": "screened",
    "impute": "imputed",
    "treat": "treated",
    "normalise": "normalised",
    "aggregate": "aggregated",
}
MAKERS: Mapping[str, Any] = {
    "denominate": denominate,
    "screen": screen,
    "impute": impute,
    "treat": treat,
    "normalise": normalise,
    "weigh": weigh,
    "aggregate": aggregate,
}
RAW = "raw"


@dataclass(frozen=True, eq=False)
class Index:
    """An index: its structure, its data after each step, the steps, and what each reported.

    Make one with :meth:`make`, or take that of a study, ``study.index``; take steps with
    :meth:`denominate`, :meth:`screen`, :meth:`impute`, :meth:`treat`, :meth:`normalise`,
    :meth:`weigh` and :meth:`aggregate`, each of which returns a new index and leaves this one as it
    is; ask :meth:`what_if` for other choices.

    Parameters
    ----------
    structure : Structure
        With the weights as they are after the last step.
    data : mapping of str to DataFrame
        ``raw, denominated, screened, imputed, treated, normalised, aggregated``, as far as they
        were made: units (index ``unit``, or ``unit, wave`` of a panel) by codes.
    units : DataFrame
        What is known of the cases besides: groups, denominators; index as of the data.
    times : mapping of str to float
        Date of each wave, as a number.
    steps : tuple of Step
        What was done, as plain values.
    reports : mapping of str to DataFrame
        What each step did, by its name: units left out, values filled in, points treated.
    parameters : mapping
        Parameters of the normalisation, by indicator and what they are for.
    start : Structure
        The structure before any step.
    name : str
    not_applicable : DataFrame, optional
        Where an indicator does not apply to a case, which then leaves its weight out; everywhere
        it does, if left out.
    locale : str
        Language tag in which the index shows itself.
    """

    structure: Structure
    data: Mapping[str, pd.DataFrame]
    units: pd.DataFrame
    times: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[specs.Step, ...] = ()
    reports: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    parameters: Mapping[str, Fitted] = field(default_factory=dict)
    start: Structure | None = None
    name: str = ""
    not_applicable: pd.DataFrame | None = None
    locale: str = "en"

    def __post_init__(self) -> None:
        """Keep the structure from which it was started."""
        if self.start is None:
            object.__setattr__(self, "start", self.structure)

    def __repr__(self) -> str:
        """Return what the index is made of, and how far it was built."""
        n, s = len(self.latest), self.structure
        parts = f"{len(s.indicators)} indicators, {len(s.groups)} groups, {n} cases"
        return f"<Index {self.name or s.top}: {parts}; {', '.join(self.data)}>"

    # -- made from --------------------------------------------------------------------------------

    @classmethod
    def make(
        cls,
        values: pd.DataFrame,
        structure: Structure | pd.DataFrame,
        *,
        units: pd.DataFrame | None = None,
        times: Mapping[str, float] | None = None,
        name: str = "",
    ) -> Index:
        """Return an index from a table of values and its structure.

        Parameters
        ----------
        values : DataFrame
            Units by indicators; index of codes, or of ``unit, wave`` for a panel.
        structure : Structure or DataFrame
            As :meth:`Structure.from_frame` reads it.
        units : DataFrame, optional
            Groups and denominators, with an index that holds that of the values.
        times : mapping, optional
            Date of each wave as a number; read from the names of the waves if left out.
        name : str

        Raises
        ------
        ScoringError
            With every problem of the structure, or of the values.
        """
        found = structure if isinstance(structure, Structure) else Structure.from_frame(structure)
        raw, beside, dates = checked_values(values, found, units, times)
        return cls(found, {RAW: raw}, beside, dates, name=name)

    # -- steps ------------------------------------------------------------------------------------

    def denominate(self, by: Mapping[str, str | None] | None = None, **options: Any) -> Index:
        """Divide indicators by columns of the units.

        Options are those of :class:`workbench.specs.index.Denominate`.
        """
        return self.take(chosen("denominate", by=by, **options))

    def screen(self, by: str = "missing", **options: Any) -> Index:
        """Leave out units of which too little is known.

        Options are those of :class:`workbench.specs.index.Screen`.
        """
        return self.take(chosen("screen", by=by, **options))

    def impute(self, method: str, **options: Any) -> Index:
        """Fill in missing values; see :class:`workbench.specs.index.Impute`."""
        return self.take(chosen("impute", method=method, **options))

    def treat(
        self,
        method: str | None = "shape",
        *,
        each: Mapping[str, Any] | None = None,
        scope: str = "pooled",
        by: str | Sequence[str] = (),
        **options: Any,
    ) -> Index:
        """Treat indicators with outliers or a long tail.

        Parameters
        ----------
        method : {"shape", "percentiles", "deviations", "fences", "transform"} or None
            None for those that ``each`` does not name.
        each : mapping of str to mapping or None
            Other rules by indicator, ``{"method": ..., ...}``.
        scope : {"pooled", "wave"}
        by : str or sequence of str
            Columns of the units; each group is treated by itself.
        **options
            Of the method, as in an instrument: ``most=5, skewness=2, kurtosis=3.5, then="log_ct"``.
        """
        rule = None if method is None else {"method": method, **options}
        return self.take(chosen("treat", rule=rule, each=each or {}, scope=scope, by=by))

    def normalise(
        self,
        method: str | None = "min_max",
        *,
        each: Mapping[str, Any] | None = None,
        reference_waves: Sequence[str] = (),
        reference_units: Sequence[str] = (),
        **options: Any,
    ) -> Index:
        """Bring indicators onto one scale, turned so that more is better.

        Parameters
        ----------
        method : str or None
            As ``normalise`` of an instrument; None only turns the values.
        each : mapping of str to mapping or None
            Other rules by indicator, ``{"method": ..., ...}``.
        reference_waves, reference_units : sequence of str
            Cases to which pooled parameters are fitted; all if left out.
        **options
            Of the method: ``range=(1, 100), scope="wave"``.
        """
        rule = None if method is None else {"method": method, **options}
        step = chosen(
            "normalise",
            rule=rule,
            each=each or {},
            reference_waves=reference_waves,
            reference_units=reference_units,
        )
        check_reference(step)  # type: ignore[arg-type]
        return self.take(step)

    def weigh(self, method: str | None = None, **options: Any) -> Index:
        """Give parts their weights; see :class:`workbench.specs.index.Weigh`.

        ``weigh(weights={...})`` gives them one by one; ``equal``, ``components``, ``optimised`` and
        ``budget`` find them.
        """
        return self.take(chosen("weigh", method=method or "given", **options))

    def aggregate(
        self,
        method: str = "arithmetic",
        *,
        levels: Mapping[int, Any] | None = None,
        each: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Index:
        """Join the parts of groups, from the indicators up.

        Parameters
        ----------
        method : str
            As ``aggregate`` of an instrument, of those that make numbers of numbers.
        levels : mapping of int to mapping
            Other rules by level of the groups, ``{4: {"method": "geometric"}}``.
        each : mapping of str to mapping
            Other rules by group.
        **options
            Of the method; ``min_availability`` is 1 if left out: a group with a part missing has no
            score.
        """
        rule = {"method": method, **options}
        return self.take(chosen("aggregate", rule=rule, levels=levels or {}, each=each or {}))

    def take(self, step: specs.Step) -> Index:
        """Return the index after one more step, given as its model.

        Raises
        ------
        ScoringError
            With every problem of the step; if it was taken already, or comes before others.
        """
        if step.step in (taken.step for taken in self.steps):
            what = Message("the step {step} was taken already", step=step.step)
            fix = Message("Ask what_if({step}=...) for another choice.", step=step.step)
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, fix=fix))
        if any(taken.step == "aggregate" for taken in self.steps):
            what = Message("the step {step} comes before the groups are joined", step=step.step)
            fix = Message("Ask what_if({step}=...) to have it done there.", step=step.step)
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, fix=fix))
        made: Made = MAKERS[step.step](self, step)
        data, reports = dict(self.data), dict(self.reports)
        if made.frame is not None:
            data[DATA[step.step]] = made.frame
        reports.update(made.reports)
        return replace(
            self,
            data=data,
            reports=reports,
            steps=(*self.steps, step),
            structure=made.structure or self.structure,
            parameters=made.parameters or self.parameters,
        )

    def follow(self, steps: Sequence[Mapping[str, Any] | specs.Step]) -> Index:
        """Return the index after several steps, given as plain values or models.

        Raises
        ------
        WorkbenchError
            With every mistake in how the steps are written, before the first is taken.
        """
        found = self
        for step in read_steps(steps):
            found = found.take(step)
        return found

    # -- other choices ----------------------------------------------------------------------------

    def what_if(
        self,
        *,
        weights: Weights | None = None,
        without: str | Sequence[str] = (),
        directions: Mapping[str, int] | None = None,
        units: str | Sequence[str] | None = None,
        **steps: Mapping[str, Any] | str | None,
    ) -> Index:
        """Return the index as it would be with other choices; all else is done as it was.

        Parameters
        ----------
        weights : mapping of str to float
            Other weights of the structure, by code; a step that finds weights is left out then.
        without : str or sequence of str
            Indicators or groups that are left out.
        directions : mapping of str to int
        units : str or sequence of str
            Only these units.
        **steps : mapping, str or None
            Another choice for a step, by its name: ``normalise={"method": "z_score"}`` or
            ``normalise="z_score"``, then for all of its parts; without a method, the options named
            are changed and the others stay; None leaves the step out. A step that was not taken is
            taken where it belongs.

        Returns
        -------
        Index
            A new one; this stays as it is.

        Examples
        --------
        >>> import pandas as pd
        >>> parents = {"code": ["a", "b", "index"], "parent": ["index", "index", None]}
        >>> values = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, 9, 1]}, index=["x", "y", "z"])
        >>> index = Index.make(values, pd.DataFrame(parents)).normalise("min_max").aggregate()
        >>> index.what_if(weights={"b": 0.0}).scores.tolist()
        [0.0, 50.0, 100.0]
        """
        left_out = (without,) if isinstance(without, str) else tuple(without)
        start = self.start or self.structure
        structure = start.without(*left_out) if left_out else start
        if directions:
            structure = structure.with_directions(directions)
        if weights:
            structure = structure.with_weights(weights)
            steps = {"weigh": None, **steps}
        wanted = other_steps(self.steps, steps, structure)
        raw = self.data[RAW]
        if units is not None:
            raw = _of_units(raw, (units,) if isinstance(units, str) else units)
        raw = raw.loc[:, list(structure.indicators)]
        absent = self.not_applicable
        fresh = Index(
            structure,
            {RAW: raw},
            self.units.loc[raw.index],
            self.times,
            name=self.name,
            not_applicable=None if absent is None else absent.loc[raw.index, raw.columns],
            locale=self.locale,
        )
        return fresh.follow(wanted)

    # -- results ----------------------------------------------------------------------------------

    @property
    def latest(self) -> pd.DataFrame:
        """The data after the last step."""
        return list(self.data.values())[-1]

    @property
    def is_panel(self) -> bool:
        """Whether there are several waves."""
        return self.latest.index.nlevels > 1

    @property
    def scores(self) -> pd.Series:
        """Scores of the index itself."""
        return self.aggregated[self.structure.top]

    @property
    def aggregated(self) -> pd.DataFrame:
        """Scores of all nodes.

        Raises
        ------
        ScoringError
            If the parts were not joined yet.
        """
        if "aggregated" not in self.data:
            what = Message("the index has no scores yet")
            fix = Message('Take the step .aggregate("arithmetic") first.')
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, fix=fix))
        return self.data["aggregated"]

    def ranks(self, code: str | None = None) -> pd.Series:
        """Return places by score of a node, the index itself if left out; 1 is best, ties share.

        Places of a panel are of each wave.

        Raises
        ------
        ScoringError
            If the index has no such node, or no scores yet.
        """
        code = code or self.structure.top
        problems = check_codes({code: None}, list(self.structure.nodes), "ranks")
        if problems:
            raise ScoringError(problems)
        score, direction = self.aggregated[code].to_numpy(), self._direction(code)
        found = np.full(len(score), np.nan)
        for _, cases in cases_by(waves_of(self.aggregated), {}, "wave", ()):
            x = score[cases]
            found[cases] = rank_units(x, x, x, direction=direction).rank
        return pd.Series(found, index=self.aggregated.index, name="rank")

    def _direction(self, code: str) -> int:
        """Return 1 if more of what a node has in the end is better: a step may have turned it."""
        node = self.structure.nodes[code]
        step = next((s for s in self.steps if isinstance(s, specs.NormaliseAll)), None)
        if node.is_group or step is None:
            return node.direction
        return node.direction * turn_of(step.each.get(code, step.rule), code, self.structure)

    def results(self) -> pd.DataFrame:
        """Return places and scores, best first: ``rank``, the index, then groups from the top."""
        groups = list(reversed(self.structure.groups))
        frame = self.aggregated[groups].copy()
        frame.insert(0, "rank", self.ranks())
        order = ["wave", "rank"] if self.is_panel else ["rank"]
        return frame.sort_values(order, kind="stable")

    def plan(self) -> list[dict[str, Any]]:
        """Return the steps as plain values, as a file holds them and :meth:`follow` takes them."""
        return [
            step.model_dump(mode="json", exclude_defaults=True) | {"step": step.step}
            for step in self.steps
        ]


def _of_units(raw: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Return the values of some units."""
    there = raw.index.get_level_values("unit")
    missing = sorted(set(units) - set(there))
    if missing:
        what = Message("there is no such unit")
        raise ScoringError(Problem(Reason.UNIT_UNKNOWN, what, got=", ".join(missing)))
    return raw.loc[np.asarray(there.isin(list(units)))]
