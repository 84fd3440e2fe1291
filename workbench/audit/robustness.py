"""How far places move under other reasonable choices of weights and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.audit.alternatives import LISTS, MEASUREMENT
from workbench.audit.counts import PLACE_NUMBERS, SCORE_NUMBERS
from workbench.audit.draws import (
    Batch,
    Simulation,
    each_batch,
    shifts,
    simulate,
)
from workbench.audit.index import Index
from workbench.audit.influence import influence
from workbench.audit.limits import FAR
from workbench.audit.lineage import require_group
from workbench.audit.options import refuse_idle
from workbench.audit.places import Ints as Places
from workbench.audit.sobol import sobol_indices
from workbench.audit.variants import Variants
from workbench.language import Counted, Message
from workbench.scoring.states import Floats
from workbench.specs.robustness import Robustness
from workbench.stats.measured import left_out
from workbench.stats.result import (
    Dropped,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Monte Carlo over declared choices")


def rank_robustness(
    index: Index,
    plan: Robustness | None = None,
    *,
    node: str | None = None,
    unit: str | None = None,
    errors: pd.DataFrame | None = None,
    seed: int = 20250101,
    labels: Labels = PLAIN,
    names: Mapping[str, object] | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far places move when the choices behind an index are made otherwise.

    Parameters
    ----------
    index : Index
        With all its steps; of a panel, places are within each wave.
    plan : Robustness, optional
        Which choices are varied. What the index does is always among them.
    node : str, optional
        Group whose places are looked at; the index by default.
    unit : str, optional
        Code of the unit that is asked about: its place and range become the estimate; of a panel in
        the last wave.
    errors : DataFrame of float, optional
        Standard errors of the raw values, for a plan with ``measurement``.
    seed : int
    labels : Labels
    names : mapping, optional
        How units are called in sentences, by code.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: share of units whose range reaches more than five places from where they stand,
        or with ``unit`` its place with the range over choices (no statement about chance). Table
        ``units``: ``rank``, ``mean``, ``median``, ``low``, ``high``, ``least``, ``most``,
        ``moved_far`` (share of draws in which it moves more than five places), ``top`` (share of
        draws in which it is among the first), ``scored`` (share of draws in which it has a score,
        of which the others are), ``score``, ``score_mean``, ..., ``score_most`` of
        the draws on the index's own scale; ``choices``: mean shift of places by option;
        ``one_out``: places without each part. With ``sobol_samples`` table ``indices``: ``S1`` and
        ``ST`` of the mean shift by choice, with bootstrap intervals. ``details``:
        ``mean_rank_shift``, ``share_moved`` (mean over draws).

    Notes
    -----
    Every draw takes one option of each list and weights within their share, evenly and
    independently; scores, then places, follow. Mean shift: mean over units of the distance
    between the place and that as chosen (Saisana, Saltelli and Tarantola 2005,
    doi:10.1111/j.1467-985X.2005.00350.x; OECD/JRC 2008, section 7).

    Raises
    ------
    ScoringError
        If the node is no group of the index, there are errors that the plan does not ask for, or an
        alternative can't be applied to these data: it is named, and nothing is skipped.
    """
    plan = plan or Robustness()
    if errors is not None and not plan.measurement:
        refuse_idle("errors", Message("the plan does not vary by errors of measurement"))
    require_group(index.structure, node or index.structure.top)
    asked = _Asked(index, plan, node or index.structure.top, unit, labels, sizes)
    called = (names or {}).get(unit, unit) if unit is not None else None
    details: dict[str, Number] = {"n": asked.n, "indicators": len(index.structure.indicators)}
    refusal = asked.refusal(called)
    if refusal is None:
        variants = Variants(index, plan, node=node, errors=errors)
        details["indicators"] = len(variants.structure.indicators)
        if not variants.varied:
            refusal = _nothing_varied()
    if refusal is not None:
        return Result(
            "rank_robustness",
            "description",
            asked.n,
            METHOD,
            design="choices",
            dropped=asked.dropped,
            refusal=refusal,
            details=details,
            fingerprint=asked.mark,
        )
    base = asked.base
    found = simulate(variants, base, plan.draws, seed=seed, share=plan.share, top=plan.top)
    units = _units(asked, found)
    reach = np.maximum(units["rank"] - units["low"], units["high"] - units["rank"])
    far = float((reach > FAR).mean())
    tables = {"units": units, "choices": _by_choice(variants, found)}
    if "one_out" in variants.varied:
        tables["one_out"] = influence(index, level=plan.out_level, node=node).places
    details |= {
        "draws": plan.draws,
        "mean_rank_shift": float(np.nanmean(found.shift)),
        "share_moved": float(np.nanmean(found.moved)),
        "share_can_move": far,
        "units_can_move": int((reach > FAR).sum()),
        "varied": len(variants.varied),
        "weights_varied": int("weights" in variants.varied),
        "units_unscored": (unscored := int((units["scored"] < 1).sum())),
    }
    warnings = _without_score(unscored, asked.labels)
    if plan.sobol_samples is not None:
        indices = _sensitivity(variants, base, plan.sobol_samples, seed)
        if indices.refusal is None:
            tables["indices"] = indices.tables["indices"]
            warnings += indices.warnings
            details |= {k: v for k, v in indices.details.items() if k.startswith(("S1_", "ST_"))}
    estimate, interval = far, None
    if unit is not None:
        own = asked.row(units)
        estimate = own["rank"]
        interval = Interval(own["low"], own["high"], plan.share, "range over choices")
        details |= own
    return Result(
        "rank_robustness",
        "description",
        asked.n,
        METHOD,
        design="choices",
        dropped=asked.dropped,
        conventions=(f"range: middle {100 * plan.share:g} % of draws", "ties share the best place"),
        reading="none",
        estimate=estimate,
        unit="share" if unit is None else "places",
        interval=interval,
        effects=(Effect("mean_rank_shift", float(np.nanmean(found.shift))),),
        warnings=warnings,
        sentences=_sentences(details, called, asked.n, labels),
        details=details,
        tables=tables,
        seed=seed,
        replicates=plan.draws,
        fingerprint=asked.mark,
    )


