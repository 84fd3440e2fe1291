"""Rendering the reports of a run on a cluster of Dask: past one machine, by the same function."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.engine import STANDARD
from workbench.runs.files import write_whole
from workbench.runs.hand import Hand
from workbench.runs.ledger import Entry
from workbench.runs.plan import Job
from workbench.runs.render import Workplace
from workbench.runs.shared_cells import Alike
from workbench.runs.supervisor import TRIES
from workbench.runs.warming import read_checked
from workbench.runs.worker import in_common

LOCAL = "local"
AHEAD = 3  # reports that wait at each worker, so that none stands idle
CONNECT = 15.0  # seconds
# A terminal's Ctrl-C reaches workers too; it is the run's to answer, and they would print on it.
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"


@dataclass(frozen=True)
class Parcel:
    """What workers need that do not see the folders of the run.

    Parameters
    ----------
    project, run : dict of str to bytes
        Files by path in the project and in the run folder; views travel with their report.
    """

    project: dict[str, bytes]
    run: dict[str, bytes]


@dataclass(frozen=True)
class Delivery:
    """A report as a worker hands it back.

    Parameters
    ----------
    entry : Entry
    files : dict of str to bytes
        Its files by path in the run; empty where the worker wrote them into the run folder itself.
    """

    entry: Entry
    files: dict[str, bytes]


def run_on_cluster(
    jobs: Iterable[Job],
    place: Workplace,
    sources: Iterable[str],
    *,
    scheduler: str,
    engine: str,
    workers: int | None,
    note: Callable[[Entry], None],
    stopped: Callable[[], bool],
) -> None:
    """Render reports on a cluster, and tell of each one that is settled.

    Parameters
    ----------
    jobs : iterable of Job
    place : Workplace
    sources : iterable of str
        Paths in the project of what the run is made from, for workers that do not see it.
    scheduler : str
        Address of a scheduler, ``tcp://HOST:PORT``, or ``local`` for workers on this machine.
    engine : str
        Name of what executes the notebooks.
    workers : int or None
        Of ``local``; one a core by default.
    note : callable
        Called with each line for the ledger.
    stopped : callable
        Whether the run was asked to stop.

    Raises
    ------
    WorkbenchError
        If there is no scheduler, it is lost, a worker's disk is full, or a shared cell reads what
        differs from report to report.
    """
    queue = deque(jobs)
    if not queue:
        return
    common = in_common(queue)
    if engine != STANDARD:
        read_checked({place.root / path: known for path, known in common.items()})
    with (
        _client(scheduler, workers) as client,
        _told_if_lost(scheduler),
        _token(place.run) as token,
    ):
        parcel = _parcel(client, place, token, sources)
        running: dict[Any, Job] = {}
        while (queue or running) and not stopped():
            size = max(1, sum(client.nthreads().values()))
            while queue and len(running) < AHEAD * size:
                job = queue.popleft()
                note(_entry(job, place, engine, "started"))
                running[_submit(client, job, place, engine, parcel, common)] = job
            for future in _finished(running):
                job = running.pop(future)
                _settle(future, job, place, engine, note)
        client.cancel(list(running))


def _submit(
    client: Any,
    job: Job,
    place: Workplace,
    engine: str,
    parcel: Any,
    common: Mapping[str, Alike],
) -> Any:
    """Send a report to the cluster."""
    view = None
    if parcel is not None:
        path = f"data/views/{job.view}.json"
        view = (path, (place.run / path).read_bytes())
    return client.submit(
        render_here, job, place, engine, parcel, view, common, pure=False, retries=TRIES - 1,
        key=f"report-{job.key}-{secrets.token_hex(4)}",
    )  # fmt: skip


def _finished(running: dict[Any, Job]) -> list[Any]:
    """Wait a little, and return what is finished."""
    from distributed import wait

    with contextlib.suppress(TimeoutError):
        wait(list(running), timeout=0.5, return_when="FIRST_COMPLETED")
    return [future for future in running if future.done()]


def _settle(
    future: Any, job: Job, place: Workplace, engine: str, note: Callable[[Entry], None]
) -> None:
    """Put a report in its place and tell of it."""
    error = future.exception()
    if isinstance(error, WorkbenchError):
        raise error
    if error is not None:
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        note(_entry(job, place, engine, "failed", reason))
        return
    delivery: Delivery = future.result()
    for path, content in delivery.files.items():
        write_whole(place.run / path, content)
    note(delivery.entry)


def _entry(job: Job, place: Workplace, engine: str, status: str, reason: str = "") -> Entry:
    """Return a line for the ledger."""
    return Entry(
        job.key, job.fingerprint, status, {}, place.run_id, 0.0, engine, reason,
        parts=job.parts if status == "failed" else {},
    )  # fmt: skip


@contextmanager
def _client(scheduler: str, workers: int | None) -> Iterator[Any]:
    """Give a client of the cluster, with one of our own where it is local."""
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as opened:
        opened.enter_context(_quiet())
        try:
            if scheduler == LOCAL:
                cluster = LocalCluster(
                    n_workers=workers or os.cpu_count() or 1,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address="127.0.0.1:0",  # else 8787, which may be taken
                    preload=[DEAF],
                    silence_logs=logging.ERROR,  # how its workers end is not the run's to tell
                )
                client = opened.enter_context(Client(opened.enter_context(cluster)))
            else:
                client = opened.enter_context(Client(scheduler, timeout=CONNECT))
        except (OSError, TimeoutError, ValueError) as cause:
            lines = str(cause).splitlines() or [type(cause).__name__]
            what = Message("no scheduler answers: {detail}", detail=lines[0][:120])
            fix = Message("Start one with: dask scheduler; or give --dask local.")
            raise WorkbenchError(
                Problem(Reason.PARAMETER_VALUE, what, Place("--dask"), got=scheduler, fix=fix)
            ) from cause
        yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep tracebacks of the client's own threads off the terminal: the run says what happened."""
    loggers = [logging.getLogger(f"distributed.{name}") for name in ("client", "core", "comm")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _told_if_lost(scheduler: str) -> Iterator[None]:
    """Say that the scheduler is gone, which is no failure of the reports in hand."""
    from distributed.client import CancelledError, ClosedClientError
    from distributed.comm import CommClosedError

    try:
        yield
    except (CommClosedError, CancelledError, ClosedClientError, TimeoutError) as cause:
        what = Message("the scheduler is gone")
        fix = Message("What was finished is kept; start it again, and run again to go on.")
        raise WorkbenchError(
            Problem(Reason.RUN, what, Place("--dask"), got=scheduler, fix=fix)
        ) from cause


@contextmanager
def _token(run: Path) -> Iterator[tuple[str, str]]:
    """Lay a file into the run folder by which workers tell whether they see it."""
    name, text = f".tmp-{os.getpid()}-cluster", secrets.token_hex(16)
    (run / name).write_text(text, encoding="utf-8")
    try:
        yield name, text
    finally:
        (run / name).unlink(missing_ok=True)


def _parcel(client: Any, place: Workplace, token: tuple[str, str], sources: Iterable[str]) -> Any:
    """Return what workers need, at the workers; None where all see the folders of the run."""
    seen = client.run(sees, place.run / token[0], token[1])
    if seen and all(seen.values()):
        return None
    project = {p: (place.root / p).read_bytes() for p in sources if (place.root / p).is_file()}
    data = place.run / "data"
    run = {
        f"data/{path.name}": path.read_bytes() for path in sorted(data.iterdir()) if path.is_file()
    }
    return client.scatter(Parcel(project, run), broadcast=False)


# -- at the worker ----------------------------------------------------------------------------

_hands: dict[tuple[Workplace, str], Hand] = {}
_unpacked: dict[str, Path] = {}


def sees(path: Path, text: str) -> bool:
    """Return whether this machine sees a file with a text."""
    try:
        return path.read_text(encoding="utf-8") == text
    except OSError:
        return False


def render_here(
    job: Job,
    place: Workplace,
    engine: str,
    parcel: Parcel | None,
    view: tuple[str, bytes] | None,
    common: Mapping[str, Alike],
) -> Delivery:
    """Render a report at a worker.

    Parameters
    ----------
    job : Job
    place : Workplace
    engine : str
    parcel : Parcel or None
        What the worker needs; None where it sees the folders of the run.
    view : tuple of (path, bytes) or None
        The view of the report, with a parcel.
    common : mapping of str to Alike
        What the reports of the run have in common, by notebook.
    """
    if parcel is None or view is None:
        return Delivery(_hand(place, engine, common).render(job), {})
    folder = _unpacked.get(place.run_id)
    if folder is None or not folder.is_dir():
        folder = _unpacked[place.run_id] = _unpack(parcel)
    own = replace(place, root=folder / "project", run=folder / "run")
    write_whole(own.run / view[0], view[1])
    entry = _hand(own, engine, common).render(job)
    made = own.run / job.folder
    files = {
        f"{job.folder}/{path.name}": path.read_bytes()
        for path in sorted(made.glob("report.*") if made.is_dir() else ())
    }
    for path in files:
        (own.run / path).unlink()
    return Delivery(entry, files)


def _hand(place: Workplace, engine: str, common: Mapping[str, Alike]) -> Hand:
    """Return the warm process of this worker."""
    for key, hand in list(_hands.items()):
        if key != (place, engine) or not hand.alive:
            hand.end()
            del _hands[key]
    if (place, engine) not in _hands:
        _hands[place, engine] = Hand(place, engine, common)
    return _hands[place, engine]


def _unpack(parcel: Parcel) -> Path:
    """Lay what came into a folder of this worker."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-"))
    for name, files in (("project", parcel.project), ("run", parcel.run)):
        for path, content in files.items():
            write_whole(folder / name / path, content)
    return folder
