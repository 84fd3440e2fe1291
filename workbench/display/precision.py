"""Measurement error and ranges of places in words, for the reports of a unit and of a cohort."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.display import blocks as b
from workbench.display.blocks import Rich
from workbench.display.parts import sentence
from workbench.display.values import plain_number
from workbench.language import Locale, Noun, marked
from workbench.study.certainty_views import PlacesView, PrecisionView, ReliableView

# Half the width of a 95 % interval, in standard errors; a change has the errors of two scores.
WIDE, TWICE = 1.959963984540054, 2**0.5
KINDS = {
    "retest": marked("measured again"),
    "raters": marked("by several evaluators"),
    "consistency": marked("by how far its questions go together"),
    "other": marked("found in another way"),
}


def precision_texts(precisions: Iterable[PrecisionView], noun: Noun) -> list[Rich]:
    """Return how precise each result is, and who found that."""
    found = []
    for precision in precisions:
        text = _refused(precision, noun) if precision.std_error is None else _known(precision, noun)
        found.append(text)
    return found


def _known(precision: PrecisionView, noun: Noun) -> Rich:
    """Return how far measurement error moves a result."""
    locale, error = noun.locale, precision.std_error or 0.0
    values = {
        "title": precision.title,
        "kind": locale.text(KINDS[precision.kind]),
        "error": plain_number(error, locale),
        "least": plain_number(WIDE * TWICE * error, locale),
        "source": sentence(precision.source),
    }
    if precision.reliability is None:
        return noun.rich(
            "**{title}: measurement error of {error} points** (standard error, {kind}). If nothing "
            "had changed, two scores of one {noun} would differ by less than {least} points in 95 "
            "of 100 cases. Source: {source}",
            **values,
        )
    return noun.rich(
        "**{title}: measurement error of {error} points**, because the score has a reliability of "
        "{value} ({kind}). If nothing had changed, two scores of one {noun} would differ by less "
        "than {least} points in 95 of 100 cases. Source: {source}",
        value=plain_number(precision.reliability, locale),
        **values,
    )


def _refused(precision: PrecisionView, noun: Noun) -> Rich:
    """Return why a declared reliability says nothing of single units."""
    locale = noun.locale
    why = {
        "too_unreliable": locale.text("below 0.6 most of a change would be error"),
        "one_item": locale.text("a score of a single question has no error that can be known"),
        "too_few": noun.text(
            "it was measured in {n} {nouns}, too few to know how far scores lie apart",
            n=locale.integer(precision.n),
        ),
        "no_variation": noun.text("all {nouns} had the same score"),
    }
    reason = why.get(precision.refusal, locale.text("its error is not known"))
    return noun.rich(
        "**{title}: a reliability of {value} is declared** ({kind}), and whether a single {noun} "
        "changed can't be told from it: {why}. Source: {source}",
        title=precision.title,
        value=plain_number(precision.reliability, locale),
        kind=locale.text(KINDS[precision.kind]),
        why=reason,
        source=sentence(precision.source),
    )


def reliable_text(change: ReliableView, decimals: int, locale: Locale) -> Rich:
    """Return whether a change is beyond measurement error."""
    reach = locale.number(change.reach, decimals)
    if change.outcome == "within":
        return locale.rich(
            "**Within measurement error:** with the precision of this score, a change of less than "
            "{reach} points can't be told from measurement error.",
            reach=reach,
        )
    return locale.rich(
        "**Beyond measurement error:** measurement error alone gives a change of less than {reach} "
        "points in 95 of 100 cases, and this one is larger.",
        reach=reach,
    )


def beyond_cell(change: ReliableView | None, decimals: int, locale: Locale) -> b.Cell:
    """Return whether a change is beyond measurement error, and how much that could be."""
    if change is None:
        return b.cell(locale.text("not known"))
    word = locale.text("no") if change.outcome == "within" else locale.text("yes")
    return b.cell(f"{word} (±{locale.number(change.reach, decimals)})", number=change.reach)


def places_texts(places: Iterable[PlacesView], locale: Locale) -> list[str]:
    """Return the ranges of a place as parts of a sentence."""
    return [_places(range_, locale) for range_ in places]


def _places(places: PlacesView, locale: Locale) -> str:
    """Return one range of a place."""
    values = {"low": locale.integer(places.low), "high": locale.integer(places.high)}
    one = places.low == places.high
    if places.basis == "error":
        if one:
            return locale.text("measurement error leaves no other place open")
        return locale.text("measurement error leaves open places {low} to {high}", **values)
    values["share"] = locale.percent(100 * (places.weight_share or 0.0), 0)
    if one:
        return locale.text("other weights (up to {share} more or less) leave it there", **values)
    if places.one_out:
        return locale.text(
            "with other weights (up to {share} more or less, or one part left out) it would be "
            "between {low} and {high}",
            **values,
        )
    return locale.text(
        "with other weights (up to {share} more or less) it would be between {low} and {high}",
        **values,
    )