# -- parts ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """What is asked of an index, and the places that it gives."""

    index: Index
    plan: Robustness
    node: str
    unit: str | None
    labels: Labels
    sizes: Sizes | None

    @property
    def scores(self) -> pd.Series:
        """Scores of the node that is looked at."""
        return self.index.aggregated[self.node]

    @property
    def n(self) -> int:
        """Cases with a score."""
        return int(self.scores.notna().sum())

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Cases without a score."""
        missing = len(self.scores) - self.n
        return (left_out(missing, self.labels),) if missing else ()

    @property
    def mark(self) -> str:
        """Hash of the data used."""
        raw = self.index.data["raw"]
        return fingerprint(map(str, raw.index), raw.to_numpy(dtype=np.float64).ravel())

    @property
    def base(self) -> Places:
        """Places as the index has them, 0 without."""
        places = self.index.ranks(self.node).fillna(0)
        return places.to_numpy(dtype=np.int32)

    def row(self, units: pd.DataFrame) -> dict[str, float]:
        """Return the numbers of the unit that is asked about; of a panel in the last wave."""
        here = units.index.get_level_values(0).astype(str) == self.unit
        own = units.loc[here].iloc[-1]
        return {str(k): float(v) for k, v in own.items()}

    def refusal(self, called: object) -> Refusal | None:
        """Return why places can't be varied."""
        what = Message("How far the places depend on the choices cannot be computed.")
        instead = Message("The places can be shown as they are.")
        known = self.scores.dropna().index.get_level_values(0).astype(str)
        if self.unit is not None and self.unit not in known:
            why = Message("{name} was not measured.", name=called)
            return Refusal("not_measured", what, why, instead)
        return too_few(self.n, "ranked_units", what, instead, self.sizes)


def _nothing_varied() -> Refusal:
    """Return the refusal of a plan that varies nothing."""
    return Refusal(
        "not_declared",
        Message("How far the places depend on the choices cannot be computed."),
        Message("No choice was declared that could be made otherwise."),
        Message("Weights or rules can be declared."),
    )


