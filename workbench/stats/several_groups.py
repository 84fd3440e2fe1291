"""Several groups in one wave: overall, by pairs, and over groups in order."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.grouped import (
    NOT_AN_EFFECT,
    Grouped,
    Names,
    constant,
    described,
    grouped,
    no_variation,
    shown,
)
from workbench.stats.pairs import Floats
from workbench.stats.pairwise import (
    anova,
    dunn,
    furthest,
    games_howell,
    kruskal,
    spread_check,
    spreads,
    trend,
    tukey,
    verdicts,
    welch_anova,
)
from workbench.stats.result import (
    Dropped,
    Effect,
    Interval,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, default_sizes, few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Welch ANOVA, Games-Howell; Kruskal-Wallis and Dunn-Holm beside")


def several_groups(
    values: pd.Series,
    groups: pd.Series,
    *,
    order: Sequence[object] | None = None,
    ordered: bool | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Names | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how several groups of units differ in one wave.

    Parameters
    ----------
    values, groups, margin, level, labels, names, sizes
        As of :func:`two_groups`.
    order : sequence, optional
        Groups in their order; those not named are left out.
    ordered : bool, optional
        Whether the order has a meaning, as that of sizes of population has: then a trend is tested,
        too. By default it has one where ``groups`` is an ordered category.

    Returns
    -------
    Result
        Without one estimate and verdict: differences stand by pair. ``tables`` holds ``groups``,
        ``games_howell`` (with the verdict of each pair by its interval, which holds for all pairs
        at once), ``dunn`` and ``tukey``; the effects are ``omega_squared``, ``eta_squared``,
        ``epsilon_squared``, and ``kendall_tau_b`` of groups in order.

    Notes
    -----
    A group of one, or without variation, has no variance: it is shown and left out of the tests.
    """
    data = grouped(values, groups, labels, order=order, names=names)
    parts = {name: data.part(code) for code, name in enumerate(data.levels)}
    table = pd.DataFrame(
        {shown(name): described(part) for name, part in parts.items()},
        index=["n", "mean", "sd", "median"],
    ).T.rename_axis("group")
    least = int((sizes or default_sizes())["several_groups"].refuse)
    tested = {n: p for n, p in parts.items() if len(p) >= max(2, least) and not constant(p)}
    table["tested"] = [name in tested for name in parts]
    dropped = (*data.dropped, *_left_out(data, parts, tested, labels))
    if len(tested) < 2:
        return _refused(data, parts, table, dropped, labels)
    if ordered is None:
        dtype = groups.dtype
        ordered = isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)
    return _compared(data, tested, table, dropped, ordered, margin, level, labels, sizes)


def _compared(
    data: Grouped,
    tested: dict[object, Floats],
    table: pd.DataFrame,
    dropped: tuple[Dropped, ...],
    ordered: bool,
    margin: float | None,
    level: float,
    labels: Labels,
    sizes: Sizes | None,
) -> Result:
    """Return the comparison of groups that can be tested."""
    parts, called = list(tested.values()), [shown(name) for name in tested]
    welch, classical = welch_anova(parts), anova(parts, level)
    ranks, spread = kruskal(parts), spreads(parts)
    pairs = games_howell(parts, called, level)
    pairs["verdict"] = verdicts(pairs, margin)
    line = trend(parts, level) if ordered else {}
    tests = [
        Test("Kruskal-Wallis", ranks["kruskal_H"], (ranks["kruskal_df"],), ranks["kruskal_p"]),
        Test(
            "ANOVA",
            classical["anova_F"],
            (welch["welch_df1"], float(sum(map(len, parts)) - len(parts))),
            classical["anova_p"],
        ),
    ]
    effects = [
        *(
            # Both estimate the same share of the population, of which eta's interval is exact.
            Effect(
                f"{name}_squared",
                classical[f"{name}_squared"],
                Interval(classical["eta_ci_low"], classical["eta_ci_high"], level, "noncentral F"),
            )
            for name in ("omega", "eta")
        ),
        Effect("epsilon_squared", ranks["epsilon_squared"]),
    ]
    sentences = [_sentence(data, tested, pairs, labels), NOT_AN_EFFECT]
    if line:
        along = Interval(
            line["kendall_ci_low"], line["kendall_ci_high"], level, "jackknife, Fisher's scale"
        )
        effects.append(Effect("kendall_tau_b", line["kendall_tau_b"], along))
        tests.append(Test("Jonckheere-Terpstra", line["jonckheere_z"], (), line["jonckheere_p"]))
        sentences.insert(1, _trend_sentence(data, tested, verdict_of(along), labels))
    unequal = Message("The groups differ in spread; the differences given allow for it.")
    return Result(
        "several_groups",
        "groups",
        sum(map(len, parts)),
        METHOD,
        design="independent",
        dropped=dropped,
        conventions=(
            "equal variances are not assumed",
            "intervals of pairs hold for all pairs at once",
            "differences: second group less the first",
        ),
        unit="",
        effects=tuple(effects),
        test=Test(
            "Welch F", welch["welch_F"], (welch["welch_df1"], welch["welch_df2"]), welch["welch_p"]
        ),
        tests=tuple(tests),
        margin=margin,
        checks=spread_check(spread, unequal),
        warnings=(*_empty(data), *few(min(map(len, parts)), "several_groups", sizes)),
        sentences=tuple(sentences),
        details={
            "n": sum(map(len, parts)),
            "k": len(parts),
            "n_pairs": len(pairs),
            **welch,
            **classical,
            **ranks,
            **spread,
            **line,
        },
        tables={
            "groups": table,
            "games_howell": pairs,
            "dunn": dunn(parts, called),
            "tukey": tukey(parts, called, level),
        },
        names={shown(name): data.name(name) for name in data.levels},
        fingerprint=data.fingerprint,
    )


