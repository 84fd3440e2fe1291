"""Choices behind an index in words."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.audit.alternatives import OWN
from workbench.language import Locale, marked

CHOICES = {
    "impute": marked("how missing values are filled in"),
    "treat": marked("how outliers are treated"),
    "normalise": marked("the scale of the indicators"),
    "aggregate": marked("the rule that joins them"),
    "missing": marked("what stands for missing values"),
    "one_out": marked("which indicator is left out"),
    "measurement": marked("the error of measurement"),
    "weights": marked("the weights"),
}


RULES = {
    "arithmetic": marked("arithmetic mean"),
    "geometric": marked("geometric mean"),
    "harmonic": marked("harmonic mean"),
    "power": marked("power mean"),
    "median": marked("median"),
    "minimum": marked("minimum"),
    "maximum": marked("maximum"),
    "sum": marked("sum"),
    "points": marked("points of a total"),
    "dp2": marked("distance DP2"),
    "first_component": marked("first principal component"),
    "copeland": marked("comparison of two by two"),
}
OPTIONS = {
    "impute": {
        "mean": marked("mean of the others"),
        "median": marked("median of the others"),
        "latest": marked("latest value before"),
        "constant": marked("nearest value in time"),
        "linear": marked("on the line between measurements"),
        "em": marked("what the other indicators lead to expect"),
    },
    "treat": {
        "shape": marked("extremes brought in until the distribution is tame"),
        "percentiles": marked("extremes brought to a percentile"),
        "deviations": marked("extremes brought to a number of deviations"),
        "fences": marked("extremes brought to the fences of the quartiles"),
        "transform": marked("values transformed"),
    },
    "normalise": {
        "min_max": marked("from the lowest to the highest"),
        "goalposts": marked("between fixed values"),
        "z_score": marked("deviations from the mean"),
        "rank": marked("ranks"),
        "borda": marked("units that are surpassed"),
        "percentile_rank": marked("percentile ranks"),
        "distance_to_maximum": marked("share of the maximum"),
        "distance_to_reference": marked("distance to a unit"),
        "distance_to_target": marked("distance to a target"),
        "ratio": marked("ratio to a figure of all"),
        "scaled": marked("a fixed scale"),
        "classes": marked("classes of as many units"),
    },
    "aggregate": RULES,
    "missing": {
        "available": marked("nothing: the other indicators count more"),
        "median": marked("the median"),
        "lowest": marked("the lowest value"),
    },
}
LEFT_OUT = marked("step left out")
AS_IT_IS = marked("as the index has it")


def choice_name(name: str, locale: Locale) -> str:
    """Return a choice in words."""
    return locale.text(CHOICES[name])


def rule_name(method: str, locale: Locale) -> str:
    """Return a rule for groups in words; that of a plug-in by its name."""
    return locale.text(RULES[method]) if method in RULES else method


def option_names(choice: str, options: Sequence[str], locale: Locale) -> list[str]:
    """Return the options of a choice in words; those of one method are told apart by what they say.

    Parameters
    ----------
    choice : str
    options : sequence of str
        As :func:`workbench.audit.alternatives.choices_of` calls them.
    locale : Locale
    """
    methods = [option.partition(" (")[0] for option in options]
    found = []
    for option, method in zip(options, methods, strict=True):
        if option == OWN:
            found.append(locale.text(AS_IT_IS))
            continue
        if method == "none":
            found.append(locale.text(LEFT_OUT))
            continue
        word = OPTIONS.get(choice, {}).get(method)
        text = locale.text(word) if word else method
        said = option[len(method) :]
        found.append(text + (said if methods.count(method) > 1 else ""))
    return found
