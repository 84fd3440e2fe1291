"""Measured values as they are printed: as many decimals as they have, with their unit."""

from __future__ import annotations

from math import floor, log10

from workbench.language import Locale

NO_VALUE = "–"
# What a source prints has seldom more; a quotient of two numbers has no end of them.
MOST_DECIMALS = 2


def decimals_of(*values: float | None) -> int:
    """Return the decimals that some values of one indicator need, at most two.

    Values that stand side by side are printed alike: 2.00 beside 2.21. Numbers so small that two
    decimals would hide them get as many as show two of their digits.

    Parameters
    ----------
    *values : float or None
    """
    known = [v for v in values if v is not None and v == v]
    small = [abs(v) for v in known if 0 < abs(v) < 0.1]
    most = max([MOST_DECIMALS, *(1 - floor(log10(v)) for v in small)])
    for decimals in range(most):
        if all(abs(round(v, decimals) - v) <= 1e-9 * max(1.0, abs(v)) for v in known):
            return decimals
    return most


def plain_number(value: float | None, locale: Locale, *beside: float | None) -> str:
    """Return a measured number, printed like those that stand beside it; a dash for none."""
    if value is None:
        return NO_VALUE
    return locale.number(value, decimals_of(value, *beside))


def with_unit(value: float | None, unit: str | None, locale: Locale, *beside: float | None) -> str:
    """Return a measured number with its unit; a dash for none."""
    if value is None:
        return NO_VALUE
    return unit_after(plain_number(value, locale, *beside), unit, locale)


def unit_after(text: str, unit: str | None, locale: Locale) -> str:
    """Return a number in words with its unit; percents as the locale writes them."""
    if unit == "%":
        return text + locale.percent_sign
    return f"{text} {unit}" if unit else text


def titled(code: str, title: str) -> str:
    """Return a title after the code under which its source knows it: *2.1.4 Capacidad financiera*.

    A code without a digit is a name within the file, and says nothing that the title does not.
    """
    return f"{code} {title}" if any(c.isdigit() for c in code) else title


def natural(code: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts 4.4.10 after 4.4.9."""
    return tuple((int(p), "") if p.isdigit() else (0, p) for p in code.split("."))
