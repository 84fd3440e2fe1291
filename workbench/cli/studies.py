"""Commands on a study: check, score, compare, explain a result, recompute what is published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import (
    EXIT_CHECK,
    EXIT_SOME,
    LocaleOption,
    StudyArgument,
    app,
    heads,
    say,
    show,
    tongue,
)
from workbench.errors import WorkbenchError
from workbench.language import Message


@app.command()
def check(
    study: StudyArgument,
    problems: Annotated[
        Path | None,
        typer.Option("--problems", metavar="FILE.csv", help="Write every problem found to a table"),
    ] = None,
) -> None:
    """Check a study and its data: every mistake with file, row, column, and what to do.

    Exit code 0 if it can be run, 2 if something must be mended. Contradictions inside the data that
    stop nothing are listed as warnings and printed in the reports.

    ```
    workbench check params/gdm-slp-2025.yml
    workbench check params/mine.yml --problems problems.csv
    ```
    """
    from workbench.study import Study

    try:
        opened = Study.open(study)
        scores = opened.scores
        opened.peers  # noqa: B018  # building them checks them
        opened.roadmaps  # noqa: B018  # reading them checks them
        opened.builder.certainty.precisions  # noqa: B018  # reading what is declared checks it
        for version in opened.builder.earlier.all:
            version.pairs  # noqa: B018  # reading what corresponds checks it
            version.then.scores  # noqa: B018
    except WorkbenchError as error:
        if problems is not None:
            error = _write_problems(problems, error)
        raise WorkbenchError(error.problems) from error
    rows = len(opened.observations.frame)
    n, waves = len(opened.observed_units()), len(set(scores.cases.get_level_values("wave")))
    say(
        "{study}: {rows} observations of {n} units in {waves} waves, instrument {instrument}. No "
        "problem.",
        study=opened.spec.id, rows=rows, n=n, waves=waves, instrument=opened.instrument.id,
    )  # fmt: skip
    if opened.warnings:
        from workbench.console import show_table

        title = Message("{n} warnings", n=len(opened.warnings)).text(tongue())
        rows_ = [(w.unit, w.wave, w.node, w.message.text(tongue())) for w in opened.warnings]
        names = heads(Message("unit"), Message("wave"), Message("node"), Message("what"))
        show_table(names, rows_, title)


def _write_problems(path: Path, error: WorkbenchError) -> WorkbenchError:
    """Write every problem to a csv table; return them, with that of a table that can't be written.

    The input is wrong whether or not the table can be written.
    """
    import pandas as pd

    from workbench.observations.csv_texts import csv_text
    from workbench.runs.files import write_whole

    frame = pd.DataFrame(error.to_records(tongue()))
    try:
        write_whole(path, csv_text(frame))
    except WorkbenchError as failure:
        return WorkbenchError([*failure.problems, *error.problems])
    return error


@app.command()
def score(
    study: StudyArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write all scores: .csv or .parquet"),
    ] = None,
    wave: Annotated[
        str | None, typer.Option("--wave", help="One wave; the last by default")
    ] = None,
    node: Annotated[
        list[str] | None,
        typer.Option("--node", help="Node to print; the result by default. May be repeated"),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", metavar="CODE", help="Unit to print; all by default. May be repeated"
        ),
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """Score a study and print the result, or write all scores to a file.

    Where the instrument gives no result for the whole, its parts stand below each other, with a
    column for each of a few units, or the spread of many.

    ```
    workbench score params/gdm-slp-2025.yml
    workbench score params/gdm-slp-2025.yml --node 1 --node 2
    workbench score params/pefa-subnacional-ejemplo.yml --unit 99001
    workbench score params/gdm-slp-2025.yml --out scores.parquet
    ```
    """
    from workbench.study import Study
    from workbench.study.results import result_table
    from workbench.study.tables import write_scores

    opened = Study.open(study, locale=locale)
    if out is not None:
        n = write_scores(opened, out)
        say("wrote {n} rows to {path}", n=n, path=out)
        return
    from workbench.console import show_table

    found = result_table(opened, wave, node, unit)
    show_table(found.heads, found.rows, found.title)


@app.command()
def compare(
    study: StudyArgument,
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="QUESTION",
            help="change, indicators, groups, programme, target, peers, chance, rank or "
            "agreement; found from the data if left out",
        ),
    ] = None,
    node: Annotated[str | None, typer.Option("--node", help="Node; the result by default")] = None,
    wave: Annotated[
        list[str] | None,
        typer.Option("--wave", help="Waves to look at; all by default. May be repeated"),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="GROUP", help="Group of the units table")
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="CODE", help="Unit to compare with its peers")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the numbers: .csv")
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """Compare measurements, groups, or one unit with others, by the method that fits the data.

    It says which method answers the question and why, what was not made, and refuses where the
    data can't tell.

    ```
    workbench compare params/cimtra-monterrey.yml
    workbench compare params/gdm-slp-2025.yml groups --by tamano
    workbench compare params/gdm-slp-2025.yml peers --unit 24024
    ```
    """
    from workbench.study import Study
    from workbench.study.compare import compare as answer
    from workbench.study.comparison_text import comparison_text
    from workbench.study.tables import write_table

    opened = Study.open(study, locale=locale)
    found = answer(opened, question, node=node, waves=wave, by=by, unit=unit)
    if out is not None:
        write_table(found.to_frame(), out)
        say("wrote {n} rows to {path}", n=len(found.answers), path=out)
        return
    show(comparison_text(found, opened.locale.tag))


@app.command()
def explain(
    study: StudyArgument,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Code of the municipality, as text")],
    node: Annotated[
        str | None, typer.Argument(metavar="NODE", help="Node; the result by default")
    ] = None,
    wave: Annotated[
        str | None, typer.Option("--wave", help="One wave; the last by default")
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """Explain one result: its arithmetic, down to what was observed.

    ```
    workbench explain params/gdm-slp-2025.yml 24024
    workbench explain params/gdm-ejemplo.yml 99001 2.1
    ```
    """
    from workbench.study import Study

    opened = Study.open(study, locale=locale)
    code = node or next(iter([*opened.instrument.headline, *opened.instrument.groups]))
    found = opened.explain(unit, code, wave)
    show(found.text(opened.locale.tag))


@app.command()
def roadmap(
    study: StudyArgument,
    unit: Annotated[
        str, typer.Option("--unit", metavar="CODE", help="Code of the municipality, as text")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.yml", help="data/roadmaps/STUDY/CODE.yml by default"),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=1, help="Most tasks of each kind of indicator")
    ] = 12,
    locale: LocaleOption = None,
) -> None:
    """Write a draft of a municipality's roadmap to edit: what is closest to the next level.

    A file that exists is never overwritten. Once the study names it, the report draws it, and the
    report of a later measurement shows what was carried out.

    ```
    workbench roadmap params/gdm-ejemplo.yml --unit 99001 --out data/roadmaps/99001.yml
    workbench check params/gdm-ejemplo.yml
    ```
    """
    from workbench.display.roadmap_draft import how_to_name, write_draft
    from workbench.study import Study

    opened = Study.open(study, locale=locale)
    path = write_draft(opened, unit, out, most)
    say("made {path}", path=path)
    show(how_to_name(opened, unit, path).text(tongue()))


@app.command()
def replicate(
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="CASE", help="Studies that replicate; all shipped by default"),
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """Recompute published results and compare: the largest error, grades and places that agree.

    ```
    workbench replicate
    workbench replicate conapo-municipal
    ```

    Exit code 1 if a result falls short of its tolerance, 3 if one could not be checked because its
    reference data are absent.
    """
    from workbench.console import show_table
    from workbench.study.replication import HEADS, find_cases, rows_of, run_cases, summary

    found = run_cases(find_cases(Path.cwd(), cases or []), locale=locale)
    tag = locale or tongue()
    show_table([(name.text(tag), side) for name, side in HEADS], rows_of(found, tag))
    message, differs, unchecked = summary(found)
    show(message.text(tag))
    if differs or unchecked:
        raise typer.Exit(EXIT_CHECK if differs else EXIT_SOME)
