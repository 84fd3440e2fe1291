"""The command that renders the reports of a study."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import EXIT_SOME, LocaleOption, StudyArgument, app, say
from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message


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
        say(
            "{n} of {all} reports to render into {path}, run {run_id}.",
            n=len(plan.waiting), all=len(plan.jobs), path=plan.run, run_id=plan.run_id,
        )  # fmt: skip
        return
    progress = ProgressLine(len(plan.waiting))
    try:
        outcome = execute_plan(plan, workers=workers, progress=progress)
    finally:
        progress.close()
    say(
        "{rendered} rendered, {current} current, {failed} failed in {seconds} s. Run {run_id}.",
        rendered=outcome.rendered, current=outcome.current, failed=outcome.failed,
        seconds=round(time.perf_counter() - start), run_id=plan.run_id,
    )  # fmt: skip
    say("Open {path}", path=plan.run / "index.html")
    if outcome.failed:
        for entry in outcome.failures[:10]:
            say("failed: {report}: {reason}", report=entry.job, reason=entry.reason)
        say("All failures: {path}", path=plan.run / "failures.csv")
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
