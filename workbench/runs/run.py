"""A run: frozen once, rendered many times, written down."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.cluster import run_on_cluster
from workbench.runs.engine import STANDARD
from workbench.runs.engines import default_engine
from workbench.runs.failures import FAILURES, failures_text, run_command
from workbench.runs.files import remove_leftovers, write_whole
from workbench.runs.freeze import freeze
from workbench.runs.ledger import SETTLED, Entry, append_entry, read_ledger, sync_ledger
from workbench.runs.listing import LISTING, Listing, make_listing, read_listing
from workbench.runs.lock import locked
from workbench.runs.plan import Job, Plan, notebook_hashes, run_folder
from workbench.runs.processes import give_back_memory
from workbench.runs.provenance import SCHEMA, make_manifest, remove_provenance, write_provenance
from workbench.runs.render import Execute, Workplace
from workbench.runs.site import write_links, write_site
from workbench.runs.supervisor import Stop, run_jobs
from workbench.site.content import CONTENT, Site, make_site
from workbench.specs.schema_files import schema_text

Progress = Callable[[Entry], None]


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Parameters
    ----------
    run : Path
    rendered, current, failed : int
        Reports rendered now, left because they were current, and failed.
    left : int
        Reports that failed before and were not tried again.
    failures : tuple of Entry
    stopped : bool
        Whether it was asked to stop before all was done.
    """

    run: Path
    rendered: int
    current: int
    failed: int
    left: int
    failures: tuple[Entry, ...]
    stopped: bool


def execute_plan(
    plan: Plan,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    execute: Execute | None = None,
    scheduler: str | None = None,
) -> Outcome:
    """Carry out a plan.

    Asked to stop by Ctrl-C or the signal TERM it ends what is in hand within a second; what was
    finished by then is recorded, and the next run goes on from there.

    Parameters
    ----------
    plan : Plan
    workers : int, optional
        Processes; the number of cores by default.
    progress : callable, optional
        Called with each line of the ledger.
    execute : callable
        Executes a notebook; that of :func:`default_engine` by default.
    scheduler : str, optional
        Render on a cluster of Dask: the address of its scheduler, or ``local``.

    Raises
    ------
    WorkbenchError
        If the folder can't be written, another run is using it, or the disk is full.
    """
    check_writable(plan.run)
    settled: list[Entry] = []

    def note(entry: Entry) -> None:
        append_entry(plan.run, entry)
        if entry.status in SETTLED:
            settled.append(entry)
        if progress is not None:
            progress(entry)

    stop = Stop()
    try:
        with locked(plan.run) as temporary:
            listing, site = _begin(plan)
            plan.study.forget()
            give_back_memory()
            engine = execute or default_engine()
            with stop.listening(), _recorded(plan, listing, site, stop):
                if scheduler is None:
                    run_jobs(
                        plan.waiting, place_of(plan), execute=engine,
                        workers=workers or os.cpu_count() or 1, temporary=temporary, note=note,
                        stop=stop,
                    )  # fmt: skip
                else:
                    sources = [*plan.inputs, *notebook_hashes(plan.study)]
                    run_on_cluster(
                        plan.waiting, place_of(plan), sources, scheduler=scheduler, workers=workers,
                        engine=getattr(engine, "engine", STANDARD), note=note,
                        stopped=lambda: stop.asked,
                    )  # fmt: skip
    finally:
        stop.close()
    failures = tuple(e for e in settled if e.status == "failed")
    return Outcome(
        plan.run,
        len(settled) - len(failures),
        len(plan.jobs) - len(plan.waiting) - len(plan.left),
        len(failures),
        len(plan.left),
        failures,
        len(settled) < len(plan.waiting),
    )


@contextlib.contextmanager
def _recorded(plan: Plan, listing: Listing, site: Site, stop: Stop) -> Iterator[None]:
    """Write down how far a run came, whatever stopped it."""
    try:
        yield
    except BaseException:
        _tidy(plan)
        with contextlib.suppress(WorkbenchError, OSError):  # what stopped it is told, not this
            write_records(plan, listing, site, finished=False)
        raise
    _tidy(plan)
    write_records(plan, listing, site, finished=not stop.asked)


def place_of(plan: Plan) -> Workplace:
    """Return where the reports of a plan are rendered, and what each may use."""
    limits = plan.study.spec.limits
    return Workplace(
        plan.study.root,
        plan.run.resolve(),
        plan.run_id,
        limits.seconds,
        limits.report_seconds,
        limits.memory_bytes,
    )


def _begin(plan: Plan) -> tuple[Listing, Site]:
    """Freeze what the reports and the site show, and write down what is to be done."""
    remove_leftovers(plan.run)
    site = make_site(plan.study, plan.run_id)
    listing = make_listing(plan).with_earlier(read_listing(plan.run))
    freeze(plan)
    write_whole(plan.run / LISTING, listing.text())
    write_whole(plan.run / CONTENT, site.text())
    if plan.waiting:
        # They describe a whole run; until this one is whole there is none.
        remove_provenance(plan.run)
        append_entry(plan.run, *(_queued(job, plan) for job in plan.waiting))
    write_site(plan.run, site, listing, read_ledger(plan.run))
    return listing, site


def _queued(job: Job, plan: Plan) -> Entry:
    """Return the line of a report that is to be rendered."""
    return Entry(
        job.key, job.fingerprint, "queued", {}, plan.run_id, 0.0, "", job.why, worker=os.getpid()
    )


def _tidy(plan: Plan) -> None:
    """Remove what workers that were ended have half written."""
    for job in plan.waiting:
        folder = plan.run / job.folder
        if folder.is_dir():
            remove_leftovers(folder, below=False)


def write_records(plan: Plan, listing: Listing, site: Site, *, finished: bool = True) -> None:
    """Write links and failures from the ledger; manifest and crate when the run is finished."""
    ledger = read_ledger(plan.run)
    write_links(plan.run, site, listing, ledger)
    write_whole(plan.run / FAILURES, failures_text(plan.run, ledger, command_of(plan)))
    sync_ledger(plan.run)
    if finished:
        write_whole(plan.run / SCHEMA, schema_text("manifest"))
        write_provenance(plan.run, make_manifest(plan, listing, ledger))


def command_of(plan: Plan) -> list[str]:
    """Return the command that runs a study into the folder of a plan."""
    study = plan.study
    locale = study.locale.tag if study.locale.tag != study.spec.locale else None
    path = str(study.path.relative_to(study.root))
    command = run_command(path, locale, plan.formats, plan.parameters)
    if plan.run.resolve() != run_folder(study).resolve():
        command += ["--out", str(plan.run)]
    return command


def check_writable(run: Path) -> None:
    """Raise if a run folder can't be made or written.

    Raises
    ------
    WorkbenchError
        With what is in the way.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
        probe = run / f".tmp-{os.getpid()}-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as cause:
        what = Message(
            "the run folder can't be written: {detail}", detail=cause.strerror or str(cause)
        )
        fix = Message("Give another folder with --out, or free this one.")
        raise WorkbenchError(
            Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(run)), fix=fix)
        ) from cause
