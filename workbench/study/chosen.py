"""A study under other choices: units and waves that are reported, and rules that are others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.errors import DataError, Place, Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.observations import Observations
from workbench.scoring import Scores
from workbench.scoring.states import Basis
from workbench.specs.choices import PEERS, Choices, Cohort
from workbench.specs.yaml import Document, validate

if TYPE_CHECKING:
    from workbench.instruments import Instrument
    from workbench.study.facade import Study

# What is the same under any choice of rules, and is computed once for all of them.
SHARED = ("own_instrument", "observations", "every_observation", "peers", "names")
SHARED_IF_THERE = ("reference_observations", "fitted_to", "reference_matrix")
SHARED_IN_COHORT = ("scored_observations", "prepared", "recorded")
HELD = Message("its source reports the result, and what is reported stands")


def read_choices(changes: Mapping[str, Any]) -> Choices:
    """Return choices from plain values.

    Raises
    ------
    WorkbenchError
        With every mistake in them.
    """
    return validate(Document("what_if", dict(changes)), Choices)


def units_of_cohort(study: Study, cohort: Cohort) -> list[str]:
    """Return the units of a cohort.

    Raises
    ------
    DataError
        If the study has no such groups, or no unit is in any of them.
    """
    groups = study.spec.units.groups
    if cohort.by != PEERS and cohort.by not in groups:
        what = Message("the study does not group its units by {name}", name=cohort.by)
        place = study.place("choices", "cohort", "by")
        fix = did_you_mean(cohort.by, [*groups, PEERS])
        raise DataError(Problem(Reason.COLUMN_MISSING, what, place, fix=fix))
    own = study.peers.group if cohort.by == PEERS else study.units[cohort.by]
    known = own.astype(str)
    for value in cohort.values:
        if value not in set(known):
            what = Message("no unit is in the group {name}", name=value)
            place = study.place("choices", "cohort", "values")
            fix = did_you_mean(value, sorted(set(known) - {""}))
            raise DataError(Problem(Reason.UNIT_UNKNOWN, what, place, fix=fix))
    return [str(unit) for unit in known.index[known.isin(cohort.values)]]


def reported(study: Study, found: Observations) -> Observations:
    """Return the observations of the units and waves that a study reports."""
    choices = study.spec.choices
    if choices.until is not None:
        waves = [wave.id for wave in study.spec.waves]
        found = found.of_waves(tuple(waves[: waves.index(choices.until) + 1]))
    if choices.cohort is not None:
        found = found.of_units(units_of_cohort(study, choices.cohort))
    return found


def share(study: Study, other: Study) -> None:
    """Let a study under other choices take over what does not depend on them."""
    same = study.spec.choices.cohort == other.spec.choices.cohort
    same = same and study.spec.choices.until == other.spec.choices.until
    for name in (*SHARED, *(SHARED_IN_COHORT if same else ())):
        other.__dict__[name] = getattr(study, name)
    for name in SHARED_IF_THERE:
        if name in study.__dict__:
            other.__dict__[name] = study.__dict__[name]


def reported_nodes(scores: Scores) -> frozenset[str]:
    """Return the groups of which a source reports results, which no choice of rules changes."""
    return frozenset(
        code
        for code in scores.instrument.groups
        if bool((scores.results[code].basis == Basis.REPORTED).any())
    )


def chosen_nodes(choices: Choices) -> frozenset[str]:
    """Return the groups whose rule is another."""
    return frozenset({*choices.weights, *choices.aggregate, *choices.min_availability})


def held_by_source(instrument: Instrument, code: str, given: frozenset[str]) -> bool:
    """Return whether a choice at a group can't reach the top: a result on the way is reported."""
    return bool(given & {code, *instrument.above[code]})


def check_reported(scores: Scores, choices: Choices, study: Study) -> None:
    """Refuse other rules for groups whose results are reported and stand.

    Raises
    ------
    ScoringError
        With every such choice.
    """
    problems = list(_reported_problems(scores, choices, study)) if choices.changes_scores else []
    if problems:
        raise ScoringError(problems)


def _reported_problems(scores: Scores, choices: Choices, study: Study) -> Iterator[Problem]:
    """Yield choices that would change nothing."""
    given = reported_nodes(scores)
    for name in ("weights", "aggregate", "min_availability"):
        for code in getattr(choices, name):
            if held_by_source(scores.instrument, code, given):
                place: Place = study.place("choices", name, code)
                yield Problem(
                    Reason.SPEC_VALUE, Message("{code}: {why}", code=code, why=HELD), place
                )
