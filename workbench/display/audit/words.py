"""Choices behind an index in words."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.audit.alternatives import OWN
from workbench.display.rules import NORMALISERS, RULES
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
    "normalise": NORMALISERS,
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
