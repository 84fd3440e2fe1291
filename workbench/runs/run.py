"""A run: frozen once, rendered many times, written down."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.files import remove_leftovers, write_whole
from workbench.runs.freeze import freeze
from workbench.runs.index import index_page
from workbench.runs.ledger import Entry, append_entry, read_ledger
from workbench.runs.plan import Job, Plan
from workbench.runs.provenance import CRATE, MANIFEST, crate_text, make_manifest, manifest_text
from workbench.runs.render import Workplace, render_report

LOCK = ".lock"
FAILURES = "failures.csv"
TRIES = 2

Progress = Callable[[Entry, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Parameters
    ----------
    run : Path
    rendered, current, failed : int
        Reports rendered now, left because they were current, and failed.
    failures : tuple of Entry
    """

    run: Path
    rendered: int
    current: int
    failed: int
    failures: tuple[Entry, ...]


def execute_plan(
    plan: Plan, *, workers: int | None = None, progress: Progress | None = None
) -> Outcome:
    """Carry out a plan.

    Parameters
    ----------
    plan : Plan
    workers : int, optional
        Processes; the number of cores by default.
    progress : callable, optional
        Called with each entry, the number done and the number in all.

    Raises
    ------
    WorkbenchError
        If the folder can't be written, or another run is using it.
    """
    check_writable(plan.run)
    with locked(plan.run):
        remove_leftovers(plan.run)
        freeze(plan)
        waiting = plan.waiting
        place = Workplace(
            plan.study.root, plan.run.resolve(), plan.run_id, plan.study.spec.limits.seconds
        )
        entries: list[Entry] = []
        for entry in _render_all(waiting, place, workers or os.cpu_count() or 1):
            append_entry(plan.run, entry)
            entries.append(entry)
            if progress is not None:
                progress(entry, len(entries), len(waiting))
        write_records(plan)
    failures = tuple(e for e in entries if e.status == "failed")
    return Outcome(
        plan.run,
        len(entries) - len(failures),
        len(plan.jobs) - len(waiting),
        len(failures),
        failures,
    )


def write_records(plan: Plan) -> None:
    """Write index, failures, manifest and crate from the ledger."""
    ledger = read_ledger(plan.run)
    formats = plan.jobs[0].formats if plan.jobs else ()
    write_whole(plan.run / "index.html", index_page(plan, ledger))
    write_whole(plan.run / FAILURES, _failures_text(plan, ledger))
    manifest = make_manifest(plan, ledger, formats)
    write_whole(plan.run / MANIFEST, manifest_text(manifest))
    write_whole(plan.run / CRATE, crate_text(manifest))


def _failures_text(plan: Plan, ledger: dict[str, Entry]) -> str:
    """Return the failed reports as csv, each with the command that tries it again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["report", "reason", "notebook", "command"])
    study = plan.study.path.relative_to(plan.study.root)
    for entry in sorted(ledger.values(), key=lambda e: e.job):
        if entry.status == "failed":
            option = "" if entry.job == "cohort" else f" --unit {entry.job}"
            kept = f"reports/{entry.job}/report.failed.ipynb"
            path = kept if (plan.run / kept).is_file() else ""
            writer.writerow([entry.job, entry.reason, path, f"workbench run {study}{option}"])
    return out.getvalue()


def _render_all(jobs: tuple[Job, ...], place: Workplace, workers: int) -> Iterator[Entry]:
    """Yield the entry of each report as it is done; a worker that dies costs only its report."""
    workers = min(workers, len(jobs))
    if workers <= 1:
        yield from (render_report(job, place) for job in jobs)
        return
    left = {job.key: job for job in jobs}
    tries = dict.fromkeys(left, 0)
    while left:
        # A process that dies breaks the pool: those still waiting go to a new one, the one that was
        # running when it broke too often is given up.
        running: dict[Future[Entry], str] = {}
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            queue = list(left.values())
            try:
                while queue or running:
                    while queue and len(running) < workers:
                        job = queue.pop(0)
                        running[pool.submit(render_report, job, place)] = job.key
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        entry = future.result()
                        del running[future]
                        del left[entry.job]
                        yield entry
            except BrokenProcessPool:
                for key in set(running.values()) & set(left):
                    tries[key] += 1
                    if tries[key] >= TRIES:
                        yield _gave_up(left.pop(key), place)


def _gave_up(job: Job, place: Workplace) -> Entry:
    """Return the entry of a report whose worker died every time."""
    reason = f"the process that rendered it died {TRIES} times"
    return Entry(job.key, job.fingerprint, "failed", {}, place.run_id, 0.0, "standard", reason)


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


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold a run folder, so that two runs never write into it at once.

    Raises
    ------
    WorkbenchError
        If a living process holds it; its id is named.
    """
    path = run / LOCK
    holder = _holder(path)
    if holder is not None:
        what = Message("another run is writing here: process {pid}", pid=holder)
        fix = Message("Wait for it, or stop it.")
        raise WorkbenchError(Problem(Reason.RUN_LOCKED, what, Place(str(run)), fix=fix))
    path.write_text(str(os.getpid()), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _holder(path: Path) -> int | None:
    """Return the living process that holds a lock, None if there is none."""
    try:
        pid = int(path.read_text(encoding="utf-8"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return None if pid == os.getpid() else pid
