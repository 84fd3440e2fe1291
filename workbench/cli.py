"""The command line: it reads arguments, calls the study or a run, and prints what came."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.usage import usage_error

app = typer.Typer(
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Score municipal diagnostics and print reports that can be checked.\n\n"
    "A *study* is a YAML file in `params/`: it names an instrument, the data, and what to make of "
    "them.\n\n"
    "```\n"
    "workbench init my-project          # a folder with an example that runs\n"
    "workbench check params/STUDY.yml   # every mistake in the data, with its row\n"
    "workbench run params/STUDY.yml     # HTML and PDF for every municipality\n"
    "```",
)

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="Path of the study's YAML file")
]
LocaleOption = Annotated[
    str | None,
    typer.Option("--locale", metavar="TAG", help="Language and country of the results: es-MX, en"),
]

# typer keeps its own copy of click and names only this part of its mistakes in public.
USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]

EXIT_DONE, EXIT_CHECK, EXIT_INPUT, EXIT_SOME, EXIT_BUG = 0, 1, 2, 3, 70


def _say(source: str, /, **values: object) -> None:
    """Print a sentence of the interface."""
    from workbench.console import console, text_long

    console().print(text_long(Message(source, **values).text(_tongue())))


def _tongue() -> str | None:
    """Return the language in which the command line speaks: WORKBENCH_LANG, English by default."""
    return os.environ.get("WORKBENCH_LANG")


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to make; it must be new or empty")
    ],
) -> None:
    """Make a project folder with an example study that runs.

    It holds `params/`, `notebooks/`, `data/` and `outputs/`; change the example into your own
    study.

    ```
    workbench init my-project
    cd my-project
    workbench run params/gdm-ejemplo.yml
    ```
    """
    from workbench.study.create import create_project

    for path in create_project(folder):
        _say("made {path}", path=path)
    _say("Next: cd {folder} && workbench run params/gdm-ejemplo.yml", folder=folder)


@app.command()
def instruments(
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="Show one instrument whole")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="OLDER NEWER", help="Set two versions side by side"),
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """List the instruments: what each measures, how complete its definition is, what is assumed.

    ```
    workbench instruments
    workbench instruments gdm-2025-2027
    workbench instruments --compare gdm-ciclo-anterior gdm-2025-2027
    ```
    """
    from workbench.study.catalogue import (
        compare_instruments,
        describe_instrument,
        instrument_rows,
    )

    tag = locale or "en"
    if compare is not None:
        from workbench.console import show_section
        from workbench.display.versions import versions

        show_section(versions(compare_instruments(*compare, Path.cwd()), tag))
        return
    if name is not None:
        for line in describe_instrument(name, Path.cwd(), tag):
            _print(line)
        return
    from workbench.console import show_table

    heads = [
        ("id", "left"),
        ("title", "left"),
        ("version", "left"),
        ("completeness", "left"),
        ("groups", "right"),
        ("indicators", "right"),
        ("assumed", "right"),
        ("publisher", "left"),
    ]
    show_table(heads, instrument_rows(Path.cwd(), tag))


@app.command()
def fill(
    instrument: Annotated[
        str, typer.Argument(metavar="OUTLINE", help="Id of an instrument known by structure only")
    ],
    table: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="Titles and rules: csv, xlsx, ods or parquet"),
    ] = None,
    name: Annotated[str, typer.Option("--id", metavar="ID", help="Id of the copy")] = "",
    title: Annotated[str | None, typer.Option("--title", help="Title of the copy")] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Where titles and rules come from")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.yml", help="data/instruments/ID.yml by default"),
    ] = None,
    blank: Annotated[
        Path | None,
        typer.Option("--blank", metavar="FILE", help="Write the table to fill in: .csv or .xlsx"),
    ] = None,
) -> None:
    """Fill in an outline from a table of titles and rules, as a copy under an id of its own.

    Exit code 2 if anything in the table must be mended: then nothing is written.

    ```
    workbench fill iso-18091 --blank titles.xlsx
    workbench fill iso-18091 titles.xlsx --id my-iso --source "ISO 18091:2019, annex A"
    ```
    """
    from workbench.study.capture import open_instrument
    from workbench.study.fill import fill_outline, write_blank

    outline = open_instrument(instrument)
    if blank is not None:
        _say("made {path}: {n} rows to fill in", path=blank, n=write_blank(outline, blank))
        return
    if table is None or not name:
        what = Message("give the table and --id, or --blank for a table to fill in")
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("fill")))
    found = fill_outline(
        outline, table, name=name, root=Path.cwd(), out=out, title=title, source=source
    )
    _say(
        "made {path}: {n} indicators; the outline has {all}.",
        path=found.path, n=len(found.instrument.indicators), all=len(outline.indicators),
    )  # fmt: skip


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
        opened.roadmap_view()
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
    _say(
        "{study}: {rows} observations of {n} units in {waves} waves, instrument {instrument}. No "
        "problem.",
        study=opened.spec.id, rows=rows, n=n, waves=waves, instrument=opened.instrument.id,
    )  # fmt: skip
    if opened.warnings:
        from workbench.console import show_table

        title = Message("{n} warnings", n=len(opened.warnings)).text(_tongue())
        rows_ = [(w.unit, w.wave, w.node, w.message.text(_tongue())) for w in opened.warnings]
        show_table(
            [("unit", "left"), ("wave", "left"), ("node", "left"), ("what", "left")], rows_, title
        )


@app.command()
def capture(
    instrument: Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Id of an instrument")],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="PATH", help="File .xlsx, or a folder for a form a unit"),
    ],
    units: Annotated[
        list[str] | None,
        typer.Option(
            "--units", metavar="FILE_OR_STUDY", help="Who is asked; a blank form if left out"
        ),
    ] = None,
    wave: Annotated[str, typer.Option("--wave", help="Measurement, as in the study")] = "",
    stage: Annotated[str, typer.Option("--stage", help="Stage of the instrument")] = "",
    format_: Annotated[
        str, typer.Option("--format", help="xlsx, or xlsform for KoboToolbox and ODK")
    ] = "xlsx",
    layout: Annotated[
        str, typer.Option("--layout", help="For xlsx: one-per-unit, or rows: units in rows")
    ] = "one-per-unit",
    photos: Annotated[
        bool, typer.Option("--photos", help="For xlsform: ask for a photo of the evidence")
    ] = False,
    locale: LocaleOption = None,
) -> None:
    """Write the forms that people fill in: workbooks, or an XLSForm for phones.

    A workbook shows levels and results at once. `workbench ingest` reads all of them back.

    ```
    workbench capture gdm-2025-2027 --out form.xlsx
    workbench capture gdm-2025-2027 --units params/mine.yml --wave 2026 --out forms/
    workbench capture pefa-2016 --units units.csv --layout rows --out table.xlsx
    workbench capture cimtra-municipal --format xlsform --wave 2026 --out survey.xlsx
    ```
    """
    from workbench.forms import CaptureOptions
    from workbench.study import capture as forms

    options = CaptureOptions(
        format=format_, layout=layout, locale=locale, wave=wave, stage=stage, photos=photos
    )
    for path in forms.capture(instrument, units or [], out, options):
        _say("made {path}", path=path)


@app.command()
def ingest(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES", help="Filled-in forms, exports of surveys")
    ],
    instrument: Annotated[
        str, typer.Option("--instrument", metavar="ID", help="Instrument of the forms")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE.csv", help="Table of observations to write")
    ],
    problems: Annotated[
        Path | None,
        typer.Option("--problems", metavar="FILE.csv", help="Write every mistake to a table"),
    ] = None,
    marked: Annotated[
        Path | None,
        typer.Option("--marked", metavar="DIR", help="Copies of the files, mistakes marked"),
    ] = None,
) -> None:
    """Read filled-in forms into one table of observations that a study can use.

    Exit code 2 if anything must be mended: then nothing is written but the mistakes. Send the
    marked copies back; each wrong cell says what to do.

    ```
    workbench ingest forms/*.xlsx --instrument gdm-2025-2027 --out data/observations.csv
    workbench ingest kobo.csv --instrument pefa-2016 --out data/pefa.csv --marked to-mend/
    ```
    """
    from workbench.study.capture import ingest_files

    found = ingest_files(files, instrument, out, problems=problems, marked=marked, locale=_tongue())
    _say(
        "{n} forms, {rows} observations in {path}.",
        n=len(found.forms), rows=sum(len(f.answers) for f in found.forms), path=out,
    )  # fmt: skip


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
        _say("wrote {n} rows to {path}", n=n, path=out)
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
            help="change, indicators, groups, programme, target, peers, rank or agreement; found "
            "from the data if left out",
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
        _say("wrote {n} rows to {path}", n=len(found.answers), path=out)
        return
    _print(comparison_text(found, opened.locale.tag))


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
    _print(found.text(opened.locale.tag))


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
    show_table(HEADS, rows_of(found))
    message, differs, unchecked = summary(found)
    _print(message.text(locale or _tongue()))
    if differs or unchecked:
        raise typer.Exit(EXIT_CHECK if differs else EXIT_SOME)


@app.command()
def run(
    study: StudyArgument,
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[CODE]...", help="More codes, after --unit")
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit",
            metavar="CODE ...",
            help="Render these municipalities only: one code, or several after it or with commas",
        ),
    ] = None,
    formats: Annotated[
        str, typer.Option("--formats", help="Of html and pdf; the notebook is always kept")
    ] = "html,pdf",
    locale: LocaleOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop")] = False,
    force: Annotated[bool, typer.Option("--force", help="Render also what is current")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Run folder; outputs/STUDY by default"),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one a core by default")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE",
            help="Parameter of the notebooks, as text; may be repeated",
        ),
    ] = None,
) -> None:
    """Render the reports of a study into `outputs/STUDY`: one a municipality, and one of all.

    A second run renders only what is missing, changed or damaged; the plan says why. Exit code 0 if
    all are done, 3 if some failed (`failures.csv` says which and why), 2 if the input is wrong.

    ```
    workbench run params/gdm-slp-2025.yml
    workbench run params/gdm-slp-2025.yml --unit 24024 24028 --formats html
    workbench run params/gdm-slp-2025.yml --locale en --dry-run
    ```
    """
    from workbench.console import ProgressLine, show_table
    from workbench.runs.plan import make_plan, parse_formats
    from workbench.runs.run import execute_plan
    from workbench.study import Study

    start = time.perf_counter()
    opened = Study.open(study, locale=locale)
    chosen = _codes([*(unit or []), *(codes or [])])
    plan = make_plan(
        opened, units=chosen, formats=parse_formats(formats), out=out, force=force,
        parameters=_parameters(param or []),
    )  # fmt: skip
    if dry_run:
        rows = [
            (j.key, j.title, j.notebook, ", ".join(j.formats), j.why or "current")
            for j in plan.jobs
        ]
        heads = [
            ("report", "left"),
            ("of", "left"),
            ("notebook", "left"),
            ("formats", "left"),
            ("why", "left"),
        ]
        show_table(heads, rows)
        _say(
            "{n} of {all} reports to render into {path}, run {run_id}.",
            n=len(plan.waiting), all=len(plan.jobs), path=plan.run, run_id=plan.run_id,
        )  # fmt: skip
        return
    progress = ProgressLine(len(plan.waiting))
    try:
        outcome = execute_plan(plan, workers=workers, progress=progress)
    finally:
        progress.close()
    _say(
        "{rendered} rendered, {current} current, {failed} failed in {seconds} s. Run {run_id}.",
        rendered=outcome.rendered, current=outcome.current, failed=outcome.failed,
        seconds=round(time.perf_counter() - start), run_id=plan.run_id,
    )  # fmt: skip
    _say("Open {path}", path=plan.run / "index.html")
    if outcome.failed:
        for entry in outcome.failures[:10]:
            _say("failed: {report}: {reason}", report=entry.job, reason=entry.reason)
        _say("All failures: {path}", path=plan.run / "failures.csv")
        raise typer.Exit(EXIT_SOME)


def _codes(given: list[str]) -> list[str] | None:
    """Return the codes of units, repeated or joined by commas; None for all units."""
    codes = [code.strip() for part in given for code in part.split(",") if code.strip()]
    return list(dict.fromkeys(codes)) or None


def _parameters(pairs: list[str]) -> dict[str, str]:
    """Return NAME=VALUE pairs; values stay texts, because 01001 is no number."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            what = Message("a parameter is written NAME=VALUE")
            raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--param"), got=pair))
        if name in ("study", "unit", "locale"):
            what = Message("{name} is set by the run itself", name=name)
            fix = Message("Use the argument STUDY, --unit or --locale.")
            raise WorkbenchError(
                Problem(Reason.PARAMETER_VALUE, what, Place("--param"), got=pair, fix=fix)
            )
        found[name] = value
    return found


