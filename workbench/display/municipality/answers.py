"""What people answered: questions, what is counted of them, and how many answers that rests on."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.language import Locale
from workbench.observations.surveyed import WIDEST_WEIGHTS
from workbench.study.views import SurveyView, UnitView

COUNTS = ("answered", "asked")


def answers_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return each question with what it gave, and the answers behind it."""
    some = [s for s in view.surveys if s.rule != "quotes"]
    if not some:
        return []
    errors = any(s.std_error is not None for s in some)
    heads = [
        b.ColumnHead(locale.text("Question"), width=3.0),
        b.ColumnHead(locale.text("What is counted"), width=2.2),
        b.ColumnHead(locale.text("Result"), "right", 1.1),
        b.ColumnHead(locale.text("Answers"), "right", 1.2),
        b.ColumnHead(locale.text("Asked"), "right", 1.3),
    ]
    if errors:
        heads.append(b.ColumnHead(locale.text("Standard error"), "right", 1.2))
    rows = tuple(_row(s, locale, errors=errors) for s in some)
    found: list[b.Block | None] = [
        b.Heading(locale.text("What people answered"), 3),
        b.Table(tuple(heads), rows),
    ]
    return [*found, b.Paragraph(b.as_rich(_note(view, some, locale)), "note")]


def _row(survey: SurveyView, locale: Locale, *, errors: bool) -> b.Row:
    """Return one question with its result and what it rests on."""
    cells = [
        b.cell(survey.question),
        b.cell(_counted(survey, locale)),
        b.cell(_result(survey, locale), number=survey.value),
        _people(survey.answered, locale),
        _people(survey.asked, locale),
    ]
    if errors:
        cells.append(b.cell(_error(survey, locale), number=survey.std_error))
    return b.Row(tuple(cells))


def _people(count: int | None, locale: Locale) -> b.Cell:
    """Return a count of people; a word where it is suppressed."""
    if count is None:
        return b.cell(locale.text("suppressed"))
    return b.cell(locale.integer(count), number=count)


def _counted(survey: SurveyView, locale: Locale) -> str:
    """Return what is counted of the answers."""
    names = {
        "mean": locale.text("Mean of the answers"),
        "answered": locale.text("Number of answers"),
        "asked": locale.text("Number of people asked"),
        "non_response": locale.text("Without an answer, of those asked"),
    }
    if survey.rule != "share":
        return names[survey.rule]
    answers = locale.text(" or ").join(survey.counted)
    if survey.of_asked:
        return locale.text("{answers}, of all who were asked", answers=answers)
    return answers


def _result(survey: SurveyView, locale: Locale) -> str:
    """Return a result as printed; why there is none where it is withheld."""
    if survey.hidden:
        return locale.text("suppressed")
    if survey.withheld:
        return locale.text("withheld")
    if survey.rule in COUNTS:
        return locale.integer(survey.value)
    if survey.rule == "mean":
        return locale.number(survey.value, 2)
    return locale.percent(survey.value, 1)


def _error(survey: SurveyView, locale: Locale) -> str:
    """Return a standard error: points of a share, or the unit of a mean."""
    if survey.std_error is None:
        return "–"
    if survey.rule == "mean":
        return locale.number(survey.std_error, 2)
    return locale.text("{n} points", n=locale.number(survey.std_error, 1))


def _note(view: UnitView, some: list[SurveyView], locale: Locale) -> str:
    """Return how to read the table."""
    said = [
        locale.text(
            "Don't know, refused and blank are no answers: they are out of shares and means unless "
            "it says of all who were asked."
        )
    ]
    if any(view.info.samples[s.table].weighted for s in some):
        said.append(
            locale.text(
                "Shares and means are weighted: each answer counts as many people as it stands for."
            )
        )
    few = {s.minimum for s in some if s.hidden}
    if few:
        said.append(
            locale.text(
                "Suppressed: fewer than {n} answers, in the result itself or in one that could be "
                "worked out from it.",
                n=locale.integer(max(few)),
            )
        )
    held = sorted({s.minimum for s in some if s.withheld and not s.hidden})
    if held:
        said.append(
            locale.text(
                "Withheld: fewer than {n} answers.", n=locale.text(" or ").join(map(str, held))
            )
        )
    if any(s.std_error is not None for s in some):
        said.append(
            locale.text(
                "The standard error is what chance alone moves in a sample drawn so; it counts "
                "strata, clusters and weights, and not who refused or how a question was put. A "
                "dash stands where the design gives none."
            )
        )
    return " ".join(said)


def how_chosen(view: UnitView, locale: Locale) -> list[str]:
    """Return how the respondents were chosen, and what that leaves open."""
    texts = {
        "random": locale.text(
            "Results from answers rest on a sample drawn at random: standard errors stand beside "
            "them. Intervals and differences need a calculation that uses the whole design."
        ),
        "everyone": locale.text(
            "Everyone was asked: nothing was sampled, and what is not known is what those who did "
            "not answer would have said."
        ),
        "other": locale.text(
            "It is not known that the respondents were drawn at random: the results are of those "
            "who answered, and nothing can be said of how precise they are for others."
        ),
    }
    used = {s.table for s in view.surveys}
    samples = [sample for number, sample in enumerate(view.info.samples) if number in used]
    said = [texts[sample.sample] for sample in samples] + [s.source for s in samples if s.source]
    wide = max((s.spread for s in samples), default=1.0)
    if wide > WIDEST_WEIGHTS:
        said.append(
            locale.text(
                "The largest weight is {n} times the smallest, so that few respondents decide.",
                n=locale.number(wide, 1),
            )
        )
    return list(dict.fromkeys(said))
