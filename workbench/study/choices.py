"""Which comparison answers each question of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from workbench import stats
from workbench.instruments.own_wave import levels_of_own_wave
from workbench.language import Message
from workbench.specs.comparisons import Question
from workbench.stats import Labels
from workbench.stats.change_words import typical_in_full
from workbench.study.choices_of_programmes import programme
from workbench.study.choices_of_units import agreement, chance, peers, rank, target
from workbench.study.compare import Choice, Chooser, refuse_own_waves
from workbench.study.compared import PEERS

# Below this many pairs a mean is at the mercy of one of them, and the median stands first.
FEW_PAIRS = 15
MANY_WAVES = 3


def change(choice: Choice) -> None:
    """Compare the first wave with the last, and all of them where there are more."""
    if len(choice.waves) < 2:
        choice.refuse(
            "one_wave",
            Message("The change cannot be computed."),
            Message("The study has one dated measurement."),
            Message("Groups can be compared within it, and each one with its peers."),
        )
        return
    before, after = choice.waves[0], choice.waves[-1]
    labels = choice.data.labels(choice.node, before, after)
    if choice.data.own_wave(choice.node) == "whole":
        _order_of_own_waves(choice, before, after, labels)
        return
    match choice.data.scale(choice.node):
        case "number":
            _change_of_numbers(choice, before, after, labels)
        case "level":
            _change_of_levels(choice, before, after, labels)
        case "yes_no":
            _change_of_requirement(choice, before, after, labels)
        case _:
            _nothing_to_compare(choice)


def _order_of_own_waves(choice: Choice, before: str, after: str, labels: Labels) -> None:
    """Refuse a difference between waves that are each measured against themselves."""
    refuse_own_waves(choice)
    if choice.data.scale(choice.node) != "number":
        return
    data, node = choice.data, choice.node
    choice.take(
        stats.stability(
            data.scores(node, before), data.scores(node, after), labels=labels, sizes=data.sizes
        ),
        Message("places can be compared where the numbers themselves cannot"),
        beside=True,
    )


def _change_of_numbers(choice: Choice, before: str, after: str, labels: Labels) -> None:
    """Compare a score of the same units in two waves, and in all."""
    data, node = choice.data, choice.node
    first, last = data.scores(node, before), data.scores(node, after)
    margin = data.spec.margin_of(node)
    direction = data.direction(node)
    mean = stats.mean_change(first, last, margin=margin, labels=labels, sizes=data.sizes)
    typical = stats.typical_change(first, last, labels=labels, sizes=data.sizes)
    share = stats.share_improved(
        first, last, noise=data.spec.noise, direction=direction, labels=labels, sizes=data.sizes
    )
    on_average = Message("the result is a number, and the same units were measured both times")
    in_the_middle = Message("it does not ask that changes be spread like a normal distribution")
    median_first = mean.refusal is None and mean.n < FEW_PAIRS
    if median_first:
        choice.take(_in_full(typical, labels), in_the_middle)
    choice.take(mean, on_average, beside=median_first)
    if not median_first:
        choice.take(typical, in_the_middle, beside=True)
    choice.take(share, Message("it counts who rose and who fell"), beside=True)
    if mean.refusal is not None and mean.refusal.reason == "no_common_units":
        _rounds_apart(choice, first, last, labels)
    if margin is None:
        choice.leave(
            Message("Test of no appreciable change"),
            Message("the study declares no margin below which a change does not count"),
        )
    _all_waves(choice, labels)
    _levels_beside(choice, before, after, labels)


def _levels_beside(choice: Choice, before: str, after: str, labels: Labels) -> None:
    """Take the transitions between the levels that numbers have, where they have some."""
    data, node = choice.data, choice.node
    ids = [level.id for level in data.instrument.levels_of(node)]
    first, last = (data.levels(node, wave) for wave in (before, after))
    if len(ids) < 2 or first.isna().all() or last.isna().all():
        return
    if levels_of_own_wave(data.instrument.nodes[node]):
        why = Message("the levels are cut anew in each measurement, from the results of that time")
        choice.leave(Message("Transitions between levels"), why)
        return
    choice.take(
        stats.level_transitions(first, last, ids, labels=labels, sizes=data.sizes),
        Message("the number has levels, and units may cross from one to another"),
        beside=True,
    )


def _in_full(typical: stats.Result, labels: Labels) -> stats.Result:
    """Return a typical change whose sentence stands alone."""
    if typical.estimate is None or typical.interval is None or typical.verdict is None:
        return typical
    said = typical_in_full(typical.n, typical.estimate, typical.interval, typical.verdict, labels)
    return replace(typical, sentences=(said,))


def _rounds_apart(choice: Choice, first: pd.Series, last: pd.Series, labels: Labels) -> None:
    """Compare the averages of two rounds of different units."""
    names = [str(labels.before), str(labels.after)]
    group = pd.Series(
        [names[0]] * len(first) + [names[1]] * len(last),
        index=pd.Index([f"1 {u}" for u in first.index] + [f"2 {u}" for u in last.index]),
    )
    values = pd.Series([*first, *last], index=group.index)
    choice.take(
        stats.two_groups(
            values,
            group,
            group=names[1],
            reference=names[0],
            labels=labels,
            sizes=choice.data.sizes,
        ),
        Message("no unit was measured both times, so the rounds are compared as two groups"),
        beside=True,
    )


def _all_waves(choice: Choice, labels: Labels) -> None:
    """Compare all waves, where there are more than two."""
    if len(choice.waves) < MANY_WAVES:
        choice.leave(
            Message("Comparison of several waves"), Message("there are two dated measurements")
        )
        return
    data = choice.data
    wide = pd.DataFrame({w: data.scores(choice.node, w) for w in choice.waves})
    found = stats.several_waves(wide, labels=labels, sizes=data.sizes)
    if found.refusal is None:
        # From the first to the last the main answer tells the change already.
        found = replace(found, sentences=found.sentences[1:])
    choice.take(found, Message("there are more than two measurements"), beside=True)


def _change_of_levels(choice: Choice, before: str, after: str, labels: Labels) -> None:
    """Compare the levels of the same units in two waves."""
    data = choice.data
    ids = [level.id for level in data.instrument.levels_of(choice.node)]
    choice.take(
        stats.level_transitions(
            data.levels(choice.node, before),
            data.levels(choice.node, after),
            ids,
            labels=labels,
            sizes=data.sizes,
        ),
        Message("the result is a level, and the same units were measured both times"),
    )
    choice.leave(
        Message("Mean change"), Message("the steps between levels are not known to be equal")
    )


def _change_of_requirement(choice: Choice, before: str, after: str, labels: Labels) -> None:
    """Compare who meets a requirement in two waves."""
    data = choice.data
    choice.take(
        stats.requirement_change(
            data.met(choice.node, before),
            data.met(choice.node, after),
            labels=labels,
            sizes=data.sizes,
        ),
        Message("the result is a yes or a no, and the same units were measured both times"),
    )
    choice.leave(Message("Mean change"), Message("a yes or a no has no mean"))


def indicators(choice: Choice) -> None:
    """Compare every indicator between two waves, adjusted for their number."""
    data = choice.data
    if len(choice.waves) < 2:
        change(choice)
        return
    parts = data.parts()
    if len(parts) == 1:
        choice.refuse(
            "one_part",
            Message("The results cannot be compared one by one."),
            Message("The instrument has a single one."),
            Message("The change of the whole is that of its only part."),
        )
        return
    for code in parts:
        one = Choice(data, "change", code, (choice.waves[0], choice.waves[-1]))
        change(one)
        choice.take(_by_itself(one.answers[0].result), one.answers[0].why, node=code)
    if not choice.answers:
        choice.refuse(
            "nothing_observed",
            Message("The results cannot be compared one by one."),
            Message("None of the parts of the whole has a number or a level in these data."),
            Message("The change of the whole can be looked at."),
        )
        return
    method = data.spec.adjustment or "bh"
    adjusted = stats.adjust([a.result for a in choice.answers], method=method)
    choice.answers = [replace(a, result=r) for a, r in zip(choice.answers, adjusted, strict=True)]


def _by_itself(result: stats.Result) -> stats.Result:
    """Return a change of one indicator among many, beside which no other way to look stands."""
    doubt = Message(
        "The changes of some of these results are not spread like a normal distribution: a few "
        "large ones may sway the mean."
    )
    checks = tuple(replace(c, text=doubt) if c.name == "shapiro" else c for c in result.checks)
    return replace(result, checks=checks)


def groups(choice: Choice) -> None:
    """Compare groups of units in the last wave."""
    data, column = choice.data, choice.by or choice.data.spec.groups
    if column is None or not choice.waves:
        choice.refuse(
            "not_declared",
            Message("Groups cannot be compared."),
            Message("The study does not say which groups to compare."),
            Message("Name a group of the units table: comparisons: groups, or by."),
        )
        return
    choice.by, wave = column, choice.waves[-1]
    group = data.groups(column, ("comparisons", "groups"))
    labels = data.labels(choice.node, None, wave)
    match data.scale(choice.node):
        case "":
            _nothing_to_compare(choice)
        case "yes_no":
            _groups_of_yes(choice, group, column, labels)
        case scale:
            _groups_of_numbers(choice, group, column, labels, scale)


def _groups_of_numbers(
    choice: Choice, group: pd.Series, column: str, labels: Labels, scale: str
) -> None:
    """Compare scores, or levels by their order, between groups."""
    data, wave = choice.data, choice.waves[-1]
    if scale == "number":
        values = data.scores(choice.node, wave)
    else:
        values = data.level_numbers(choice.node, wave)
    group = group.reindex(values.index)
    called, order = data.group_names(column), _order(choice, group, column)
    if len(order or group.dropna().unique()) == 2:
        low, high = order or sorted(group.dropna().astype(str).unique(), reverse=True)
        choice.take(
            stats.two_groups(
                values,
                group,
                group=high,
                reference=low,
                labels=labels,
                names=called,
                sizes=data.sizes,
            ),
            Message("there are two groups of different units"),
        )
        choice.leave(Message("Comparison of several groups"), Message("there are two"))
        return
    choice.take(
        stats.several_groups(
            values,
            group,
            order=order or None,
            ordered=bool(order),
            labels=labels,
            names=called,
            sizes=data.sizes,
        ),
        Message("there are more than two groups of different units"),
    )
    choice.leave(Message("Comparison of two groups"), Message("there are more than two"))


def _order(choice: Choice, group: pd.Series, column: str) -> list[str]:
    """Return the groups from low to high, empty where they have no order.

    Size bands stand in theirs; of another group of the units table the study says so.
    """
    data, present = choice.data, set(group.dropna().astype(str))
    declared: Iterable[str] = data.spec.order if column == data.spec.groups else ()
    peers = data.study.spec.peers
    if not declared and column == PEERS and peers is not None and peers.by == "population":
        declared = data.study.peers.titles
    return [name for name in declared if name in present]


def _groups_of_yes(choice: Choice, group: pd.Series, column: str, labels: Labels) -> None:
    """Compare how many meet a requirement in two groups."""
    data = choice.data
    met = data.met(choice.node, choice.waves[-1])
    group = group.reindex(met.index)
    names = _order(choice, group, column)[::-1] or sorted(group.dropna().astype(str).unique())
    if len(names) != 2:
        choice.refuse(
            "several_groups",
            Message("Shares of more than two groups are not compared at once."),
            Message("There are {n} groups.", n=len(names)),
            Message("Compare two of them, or the score of the area."),
        )
        return
    choice.take(
        stats.two_proportions(
            met,
            group,
            group=names[0],
            reference=names[1],
            labels=labels,
            names=data.group_names(column),
            sizes=data.sizes,
        ),
        Message("the result is a yes or a no, in two groups of different units"),
    )


def _nothing_to_compare(choice: Choice) -> None:
    """Refuse a node without any result."""
    choice.refuse(
        "nothing_observed",
        Message("This result cannot be compared."),
        Message("It has neither a number nor a level in these data."),
        Message("Its parts can be compared one by one."),
    )


CHOOSERS: Mapping[Question, Chooser] = {
    "change": change,
    "indicators": indicators,
    "groups": groups,
    "programme": programme,
    "target": target,
    "peers": peers,
    "chance": chance,
    "rank": rank,
    "agreement": agreement,
}
