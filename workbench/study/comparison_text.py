"""A comparison as plain text: the answer, its numbers, and why it was made this way."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.language import Locale, as_locale
from workbench.stats import Result
from workbench.stats.wording import PValue
from workbench.study.compare import Answer, Comparison

MANY_ANSWERS = 6


def comparison_text(found: Comparison, locale: str) -> str:
    """Return a comparison for a terminal, in the language of ``locale``."""
    return "\n".join(_lines(found, as_locale(locale)))


def _lines(found: Comparison, locale: Locale) -> Iterator[str]:
    """Yield the lines of a comparison."""
    many = len(found.answers) > MANY_ANSWERS
    for answer in found.answers:
        head = f"{answer.node}: " if many else ""
        yield head + answer.result.sentence(locale.tag)
        if not many:
            yield from (f"  {note}" for note in answer.result.notes(locale.tag))
        yield "  " + numbers_of(answer.result, locale)
    yield ""
    yield locale.text("Why these:")
    yield from (f"- {text}" for text in dict.fromkeys(_why(a, locale) for a in found.answers))
    if found.not_chosen:
        yield locale.text("Not made:")
        left = (f"{n.what.text(locale.tag)}: {n.why.text(locale.tag)}" for n in found.not_chosen)
        yield from (f"- {text}" for text in dict.fromkeys(left))


def _why(answer: Answer, locale: Locale) -> str:
    """Return why a comparison was made."""
    why = answer.why.text(locale.tag)
    method = answer.result.method.text(locale.tag)
    return f"{method}: {why}" if method else why


def numbers_of(result: Result, locale: Locale) -> str:
    """Return the numbers of a result as one line: method, n, estimate, interval, p, verdict."""
    if result.refusal is not None:
        return locale.text("Refused ({reason}).", reason=result.refusal.reason)
    digits = 0 if result.unit == "places" else 2 + result.decimals
    parts = [result.method.text(locale.tag), f"n = {locale.integer(result.n)}"]
    if result.estimate is not None:
        parts.append(locale.number(result.estimate, digits))
    if result.interval is not None:
        ends = (result.interval.low, result.interval.high)
        low, high = (locale.number(x, digits) for x in ends)
        parts.append(f"{locale.percent(100 * result.interval.level, 0)}: {low}; {high}")
    if result.test is not None:
        parts.append(f"p {PValue(result.test.p).in_(locale.tag)}")
        if result.test.p_adjusted is not None:
            text = locale.text(
                "adjusted for {m} tests: p {p}",
                m=result.test.m,
                p=PValue(result.test.p_adjusted).in_(locale.tag),
            )
            parts.append(text)
    if result.verdict is not None:
        parts.append(result.verdict_word(locale.tag))
    kind = locale.text("declared") if result.confirmatory else locale.text("exploratory")
    return " | ".join([*parts, kind])
