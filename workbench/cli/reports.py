"""The commands that plan and render the reports of a study, and unite the shards of a run."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli.app import (
    EXIT_SOME,
    EXIT_STOPPED,
    LocaleOption,
    StudyArgument,
    app,
    heads,
    say,
    tongue,
)
from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message, as_locale, marked

if TYPE_CHECKING:
    from workbench.console import ProgressLine, ProgressRecords
    from workbench.runs.plan import Plan
    from workbench.runs.run import Outcome

# Why a report is rendered: as plan and ledger record it, and as the terminal says it.
WHY = {
    "": marked("current"),
    "new": marked("new"),
    "changed": marked("changed"),
    "forced": marked("forced"),
    "failed before": marked("failed before"),
    "format missing": marked("format missing"),
    "file missing": marked("file missing"),
    "damaged": marked("damaged"),
}
CodesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[CODE]...", help="More codes, after --unit or --only")
]
UnitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--unit",
        metavar="CODE ...",
        help="Render these municipalities only: one code, or several after it or with commas",
    ),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="NAME ...",
        help="Render these reports only: codes, cohort, names of notebooks, or CODE/NAME",
    ),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard", metavar="K/N", help="Render the Kth of N parts, in a folder of its own"
    ),
]
FormatsOption = Annotated[
    str, typer.Option("--formats", help="Which of ipynb, html and pdf, with commas")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Run folder; outputs/STUDY by default")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Render also what is current")]
RetryOption = Annotated[
    bool, typer.Option("--retry-failed", help="Render again what failed before")
]
ParamOption = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        metavar="NAME=VALUE",
        help="Parameter of the notebooks, as text; may be repeated",
    ),
]
ALL_FORMATS = "ipynb,html,pdf"


@app.command()
def run(
    study: StudyArgument,
    codes: CodesArgument = None,
    unit: UnitOption = None,
    only: OnlyOption = None,
    shard: ShardOption = None,
    formats: FormatsOption = ALL_FORMATS,
    locale: LocaleOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop")] = False,
    force: ForceOption = False,
    retry_failed: RetryOption = False,
    out: OutOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one a core by default")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine", help="standard, or forked where the system can: the default there"
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="SCHEDULER",
            help="Render on a cluster: tcp://HOST:PORT, or local for its workers on this machine",
        ),
    ] = None,
    copy_to: Annotated[
        str | None,
        typer.Option("--copy-to", metavar="URL", help="Copy the run there too: s3://…, file:///…"),
    ] = None,
    progress: Annotated[
        Literal["line", "json"],
        typer.Option("--progress", help="A line on a terminal, or JSON lines on standard output"),
    ] = "line",
    param: ParamOption = None,
) -> None:
    """Render the reports of a study into `outputs/STUDY`: one a municipality, and one of all.

    A second run renders only what is missing, changed or damaged; the plan says why. Exit code 0 if
    all are done, 3 if some failed (`failures.csv` says which and why) or were left because they
    failed before, 2 if the input is wrong, 130 if it was stopped: what was finished is kept.

    ```
    workbench run params/gdm-slp-2025.yml
    workbench run params/gdm-slp-2025.yml --unit 24024 24028 --formats html
    workbench run params/gdm-slp-2025.yml --only cohort --force
    workbench run params/gdm-slp-2025.yml --shard 3/16
    workbench run params/gdm-slp-2025.yml --dask tcp://10.0.0.5:8786
    workbench run params/gdm-slp-2025.yml --locale en --dry-run
    ```
    """
    start = time.perf_counter()
    planned = _plan(
        study, codes, unit, only, shard, formats, locale, force, retry_failed, out, param
    )
    if dry_run:
        _show_plan(planned)
        return
    from workbench.runs.engines import engine_named
    from workbench.runs.run import execute_plan

    if copy_to:
        from workbench.runs.mirror import copy_run, location_of

        location_of(copy_to)  # one that can't be is told before the work, not after it
    execute = engine_named(engine) if engine else None
    told = _told(planned, progress)
    try:
        outcome = execute_plan(
            planned, workers=workers, progress=told, execute=execute, scheduler=dask
        )
    finally:
        told.close()
    seconds = time.perf_counter() - start
    _report(planned, outcome, seconds, progress)
    if copy_to:
        copy_run(planned.run, copy_to)
    if outcome.stopped:
        raise typer.Exit(EXIT_STOPPED)
    if outcome.failed or outcome.left:
        raise typer.Exit(EXIT_SOME)


@app.command()
def plan(
    study: StudyArgument,
    codes: CodesArgument = None,
    unit: UnitOption = None,
    only: OnlyOption = None,
    shard: ShardOption = None,
    formats: FormatsOption = ALL_FORMATS,
    locale: LocaleOption = None,
    force: ForceOption = False,
    retry_failed: RetryOption = False,
    out: OutOption = None,
    param: ParamOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON, with the command of each report")
    ] = False,
    shards: Annotated[
        int | None,
        typer.Option("--shards", min=1, help="With --json: commands for so many parts"),
    ] = None,
) -> None:
    """Show what a run would render, and why; as JSON for Snakemake, Airflow and the like.

    ```
    workbench plan params/gdm-slp-2025.yml
    workbench plan params/gdm-slp-2025.yml --json --shards 16
    ```
    """
    planned = _plan(
        study, codes, unit, only, shard, formats, locale, force, retry_failed, out, param
    )
    if not as_json:
        _show_plan(planned)
        return
    from workbench.runs.outline import outline

    print(json.dumps(outline(planned, shards), ensure_ascii=False, indent=1))  # noqa: T201


@app.command()
def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of shards")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder of the whole run; theirs by default"),
    ] = None,
) -> None:
    """Unite the shards of a run in one folder, with one index.

    All must have the same run id. Exit code 0 if every report is there, 3 if some failed or are in
    no part.

    ```
    workbench merge outputs/gdm-slp-2025.*-of-16
    ```
    """
    from workbench.runs.merge import merge_runs

    united = merge_runs(runs, out or _whole(runs[0]))
    say(
        "{done} reports united, {failed} failed, {absent} in no part.",
        done=united.done, failed=united.failed, absent=len(united.absent),
    )  # fmt: skip
    for key in united.absent[:10]:
        say("in no part: {report}", report=key)
    say("Open {path}", path=united.run / "index.html")
    if united.failed or united.absent:
        raise typer.Exit(EXIT_SOME)


def _whole(run: Path) -> Path:
    """Return the folder of a whole run from that of its shard."""
    name = re.sub(r"\.[0-9]+-of-[0-9]+$", "", run.name)
    if name == run.name:
        what = Message("the folder of the whole run is not known")
        fix = Message("Name it: --out DIR.")
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--out"), fix=fix))
    return run.with_name(name)


def _plan(
    study: str,
    codes: list[str] | None,
    unit: list[str] | None,
    only: list[str] | None,
    shard: str | None,
    formats: str,
    locale: str | None,
    force: bool,
    retry_failed: bool,
    out: Path | None,
    param: list[str] | None,
) -> Plan:
    """Return the plan that the options ask for."""
    from workbench.runs.plan import make_plan, parse_formats
    from workbench.runs.targets import parse_shard
    from workbench.study import Study

    more = codes or []
    return make_plan(
        Study.open(study, locale=locale),
        units=_codes([*(unit or []), *([] if only else more)]),
        only=_codes([*only, *more]) if only else None,
        shard=parse_shard(shard) if shard else None,
        formats=parse_formats(formats),
        out=out,
        force=force,
        retry_failed=retry_failed,
        parameters=_parameters(param or []),
    )


def _show_plan(planned: Plan) -> None:
    """Print a plan."""
    from workbench.console import show_table

    rows = [
        (
            j.key,
            j.title,
            j.notebook,
            ", ".join(j.formats),
            _why(j.why) if not j.left else Message("{why}: left", why=_why(j.why)).text(tongue()),
        )
        for j in planned.jobs
    ]
    names = heads(
        Message("report"), Message("of"), Message("notebook"), Message("formats"), Message("why"),
    )  # fmt: skip
    show_table(names, rows)
    say(
        "{n} of {all} reports to render into {path}, run {run_id}.",
        n=len(planned.waiting), all=len(planned.jobs), path=planned.run, run_id=planned.run_id,
    )  # fmt: skip
    for name, digest in planned.notebooks.items():
        say("Notebook that is run: {name}, SHA-256 {digest}", name=name, digest=digest)
    if planned.left:
        say("{n} failed before and are left; render them with --retry-failed.", n=len(planned.left))


def _why(recorded: str) -> str:
    """Return why a report is rendered, as a plan records it, in words for the terminal."""
    reason, _, stale = recorded.partition("; removes stale ")
    word, _, parts = reason.partition(": ")
    said = Message(WHY[word]).text(tongue())
    said += f": {parts}" if parts else ""
    return said + (Message("; removes stale {forms}", forms=stale).text(tongue()) if stale else "")


def _told(planned: Plan, progress: str) -> ProgressLine | ProgressRecords:
    """Return what tells how far a run is."""
    from workbench.console import ProgressLine, ProgressRecords

    n = len(planned.waiting)
    if progress == "line":
        return ProgressLine(n, tongue())
    records = ProgressRecords(n)
    records.tell({"event": "start", "total": n, "run_id": planned.run_id, "run": str(planned.run)})
    return records


def _report(planned: Plan, outcome: Outcome, seconds: float, progress: str) -> None:
    """Print what a run did."""
    from workbench.runs.site import site_size

    files, size = site_size(planned.run)
    if progress == "json":
        from workbench.console import ProgressRecords

        said: dict[str, Any] = {
            "event": "end", "rendered": outcome.rendered, "current": outcome.current,
            "failed": outcome.failed, "left": outcome.left, "stopped": outcome.stopped,
            "seconds": round(seconds, 1), "site_files": files, "site_bytes": size,
        }  # fmt: skip
        ProgressRecords.tell(said)
        return
    say(
        "{rendered} rendered, {current} current, {failed} failed in {seconds} s. Run {run_id}.",
        rendered=outcome.rendered, current=outcome.current, failed=outcome.failed,
        seconds=round(seconds), run_id=planned.run_id,
    )  # fmt: skip
    say("Open {path}", path=planned.run / "index.html")
    say("The site has {n} files, {size} MB.", n=files, size=as_locale(tongue()).number(size / 1e6))
    for entry in outcome.failures[:10]:
        say("failed: {report}: {reason}", report=entry.job, reason=entry.reason)
    if outcome.left:
        say("{n} failed before and are left; render them with --retry-failed.", n=outcome.left)
    if outcome.failed or outcome.left:
        say("All failures: {path}", path=planned.run / "failures.csv")


def _codes(given: list[str]) -> list[str] | None:
    """Return the codes of units, repeated or joined by commas; None for all units."""
    codes = [code.strip() for part in given for code in part.split(",") if code.strip()]
    return list(dict.fromkeys(codes)) or None


def _parameters(pairs: list[str]) -> dict[str, str]:
    """Return NAME=VALUE pairs; values stay texts, because 01001 is no number."""
    from workbench.specs.rendering import SET_BY_RUN

    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            what = Message("a parameter is written NAME=VALUE")
            raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--param"), got=pair))
        if name in SET_BY_RUN:
            what = Message("{name} is set by the run itself", name=name)
            fix = Message("Use the argument STUDY, --unit or --locale.")
            raise WorkbenchError(
                Problem(Reason.PARAMETER_VALUE, what, Place("--param"), got=pair, fix=fix)
            )
        found[name] = value
    return found