def _print(line: str) -> None:
    """Print a text as it is."""
    from workbench.console import console, text_long

    console().print(text_long(line))


def _write_problems(path: Path, error: WorkbenchError) -> WorkbenchError:
    """Write every problem to a csv table; return them, with that of a table that can't be written.

    The input is wrong whether or not the table can be written.
    """
    import pandas as pd

    from workbench.runs.files import write_whole

    frame = pd.DataFrame(error.to_records(_tongue()))
    try:
        write_whole(path, frame.to_csv(index=False, lineterminator="\n"))
    except WorkbenchError as failure:
        return WorkbenchError([*failure.problems, *error.problems])
    return error


def _crash(error: BaseException) -> Path:
    """Write what is needed to mend a bug to a file, and return its path."""
    text = "".join(traceback.format_exception(error))
    handle, name = tempfile.mkstemp(prefix="workbench-crash-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"workbench {' '.join(sys.argv[1:])}\n\n{text}")
    return Path(name)


def main() -> NoReturn:
    """Run the command line and end with its exit code."""
    sys.exit(_run())


def _run(args: list[str] | None = None) -> int:
    """Return the exit code of a command line."""
    try:
        result: Any = app(args=args, standalone_mode=False)
    except USAGE_ERROR as error:
        # Without any argument typer has printed the help, and has nothing to add.
        return _report(usage_error(error)) if error.format_message() else EXIT_INPUT  # type: ignore[attr-defined]
    except WorkbenchError as error:
        return _report(error)
    except (typer.Abort, KeyboardInterrupt):
        print(  # noqa: T201
            Message("Stopped. What was finished is kept; run again to go on.").text(_tongue()),
            file=sys.stderr,
        )
        return 130
    except typer.Exit as end:
        return int(end.exit_code)
    except BrokenPipeError:
        return EXIT_DONE
    except Exception as error:  # the last net: a bug is reported, never shown raw
        path = _crash(error)
        text = Message(
            "This is a bug of the workbench, not of your input. Details: {path}", path=path
        )
        print(text.text(_tongue()), file=sys.stderr)  # noqa: T201
        return EXIT_BUG
    return int(result) if isinstance(result, int) else EXIT_DONE


def _report(error: WorkbenchError) -> int:
    """Print an error and return its exit code."""
    from workbench.console import show_error

    show_error(error, _tongue())
    return error.exit_code
