"""Every group against one of them (Dunnett)."""

from __future__ import annotations

import numpy as np
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
from workbench.stats.pairwise import furthest, spread_check, spreads, verdicts
from workbench.stats.result import (
    Dropped,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
)
from workbench.stats.simultaneous import dunnett_p, dunnett_quantile
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

METHOD = Message("Dunnett")


def against_reference_group(
    values: pd.Series,
    groups: pd.Series,
    *,
    reference: object,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: Names | None = None,
    sizes: Sizes | None = None,
) -> Result:
    """Return how every group of units differs from one reference group.

    Parameters
    ----------
    values, groups, margin, level, labels, names, sizes
        As of :func:`two_groups`.
    reference : object
        The group that all others are compared with.

    Returns
    -------
    Result
        ``tables["contrasts"]``: one row a group, with ``group, contrast, n, estimate, se, t, p,
        ci_low, ci_high`` and the verdict; ``tables["groups"]``. The test is that of the furthest
        group. Intervals hold for all groups at once.

    Notes
    -----
    Errors come from the variance within all groups together, which are taken to spread alike; a
    check says where they don't. Groups of one have a difference and no spread of their own: they
    are left out.
    """
    data = grouped(values, groups, labels, names=names)
    at = data.code_of(reference)
    parts = {shown(name): data.part(code) for code, name in enumerate(data.levels)}
    base = data.part(at)
    others = {
        shown(name): data.part(code)
        for code, name in enumerate(data.levels)
        if code != at and len(data.part(code)) > 1
    }
    refusal = _refusal(data, base, others, reference, labels, sizes)
    table = pd.DataFrame({name: described(part) for name, part in parts.items()}).T
    table = table.rename_axis("group")
    dropped = (*data.dropped, *_singles(data, parts, at, labels))
    if refusal is not None:
        return Result(
            "against_reference_group",
            "groups",
            len(data.values),
            METHOD,
            design="independent",
            dropped=dropped,
            refusal=refusal,
            details={"n": len(data.values)},
            tables={"groups": table},
            fingerprint=data.fingerprint,
        )
    called = {shown(name): data.name(name) for name in data.levels}
    contrasts, df = _contrasts(base, others, shown(reference), level)
    contrasts["verdict"] = verdicts(contrasts, margin)
    spread = spreads([base, *others.values()])
    top = furthest(contrasts, "t")
    return Result(
        "against_reference_group",
        "groups",
        len(base) + sum(map(len, others.values())),
        METHOD,
        design="independent",
        dropped=dropped,
        conventions=(
            "equal variances are assumed",
            "intervals hold for all groups at once",
            "differences: group less the reference",
        ),
        test=Test("Dunnett, furthest group", float(top["t"]), (df,), float(top["p"])),
        margin=margin,
        checks=spread_check(
            spread, Message("The groups differ in spread, which these intervals do not allow for.")
        ),
        warnings=few(min(map(len, (base, *others.values()))), "two_groups", sizes),
        sentences=(
            _sentence(contrasts, called, called.get(shown(reference), reference), labels),
            NOT_AN_EFFECT,
        ),
        details={"n": len(base) + sum(map(len, others.values())), "df": df, **spread},
        tables={"contrasts": contrasts, "groups": table},
        fingerprint=data.fingerprint,
    )


def _refusal(
    data: Grouped,
    base: Floats,
    others: dict[str, Floats],
    reference: object,
    labels: Labels,
    sizes: Sizes | None,
) -> Refusal | None:
    """Return why the groups can't be compared with the reference."""
    what = Message(
        "The groups cannot be compared with “{group}” by a test.", group=data.name(reference)
    )
    instead = Message("The value of each group can be shown.")
    if not others:
        return Refusal(
            "too_few_groups",
            what,
            Message("No other group has several {nouns}.", nouns=labels.nouns),
            instead,
        )
    if all(constant(part) for part in (base, *others.values())):
        return no_variation(labels)
    return too_few(len(base), "two_groups", what, instead, sizes)


def _singles(data: Grouped, parts: dict[str, Floats], at: int, labels: Labels) -> list[Dropped]:
    """Return the groups of one, which are left out."""
    return [
        Dropped(
            1,
            Message(
                "The group “{group}” has a single one of the {nouns}: it is shown and left out of "
                "the comparison.",
                group=data.name(name),
                nouns=labels.nouns,
            ),
        )
        for code, name in enumerate(data.levels)
        if code != at and len(parts[shown(name)]) == 1
    ]


def _contrasts(
    base: Floats, others: dict[str, Floats], reference: str, level: float
) -> tuple[pd.DataFrame, float]:
    """Return the difference of each group from the reference, and the degrees of freedom."""
    n0, sizes = len(base), np.array([len(part) for part in others.values()])
    df = float(n0 + sizes.sum() - len(others) - 1)
    within = sum(((part - part.mean()) ** 2).sum() for part in (base, *others.values()))
    error = np.sqrt(within / df * (1 / sizes + 1 / n0))
    estimate = np.array([part.mean() for part in others.values()]) - base.mean()
    loadings = tuple(np.sqrt(sizes / (sizes + n0)).tolist())
    reach, narrow = (dunnett_quantile(share, loadings, df) * error for share in (level, 0.90))
    t = estimate / error
    table = pd.DataFrame(
        {
            "group": list(others),
            "contrast": [f"{name} - {reference}" for name in others],
            "n": sizes,
            "estimate": estimate,
            "se": error,
            "t": t,
            "p": [dunnett_p(abs(float(one)), loadings, df) for one in t],
            "ci_low": estimate - reach,
            "ci_high": estimate + reach,
            "ci90_low": estimate - narrow,
            "ci90_high": estimate + narrow,
        }
    )
    return table, df


def _sentence(
    contrasts: pd.DataFrame, called: dict[str, object], reference: object, labels: Labels
) -> Sentence:
    """Return how many groups lie above and below the reference."""
    clear = contrasts[contrasts["verdict"].isin([Verdict.POSITIVE, Verdict.NEGATIVE])]
    common = {
        "outcome": labels.outcome,
        "unit": labels.unit,
        "reference": reference,
        "all": rounded(len(contrasts), 0),
    }
    if clear.empty:
        return Message(
            "In {outcome} no group differs clearly from “{reference}” (groups compared: {all}).",
            **common,
        )
    top = furthest(clear, "estimate")
    ends = sorted((abs(top["ci_low"]), abs(top["ci_high"])))
    values = {
        **common,
        "group": called[top["group"]],
        "size": rounded(abs(top["estimate"])),
        "least": rounded(ends[0]),
        "most": rounded(ends[1]),
    }
    if top["estimate"] > 0:
        return Counted(
            "In {outcome} {n} of {all} groups differs from “{reference}”: “{group}” lies {size} "
            "{unit} above it (probably between {least} and {most}).",
            "In {outcome} {n} of {all} groups differ from “{reference}”; furthest, “{group}” lies "
            "{size} {unit} above it (probably between {least} and {most}).",
            len(clear),
            **values,
        )
    return Counted(
        "In {outcome} {n} of {all} groups differs from “{reference}”: “{group}” lies {size} {unit} "
        "below it (probably between {least} and {most}).",
        "In {outcome} {n} of {all} groups differ from “{reference}”; furthest, “{group}” lies "
        "{size} {unit} below it (probably between {least} and {most}).",
        len(clear),
        **values,
    )
