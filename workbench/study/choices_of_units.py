"""Comparisons of units with a target, with their peers, in a ranking, and by their evaluators."""

from __future__ import annotations

import pandas as pd

from workbench import stats
from workbench.language import Message
from workbench.stats import Labels
from workbench.study.chances import Chances
from workbench.study.compare import Choice
from workbench.study.robustness import weight_robustness

NO_ERROR = Message("the study declares no standard error of this result")


def target(choice: Choice) -> None:
    """Compare the mean of all units with the standard that the study declares."""
    data, node = choice.data, choice.node
    goal = data.spec.targets.get(node)
    if goal is None or not choice.waves:
        choice.refuse(
            "not_declared",
            Message("Nothing can be said of a target."),
            Message("The study declares none for this result."),
            Message("Declare it: comparisons: targets, with the code and the number."),
        )
        return
    wave = choice.waves[-1]
    values, labels = data.scores(node, wave), data.labels(node, None, wave)
    if choice.unit is not None:
        _unit_target(choice, goal, wave, labels)
        return
    choice.take(
        stats.mean_against_target(
            values,
            goal,
            direction=data.direction(node),
            margin=data.spec.margin_of(node),
            labels=labels,
            sizes=data.sizes,
        ),
        Message("the study declares a target for this result"),
    )


def _unit_target(choice: Choice, goal: float, wave: str, labels: Labels) -> None:
    """Compare one unit with the standard, through the standard error of its own score."""
    data, node, unit = choice.data, choice.node, str(choice.unit)
    errors = data.precisions.errors(node, wave)
    error = float("nan") if errors is None else float(errors.get(unit, float("nan")))
    known = error == error  # NaN is the only number unlike itself
    choice.take(
        stats.unit_against_target(
            float(data.scores(node, wave).get(unit, float("nan"))),
            goal,
            std_error=error if known else None,
            unit=data.study.names[unit],
            direction=data.direction(node),
            margin=data.spec.margin_of(node),
            labels=labels,
        ),
        Message("the study declares a target for this result"),
    )
    if not known:
        choice.leave(Message("Interval of the distance to the target"), NO_ERROR)


def peers(choice: Choice) -> None:
    """Say where one unit stands among those like it."""
    data, node = choice.data, choice.node
    if choice.unit is None or not choice.waves:
        choice.refuse(
            "not_declared",
            Message("A position among peers cannot be given."),
            Message("No unit was named."),
            Message("Name the unit by its code."),
        )
        return
    wave = choice.waves[-1]
    choice.take(
        stats.peer_position(
            data.scores(node, wave),
            choice.unit,
            peers=data.study.peers.members(choice.unit),
            bounds=data.bounds(node, wave),
            direction=data.direction(node),
            labels=data.labels(node, None, wave),
            names=data.study.names,
            sizes=data.sizes,
        ),
        Message("one unit is compared with the peers that the study declares"),
    )
    choice.leave(
        Message("Test of a difference"),
        Message("one unit is no sample: its place is described, not tested"),
    )


def chance(choice: Choice) -> None:
    """Say which units lie outside what chance gives for the number of their cases.

    Of the node asked for, else of every indicator that counts cases.
    """
    data = choice.data
    chances = Chances(data.study.builder, data)
    asked = [choice.node] if choice.node in chances.codes else list(chances.codes)
    if not asked or not choice.waves or choice.node not in (*chances.codes, data.main_node()):
        _no_counts(choice, chances.codes)
        return
    wave = choice.waves[-1]
    for code in asked:
        events, cases = chances.counts(code, wave)
        result = stats.funnel(
            events,
            cases,
            unit=choice.unit,
            labels=data.labels(code, None, wave),
            names=dict(data.study.names),
            sizes=data.sizes,
        )
        why = Message("it is a share of counted cases, which chance moves the more the fewer")
        choice.take(result, why, node=code)
    choice.leave(
        Message("Ranking of the shares"),
        Message("those with few cases would be first and last by chance alone"),
    )


def _no_counts(choice: Choice, counted: tuple[str, ...]) -> None:
    """Refuse to tell what chance gives where no cases were counted."""
    why = Message("The instrument names no counts of this result: counted, with both variables.")
    instead = Message("Values can be compared with peers, without saying what chance gives.")
    if counted:
        instead = Message("Ask for one that counts cases: {codes}.", codes=", ".join(counted[:6]))
    what = Message("What chance gives cannot be computed.")
    choice.refuse("not_declared", what, why, instead)


def rank(choice: Choice) -> None:
    """Say which places of a ranking are compatible with the data."""
    data, node = choice.data, choice.node
    if not choice.waves:
        choice.refuse(
            "no_wave",
            Message("No ranking can be given."),
            Message("The study has no dated measurement."),
            Message("Give its waves a date or a year."),
        )
        return
    wave = choice.waves[-1]
    values, labels = data.scores(node, wave), data.labels(node, None, wave)
    errors = data.precisions.errors(node, wave)
    if errors is None:
        choice.leave(Message("Range of places from the error of each score"), NO_ERROR)
        varied = weight_robustness(data, node, wave, choice.unit)
        if varied is not None:
            choice.take(
                varied,
                Message("the result is a mean of parts, whose weights could reasonably be others"),
            )
            return
    choice.take(
        stats.rank_ranges(
            values,
            errors,
            unit=choice.unit,
            names=data.study.names,
            direction=data.direction(node),
            seed=data.study.spec.seed,
            labels=labels,
            sizes=data.sizes,
        ),
        Message("a ranking is asked for, and a place is never given without its range"),
    )


def agreement(choice: Choice) -> None:
    """Say how far those who scored the same units agree."""
    data = choice.data
    frame = data.study.observations.frame
    scored = frame.loc[frame["rater"].astype(str) != ""]
    raters = sorted(scored["rater"].astype(str).unique())
    if len(raters) < 2:
        choice.refuse(
            "one_rater",
            Message("The agreement of evaluators cannot be computed."),
            Message("The data name one evaluator or none."),
            Message("Have some units scored by two, and name them in the column of raters."),
        )
        return
    items = scored["unit"].astype(str) + " " + scored["wave"].astype(str)
    items = items + " " + scored["code"].astype(str)
    table = pd.DataFrame(
        {"item": items, "rater": scored["rater"].astype(str), "value": scored["value"]}
    ).pivot_table(index="item", columns="rater", values="value", aggfunc="first")
    if len(raters) == 2:
        choice.take(
            stats.two_raters(table[raters[0]], table[raters[1]], sizes=data.sizes),
            Message("two evaluators scored the same units"),
        )
        choice.leave(Message("Agreement of several evaluators"), Message("there are two"))
        return
    choice.take(
        stats.several_raters(table, sizes=data.sizes),
        Message("more than two evaluators scored the same units"),
    )