def _left_out(
    data: Grouped, parts: dict[object, Floats], tested: dict[object, Floats], labels: Labels
) -> list[Dropped]:
    """Return the groups that are shown and not tested, and why."""
    found = []
    for name, part in parts.items():
        if name in tested or not len(part):
            continue
        values = {"group": data.name(name), "nouns": labels.nouns}
        why: Sentence = Message(
            "All {nouns} of “{group}” have the same value: the group is shown and left out of the "
            "tests.",
            **values,
        )
        if len(part) == 1 or not constant(part):
            why = Counted(
                "The group “{group}” has a single one of the {nouns}, hence no spread: it is shown "
                "and left out of the tests.",
                "The group “{group}” has {n} of the {nouns} only: it is shown and left out of the "
                "tests.",
                len(part),
                **values,
            )
        found.append(Dropped(len(part), why))
    return found


def _empty(data: Grouped) -> tuple[Sentence, ...]:
    """Return a warning for each group that has no units."""
    present = set(data.codes.tolist())
    return tuple(
        Message("The group “{group}” is empty.", group=data.name(name))
        for code, name in enumerate(data.levels)
        if code not in present
    )


def _refused(
    data: Grouped,
    parts: dict[object, Floats],
    table: pd.DataFrame,
    dropped: tuple[Dropped, ...],
    labels: Labels,
) -> Result:
    """Return a result that holds a refusal and what can be described."""
    several = [part for part in parts.values() if len(part)]
    if len(several) > 1 and all(len(part) > 1 and constant(part) for part in several):
        refusal = no_variation(labels)
    else:
        refusal = Refusal(
            "too_few_groups",
            Message("The groups cannot be tested in {outcome}.", outcome=labels.outcome),
            Message("Fewer than two groups have several {nouns} that differ.", nouns=labels.nouns),
            Message("The value of each group can be shown."),
        )
    return Result(
        "several_groups",
        "groups",
        len(data.values),
        METHOD,
        design="independent",
        dropped=dropped,
        unit="",
        warnings=_empty(data),
        refusal=refusal,
        details={"n": len(data.values), "k": len(several)},
        tables={"groups": table},
        fingerprint=data.fingerprint,
    )


# -- sentences --------------------------------------------------------------------------------


def _sentence(
    data: Grouped, tested: dict[object, Floats], pairs: pd.DataFrame, labels: Labels
) -> Sentence:
    """Return how many pairs of groups differ, and the pair that is furthest apart of these."""
    clear = pairs[pairs["verdict"].isin([Verdict.POSITIVE, Verdict.NEGATIVE])]
    common = {"outcome": labels.outcome, "unit": labels.unit, "all": rounded(len(pairs), 0)}
    if clear.empty:
        return Message(
            "In {outcome} no clear difference is seen between the groups (pairs compared: {all}).",
            **common,
        )
    top = furthest(clear, "diff_b_minus_a")
    called = {shown(name): data.name(name) for name in tested}
    above, below = (top["b"], top["a"]) if top["diff_b_minus_a"] > 0 else (top["a"], top["b"])
    ends = sorted((abs(top["ci_low"]), abs(top["ci_high"])))
    return Counted(
        "In {outcome} {n} of {all} pairs of groups differs: “{above}” lies {size} {unit} above "
        "“{below}” (probably between {least} and {most}).",
        "In {outcome} {n} of {all} pairs of groups differ; furthest apart, “{above}” lies {size} "
        "{unit} above “{below}” (probably between {least} and {most}).",
        len(clear),
        above=called[above],
        below=called[below],
        size=rounded(abs(top["diff_b_minus_a"])),
        least=rounded(ends[0]),
        most=rounded(ends[1]),
        **common,
    )


def _trend_sentence(
    data: Grouped, tested: dict[object, Floats], verdict: Verdict, labels: Labels
) -> Sentence:
    """Return whether values rise or fall over groups in order."""
    order = list(tested)
    values = {
        "outcome": labels.outcome,
        "first": data.name(order[0]),
        "last": data.name(order[-1]),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "From “{first}” to “{last}”, {outcome} tends to be higher group by group.", **values
            )
        case Verdict.NEGATIVE:
            return Message(
                "From “{first}” to “{last}”, {outcome} tends to be lower group by group.", **values
            )
    return Message(
        "Whether {outcome} rises or falls from “{first}” to “{last}” cannot be told from these "
        "data.",
        **values,
    )
