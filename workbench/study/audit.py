"""The audit of a study's index: what it is made of, and how far its ranking can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.audit.components import components
from workbench.audit.correlations import consistency_by_group, correlations, size_correlations
from workbench.audit.importance import effective_weights, importance
from workbench.audit.index import Index, Structure
from workbench.audit.index.aggregate import rules_of
from workbench.audit.influence import NOMINAL, influence
from workbench.audit.limits import FIRM_PLACES, FIRM_SHARE, ROUGH_SHARE
from workbench.audit.lineage import below
from workbench.audit.robustness import METHOD, rank_robustness
from workbench.audit.statistics import availability, indicator_statistics
from workbench.errors import Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.specs.index import AggregateAll
from workbench.specs.robustness import Robustness
from workbench.stats import Refusal, Result
from workbench.study.compared import Compared
from workbench.study.facade import Study

# Samples where the study declares none: what audits take, fewer where units or parts are many.
SAMPLES, FEW_SAMPLES, MANY_UNITS, MANY_NODES = 4096, 512, 500, 80
FINDS_WEIGHTS = ("dp2", "first_component")


@dataclass(frozen=True)
class Audit:
    """The audit of an index in one wave.

    Parameters
    ----------
    study : Study
    index : Index or None
        None where the result of the instrument is no number made of numbers.
    node, wave : str
        What is looked at, and when.
    refusal : Refusal or None
        Why there is no index.
    """

    study: Study
    index: Index | None
    node: str
    wave: str
    refusal: Refusal | None = None

    @cached_property
    def data(self) -> Compared:
        """The study as comparisons take it: words, sizes."""
        return Compared(self.study)

    @cached_property
    def plan(self) -> Robustness:
        """The plan that the study declares, else weights and one indicator left out."""
        declared = self.study.spec.comparisons.robustness
        plan = declared or Robustness(draws=2000)
        if plan.sobol_samples is None:
            many = len(self.values) > MANY_UNITS or len(self.structure.nodes) > MANY_NODES
            samples = FEW_SAMPLES if many else SAMPLES
            plan = plan.model_copy(update={"sobol_samples": samples})
        return plan

    @property
    def declared(self) -> bool:
        """Whether the study declares a plan."""
        return self.study.spec.comparisons.robustness is not None

    @cached_property
    def structure(self) -> Structure:
        """The structure of what is looked at."""
        return below(self._index.structure, self.node)

    @property
    def _index(self) -> Index:
        """The index, where there is one."""
        assert self.index is not None  # noqa: S101  # sections look at the refusal first
        return self.index

    def _of_wave(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the cases of the wave, indexed by unit."""
        if frame.index.nlevels == 1:
            return frame
        rows = frame.index.get_level_values("wave") == self.wave
        return frame.loc[rows].droplevel("wave")

    @cached_property
    def raw(self) -> pd.DataFrame:
        """Values as they were measured, units by indicators."""
        return self._of_wave(self._index.data["raw"])[list(self.structure.indicators)]

    @cached_property
    def values(self) -> pd.DataFrame:
        """Normalised indicators and groups, units by nodes, of units with a score."""
        found = self._of_wave(self._index.aggregated)[list(self.structure.nodes)]
        return found[found[self.node].notna()]

    @property
    def enough(self) -> bool:
        """Whether there are enough units to say how parts go together."""
        return len(self.values) >= self._fewest

    @property
    def _fewest(self) -> float:
        """Fewer units than this say nothing of how two numbers go together."""
        return self.data.sizes["correlation"].refuse

    # -- analyses ---------------------------------------------------------------------------------

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """Distribution of each indicator."""
        return indicator_statistics(self.raw)

    @cached_property
    def availability(self) -> pd.DataFrame:
        """How much was measured of each unit."""
        return availability(self.raw)

    @cached_property
    def weights(self) -> pd.Series:
        """Weight of each node in what is looked at."""
        return effective_weights(self.structure)

    @cached_property
    def rules(self) -> dict[str, str]:
        """Method by which each group is joined."""
        step = next(s for s in self._index.steps if isinstance(s, AggregateAll))
        return {code: rule.method for code, rule in rules_of(self.structure, step).items()}

    @property
    def steps(self) -> tuple[str, ...]:
        """What was done with the data, in order."""
        return tuple(step.step for step in self._index.steps)

    @cached_property
    def left_out(self) -> list[str]:
        """Why parts of the instrument are not in the index."""
        report = self._index.reports.get("left_out")
        return [] if report is None else report["reason"].astype(str).tolist()

    @cached_property
    def varying(self) -> list[str]:
        """Nodes with two values or more."""
        return [str(c) for c in self.values if self.values[c].dropna().unique().size > 1]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Correlations of the indicators with each other, each pair once."""
        found = correlations(self.values, self.structure)
        order = {code: i for i, code in enumerate(self.structure.indicators)}
        first, second = (found[side].map(order).to_numpy() for side in ("first", "second"))
        some = found[first < second].copy()
        parents = {c: set(self.structure.nodes[c].parents) for c in self.structure.indicators}
        some["together"] = [
            bool(parents[a] & parents[b])
            for a, b in zip(some["first"], some["second"], strict=True)
        ]
        return some

    @cached_property
    def consistency(self) -> pd.Series:
        """Cronbach's alpha by group."""
        return consistency_by_group(self.values, self.structure)

    @cached_property
    def first_shares(self) -> dict[str, float]:
        """Share of the variance of each group of indicators that its first component holds."""
        found = {}
        for group in self.structure.order:
            parts = [c for c in self.structure.parts[group] if c in self.varying]
            whole = self.values[parts].dropna()
            steady = [c for c in parts if whole[c].unique().size > 1]
            if len(steady) > 1 and len(whole) > len(steady):
                found[group] = float(components(whole[steady], group).shares.iloc[0])
        return found

    @cached_property
    def importance(self) -> pd.DataFrame:
        """How much each part counts, against its weight."""
        return importance(self.values, self.structure)

    @cached_property
    def weigh_themselves(self) -> list[str]:
        """Groups whose rule finds the weights of their parts, whichever way these count."""
        return [code for code, method in self.rules.items() if method in FINDS_WEIGHTS]

    @cached_property
    def against(self) -> list[str]:
        """Parts of which more goes with less of their group."""
        table = self.importance
        own = ~table["parent"].isin(self.weigh_themselves)
        found = table.loc[own & (table["r_parent"] < 0), "node"].astype(str)
        return list(dict.fromkeys(found))

    @cached_property
    def influence(self) -> pd.Series:
        """Mean shift of places without each indicator, the largest first."""
        places = self.robustness.tables.get("one_out")
        if places is None or self.plan.out_level not in (None, 1):
            places = influence(self._index, node=self.node).places
        own = self._of_wave(places)
        shifts = own.drop(columns=NOMINAL).sub(own[NOMINAL], axis=0).abs()
        return shifts.mean().sort_values(ascending=False, kind="stable")

    @cached_property
    def links(self) -> pd.DataFrame:
        """Correlation of the result with what is known of the units besides, as population."""
        beside = self.study.units.select_dtypes("number").reindex(self.values.index)
        known = [c for c in beside if beside[c].notna().sum() >= self._fewest]
        steady = [c for c in known if beside[c].dropna().unique().size > 1]
        # A fact of the units can be their population under another name.
        steady = list(beside[steady].T.drop_duplicates().index)
        return size_correlations(
            self.values[[self.node]], beside[steady], limit=-1.0, method="spearman"
        )

    @cached_property
    def errors(self) -> pd.DataFrame | None:
        """Standard errors of the raw values, where observations declare them."""
        raw = self._index.data["raw"]
        found = pd.DataFrame(np.nan, index=raw.index, columns=raw.columns)
        for code in raw.columns:
            for wave in self.data.waves:
                errors = self.data.std_errors(str(code), wave)
                if errors is None:
                    continue
                units = [u for u in errors.index if u in raw.index.get_level_values(0)]
                rows = units if raw.index.nlevels == 1 else [(u, wave) for u in units]
                found.loc[rows, code] = errors[units].to_numpy()
        return found if found.notna().any(axis=None) else None

    @cached_property
    def robustness(self) -> Result:
        """Range of the places of all units over the plan."""
        if self.index is None:
            what = self.refusal or Refusal("", Message(""), Message(""), Message(""))
            return Result("rank_robustness", "description", 0, METHOD, refusal=what)
        return rank_robustness(
            self.index,
            self.plan,
            node=self.node,
            errors=self.errors if self.plan.measurement else None,
            seed=self.study.spec.seed,
            labels=self.data.labels(self.node, None, self.wave),
            names=self.study.names,
            sizes=self.data.sizes,
        )

    @cached_property
    def places(self) -> pd.DataFrame:
        """Places of the units of the wave with their ranges, the best first."""
        units = self._of_wave(self.robustness.tables["units"])
        return units.sort_values(["rank", "low", "high"], kind="stable")

    @cached_property
    def width(self) -> float:
        """Median width of the ranges, in places."""
        return float((self.places["high"] - self.places["low"]).median())

    @property
    def grade(self) -> str:
        """How far the ranking can be trusted: ``firm``, ``rough`` or ``loose``.

        Notes
        -----
        By the median width of the ranges of places, as :mod:`workbench.audit.limits` says.
        """
        n = len(self.places)
        if self.width <= max(FIRM_PLACES, FIRM_SHARE * n):
            return "firm"
        return "rough" if self.width <= ROUGH_SHARE * n else "loose"


