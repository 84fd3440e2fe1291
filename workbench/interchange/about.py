"""The first sheet of the workbook: what it is, from which data, and how to re-check it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.interchange.places import AGREES, FIRST_ROW, Places
from workbench.interchange.spelling import text
from workbench.study import Study


def about(
    study: Study, places: Places, run_id: str | None, nodes: int, values: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield the lines of the first sheet: what, and the text beside it.

    Parameters
    ----------
    study : Study
    places : Places
    run_id : str or None
    nodes : int
        Results written.
    values : mapping of str to int
        How many results are values and not formulas, by reason.
    """
    locale, spec = study.locale, study.spec
    instrument = study.instrument
    title = instrument.text(instrument.spec.title, locale.tag)
    yield (
        study.spec.title.in_(locale.tag),
        locale.text(
            "This workbook computes the scores of the study once more, from the answers, weights "
            "and rules on its sheets, and compares them with those of the workbench."
        ),
    )
    if spec.example:
        yield locale.text("Data"), locale.text("Fictitious: an example.")
    yield locale.text("Do all results agree?"), _verdict(study, places, nodes)
    yield from _sheets(study)
    yield (
        locale.text("How to re-check"),
        locale.text(
            "Choose a score and follow its formula to the cells it reads. Change an answer or a "
            "weight: everything that depends on it is computed again, and the column of agreement "
            "shows what moved. If cells look empty, allow editing: the program then computes them."
        ),
    )
    yield locale.text("What is a value and no formula"), _values(study, nodes, values)
    if places.parameters.rows:
        waves = ", ".join(study.reference_waves)
        yield locale.text("What stays as it is"), locale.text(
            "Numbers on the sheet {sheet} were fitted to the reference ({waves}); they do not move "
            "when an answer is changed.",
            sheet=locale.text("Parameters"), waves=waves,
        )  # fmt: skip
    yield (
        locale.text("Limits"),
        locale.text(
            "The least and the most that a score could be are values; other ranges and comparisons "
            "stand in the report alone."
        ),
    )
    yield (
        locale.text("Instrument"),
        f"{title} ({instrument.id}, {instrument.spec.version})",
    )
    yield "SHA-256", instrument.sha256
    if run_id is not None:
        yield locale.text("Run"), run_id
    yield locale.text("Author"), spec.author.in_(locale.tag)
    yield locale.text("Date"), locale.date(spec.date)
    if spec.licence:
        yield locale.text("Licence"), spec.licence
    for source in (*spec.sources, *instrument.spec.sources):
        parts = (source.publisher, source.title)
        said = [part.in_(locale.tag) for part in parts if part] + [str(source.year or "")]
        yield locale.text("Source"), ". ".join(x for x in [*said, source.url or ""] if x)


def _verdict(study: Study, places: Places, nodes: int) -> str:
    """Return the formula that says whether all results agree."""
    locale = study.locale
    last = FIRST_ROW + nodes - 1
    cells = f"{places.names.scores}!${AGREES}${FIRST_ROW}:${AGREES}${last}"
    yes = locale.text("Yes: all {n} results agree with those of the workbench.", n=nodes)
    no = locale.text(" of {n} results differ from those of the workbench.", n=nodes)
    return f"=IF(SUM({cells})={nodes},{text(yes)},({nodes}-SUM({cells}))&{text(no)})"


def _sheets(study: Study) -> Iterator[tuple[str, str]]:
    """Yield what each sheet holds."""
    locale = study.locale
    yield (
        locale.text("Scores"),
        locale.text(
            "One row for each node, unit and measurement: every step as a formula, beside it the "
            "result of the workbench and the difference."
        ),
    )
    yield (
        locale.text("Answers"),
        locale.text("What was observed, as it is scored; these cells may be changed."),
    )
    yield (
        locale.text("Tree"),
        locale.text(
            "The nodes of the instrument with their rules in words; the weights may be changed."
        ),
    )
    yield (
        locale.text("Parameters"),
        locale.text("Numbers that were fitted to the data: ranges, means, components, strata."),
    )
    yield (
        locale.text("Tables"),
        locale.text("Levels, look-ups and conversion tables that the formulas read."),
    )


def _values(study: Study, nodes: int, values: Mapping[str, int]) -> str:
    """Return how many results are values, and why."""
    locale = study.locale
    if not values:
        return locale.text("Nothing: all results are formulas.")
    reasons = "; ".join(f"{why} ({n})" for why, n in sorted(values.items()))
    return locale.text(
        "{n} of {all} results, on a yellow ground: {reasons}.",
        n=sum(values.values()), all=nodes, reasons=reasons,
    )  # fmt: skip