def _units(asked: _Asked, found: Simulation) -> pd.DataFrame:
    """Return the place and score of each case as chosen and over the draws."""
    index = asked.scores.index
    places = pd.DataFrame(found.places, index=index, columns=pd.Index(PLACE_NUMBERS))
    names = pd.Index([f"score_{name}" for name in SCORE_NUMBERS])
    scores = pd.DataFrame(found.scores, index=index, columns=names)
    places.insert(0, "rank", asked.index.ranks(asked.node))
    scores.insert(0, "score", asked.scores)
    return places.join(scores).loc[asked.scores.notna()]


def _without_score(n: int, labels: Labels) -> tuple[Sentence, ...]:
    """Return the warning that some units lose their score under some choices."""
    if not n:
        return ()
    warning = Counted(
        "{n} of the {nouns} has no score under some choices; its range is of the draws in which it "
        "has one.",
        "{n} of the {nouns} have no score under some choices; their ranges are of the draws in "
        "which they have one.",
        n,
        nouns=labels.nouns,
    )
    return (warning,)


def _by_choice(variants: Variants, found: Simulation) -> pd.DataFrame:
    """Return the mean shift of places under each option of each choice."""
    rows = []
    for choice in variants.varied:
        if choice not in LISTS:
            continue
        picked = found.draws.picks[:, LISTS.index(choice)]
        for position, option in enumerate(variants.lists[choice]):
            at = picked == position
            mean = float(found.shift[at].mean()) if at.any() else np.nan
            rows.append(
                {
                    "choice": choice,
                    "option": option.label,
                    "draws": int(at.sum()),
                    "mean_shift": mean,
                }
            )
    frame = pd.DataFrame(rows, columns=pd.Index(["choice", "option", "draws", "mean_shift"]))
    return frame.set_index(["choice", "option"])


def _sensitivity(variants: Variants, base: Places, samples: int, seed: int) -> Result:
    """Return which choice moves places most, all weights together."""
    names = [*LISTS, MEASUREMENT, *(f"weight {a} in {b}" for a, b in variants.edges)]
    groups = [*LISTS, MEASUREMENT, *("weights" for _ in variants.edges)]
    moving = [*([True] * (len(LISTS) + 1)), *(variants.reach > 0)]
    # What is not varied has no index; its place in the drawing stays where the index has it.
    used = [i for i, g in enumerate(groups) if g in variants.varied and moving[i]]
    first = len(LISTS) + 1

    def mean_shift(rows: Floats) -> Floats:
        def column(i: int) -> Floats:
            fixed = 0.0 if i < len(LISTS) else 0.5
            return rows[:, used.index(i)] if i in used else np.full(len(rows), fixed)

        drawn = variants.drawn(np.column_stack([column(i) for i in range(first)]))
        weights = [used.index(i) if i in used else -1 for i in range(first, len(names))]
        found = np.empty(len(rows))

        def weigh(_: int, at: np.ndarray) -> Floats:
            uniform = np.full((len(at), len(weights)), 0.5)
            known = [j for j, source in enumerate(weights) if source >= 0]
            uniform[:, known] = rows[at][:, [weights[j] for j in known]]
            return variants.weights(uniform)

        def use(batch: Batch, _: Floats, places: Places) -> None:
            found[batch.rows] = shifts(base, places)[0]

        each_batch(variants, drawn, weigh, use)
        return found

    return sobol_indices(
        mean_shift,
        [names[i] for i in used],
        bounds=[(0.0, 1.0)] * len(used),
        groups=[groups[i] for i in used],
        samples=samples,
        seed=seed,
    )


def _sentences(
    details: dict[str, Number], called: object, n: int, labels: Labels
) -> tuple[Sentence, ...]:
    """Return the range of places over choices, in words."""
    if called is None:
        far = Counted(
            "With other reasonable weights and rules, {n} of {all} {nouns} would move more than "
            "{far} places.",
            "With other reasonable weights and rules, {n} of {all} {nouns} would move more than "
            "{far} places.",
            int(details["units_can_move"] or 0),
            all=rounded(n, 0),
            far=rounded(FAR, 0),
            **labels.values,
        )
        return (far,)
    values = {
        "name": called,
        "place": rounded(details["rank"] or 0, 0),
        "low": rounded(details["low"] or 0, 0),
        "high": rounded(details["high"] or 0, 0),
        "all": rounded(n, 0),
    }
    place = Message(
        "{name} is in place {place} of {all}; with other reasonable weights and rules it would be "
        "between {low} and {high}.",
        **values,
    )
    return (place,)