def audit(study: Study, *, node: str | None = None, wave: str | None = None) -> Audit:
    """Return the audit of a study's index.

    Parameters
    ----------
    study : Study
    node : str, optional
        Code of the group that is looked at; the result on page one by default.
    wave : str, optional
        The last dated one by default.

    Raises
    ------
    WorkbenchError
        If there is no such node or wave, the node is no group of the index, or the study's plan
        names a choice that can't be applied.
    """
    data = Compared(study)
    waves = [w.id for w in study.spec.waves]
    if wave is not None and wave not in waves:
        what, fix = Message("the study has no such wave"), did_you_mean(wave, waves)
        raise ScoringError(Problem(Reason.WAVE_UNKNOWN, what, Place("wave"), wave, fix=fix))
    seen = data.waves or tuple(map(str, study.scores.cases.get_level_values("wave").unique()))
    chosen = study.instrument.node(node).code if node else data.main_node()
    try:
        index = study.index
    except ScoringError as error:
        refusal = _no_index(Message("The reason: {reason}.", reason=error.problems[0].what))
        return Audit(study, None, chosen, wave or seen[-1], refusal)
    if chosen not in index.structure.groups:
        groups = index.structure.groups
        if node:
            what = Message("{code} is no group of the index", code=node)
            raise ScoringError(
                Problem(Reason.NODE_UNKNOWN, what, Place("node"), fix=did_you_mean(node, groups))
            )
        chosen = index.structure.top
    if index.aggregated[chosen].isna().all():
        why = Message("Too little of what the results are made of stands in the data.")
        return Audit(study, None, chosen, wave or seen[-1], _no_index(why))
    return Audit(study, index, chosen, wave or seen[-1])


def _no_index(why: Message) -> Refusal:
    """Return why there is no index to look at."""
    return Refusal(
        "no_index",
        Message("How solid the ranking is cannot be computed."),
        why,
        Message("The results can be shown as they are."),
    )
