"""The supervisor: workers forked from one warm process, each with one report in hand.

It has no threads and compiles nothing, so that a worker can be forked at any moment. It alone
writes the ledger. A worker that dies is replaced, and its report goes to another; one that takes
too long or too much memory is ended with everything it started.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.reports.compiling import has_compiled
from workbench.runs.engine import DEAD, KERNEL_ENVIRONMENT, STANDARD, environment
from workbench.runs.ledger import SETTLED, Entry
from workbench.runs.plan import Job
from workbench.runs.processes import (
    LINUX,
    adopt_orphans,
    descendants,
    end_below,
    end_tree,
    memory_of,
    signal_name,
)
from workbench.runs.render import Execute, Workplace, keep_failed
from workbench.runs.worker import in_common, serve, warm

TRIES = 2
TICK = 0.5  # seconds between two looks at times and memory
PATIENCE = 2.0  # seconds in which an idle worker goes home
Note = Callable[[Entry], None]


class Stop:
    """Whether the run has been asked to stop: Ctrl-C, or the signal TERM."""

    def __init__(self) -> None:
        self.asked = False
        self.bell, self._rope = os.pipe()
        os.set_blocking(self._rope, False)

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Take note of signals instead of raising in the midst of something."""
        if threading.current_thread() is not threading.main_thread():
            yield self  # only the main thread gets signals
            return
        wanted = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._ring) for number in wanted}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ring(self, number: int, frame: object) -> None:
        """Take note of a signal, and wake who waits."""
        self.asked = True
        with contextlib.suppress(OSError):
            os.write(self._rope, b"!")

    def close(self) -> None:
        """Close the bell."""
        os.close(self.bell)
        os.close(self._rope)


@dataclass(eq=False)
class Post:
    """A worker, the report that it has in hand, and the process that compiles its PDFs."""

    process: BaseProcess
    pipe: connection.Connection
    watch: int
    number: int
    job: Job | None = None
    since: float = 0.0
    press: int = 0


def run_jobs(
    jobs: Iterable[Job],
    place: Workplace,
    *,
    execute: Execute,
    workers: int,
    temporary: Path,
    note: Note,
    stop: Stop,
) -> None:
    """Render reports, and tell of each step.

    Parameters
    ----------
    jobs : iterable of Job
    place : Workplace
    execute : callable
        Executes a notebook, in a worker.
    workers : int
    temporary : Path
        Folder for the temporary files of workers.
    note : callable
        Called with each line for the ledger, in the order in which things happened.
    stop : Stop
        Once it is asked, everything in hand is ended, and this returns.

    Raises
    ------
    WorkbenchError
        If the disk is full or can't be written.
    """
    queue = deque(jobs)
    if not queue:
        return
    crew = Crew(queue, place, execute, min(workers, len(queue)), temporary, note, stop)
    with crew.at_work():
        crew.work()


class Crew:
    """The workers of a run. Use :func:`run_jobs`."""

    def __init__(
        self,
        queue: deque[Job],
        place: Workplace,
        execute: Execute,
        size: int,
        temporary: Path,
        note: Note,
        stop: Stop,
    ) -> None:
        self.queue, self.place, self.execute = queue, place, execute
        self.size, self.note, self.stop = size, note, stop
        self.temporary = temporary
        self.common = in_common(queue)
        self.posts: list[Post] = []
        self.attempts: dict[str, int] = {}
        self.context: Any = get_context(start_method())
        self.forks = self.context.get_start_method() == "fork"
        self.standing = descendants(os.getpid())
        self.looked = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Warm up, and leave nothing behind."""
        if self.forks:
            warm(self.common, self.place, self.execute)
            gc.collect()
            gc.freeze()  # what is warm stays shared: collecting garbage would copy its pages
        adopt_orphans(self.forks)
        try:
            yield
        finally:
            self._dismiss()
            adopt_orphans(False)
            gc.unfreeze()

    def work(self) -> None:
        """Have all reports of the queue rendered, or as many as can be until it stops."""
        while not self.stop.asked and (self.queue or any(p.job for p in self.posts)):
            self._hand_out()
            heard: dict[Any, Post] = {}
            for post in self.posts:
                heard[post.pipe] = heard[post.watch] = post
            ready = connection.wait([*heard, self.stop.bell], timeout=TICK)
            for post in dict.fromkeys(heard[r] for r in ready if r in heard):
                if not self.stop.asked:
                    self._hear(post)
            self._hold_to_limits()
        if self.stop.asked:
            for post in self.posts:
                if post.job is not None:
                    self._tell(post, "stopped")

    def _hand_out(self) -> None:
        """Give each free worker a report; hire where one is missing."""
        while len(self.posts) < self.size and len(self.posts) - self._busy() < len(self.queue):
            self.posts.append(self._hire())
        for post in self.posts:
            if post.job is None and self.queue:
                post.job, post.since = self.queue.popleft(), time.monotonic()
                self.attempts[post.job.key] = self.attempts.get(post.job.key, 0) + 1
                self._tell(post, "started")
                with contextlib.suppress(OSError):  # it died: its end is heard next
                    post.pipe.send(post.job)

    def _busy(self) -> int:
        """Return how many workers have a report in hand."""
        return sum(post.job is not None for post in self.posts)

    def _hire(self) -> Post:
        """Return a new worker."""
        ours, theirs = self.context.Pipe()
        others = [ours, *(post.pipe for post in self.posts)] if self.forks else []
        told = (
            theirs, others, self.place, self.execute, self.temporary, os.getpid(), self.forks,
            self.common,
        )  # fmt: skip
        process = self.context.Process(target=serve, args=told, name="report-worker")
        with environment(KERNEL_ENVIRONMENT):  # a new interpreter reads some of it at its start
            process.start()
        theirs.close()
        # What a report forked holds the sentinel of its worker too, so the process itself is asked.
        watch = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else process.sentinel
        return Post(process, ours, watch, process.pid)

    def _hear(self, post: Post) -> None:
        """Take what a worker says; if it says nothing more, it is dead."""
        try:
            if post.pipe.poll():
                self._take(post, post.pipe.recv())
                return
        except (EOFError, OSError):
            pass
        post.process.join(PATIENCE)
        code = post.process.exitcode
        name = signal_name(-code) if code is not None and code < 0 else ""
        reason = f"its process ended by {name}" if name else f"its process ended with code {code}"
        self._lose(post, reason, name, again=True)

    def _take(self, post: Post, said: str | int | Entry | WorkbenchError) -> None:
        """Take note of a state, a press, an entry, or an error that ends the run."""
        if isinstance(said, WorkbenchError):
            raise said
        if isinstance(said, int):
            post.press = said
            return
        if isinstance(said, str):
            self._tell(post, said)
            return
        job = post.job
        post.job = None
        if job is None:
            return
        if _was_ended(said) and self.attempts[job.key] < TRIES:
            self._note(replace(said, status="died"))
            self.queue.append(job)
        else:
            self._note(said)

    def _tell(self, post: Post, status: str, **more: Any) -> None:
        """Tell of a step of the report that a worker has in hand."""
        job = post.job
        if job is not None:
            seconds = round(time.monotonic() - post.since, 3)
            engine = getattr(self.execute, "engine", STANDARD)
            parts = job.parts if status in SETTLED else {}
            self._note(
                Entry(
                    job.key, job.fingerprint, status, {}, self.place.run_id, seconds, engine,
                    worker=post.number, parts=parts, **more,
                )
            )  # fmt: skip

    def _note(self, entry: Entry) -> None:
        """Pass a line on, with how many times its report was started."""
        self.note(replace(entry, attempt=self.attempts[entry.job]))

    def _hold_to_limits(self) -> None:
        """End what takes too long or too much."""
        if time.monotonic() - self.looked < TICK:
            return
        self.looked = time.monotonic()
        for post in list(self.posts):
            if post.job is None:
                continue
            longest, most = self.place.report_seconds, self.place.memory
            if longest and time.monotonic() - post.since > longest:
                reason = f"it took longer than {longest} s, the limit for a report"
                self._lose(post, reason, "SIGKILL")
            elif most and memory_of(descendants(post.number, [post.press])) > most:
                reason = f"it held more memory than {most // 10**6:,} MB, the limit for a report"
                self._lose(post, reason, "SIGKILL")

    def _lose(self, post: Post, reason: str, name: str, *, again: bool = False) -> None:
        """Give up a worker, and try its report again or give that up too."""
        self._end(post)
        job = post.job
        if job is None:
            return
        more = again and self.attempts[job.key] < TRIES
        if not more:
            keep_failed(job, self.place, None)
        self._tell(post, "died" if more else "failed", reason=reason, signal=name)
        if more:
            self.queue.append(job)

    def _end(self, post: Post) -> None:
        """End a worker with everything that it started."""
        self.posts.remove(post)
        end_tree(post.number)
        post.process.join()
        post.pipe.close()
        if post.watch != getattr(post.process, "sentinel", None):
            os.close(post.watch)
        post.process.close()
        self._end_orphans()

    def _end_orphans(self) -> None:
        """End what a dead worker left behind: where we fork, nobody else starts processes here."""
        if self.forks:
            end_below([*self.standing, *(post.number for post in self.posts)])

    def _dismiss(self) -> None:
        """Send idle workers home, and end the others."""
        for post in self.posts:
            if post.job is None:
                with contextlib.suppress(OSError):
                    post.pipe.send(None)
        until = time.monotonic() + PATIENCE
        for post in list(self.posts):
            if post.job is None and not self.stop.asked:
                post.process.join(max(until - time.monotonic(), 0))
            self._end(post)


def _was_ended(entry: Entry) -> bool:
    """Return whether the process of a notebook died, which may have nothing to do with it."""
    return entry.status == "failed" and (bool(entry.signal) or entry.reason.startswith(DEAD))


def start_method() -> str:
    """Return how workers are made: forked where that is safe, else started afresh.

    A fork copies the memory of all threads and runs one, so it must not happen beside others; those
    of the PDF compiler hang a child that compiles. It copies the seed of hashes too, which must be
    the fixed one: the order of a set must not reach a report.
    """
    alone = threading.active_count() == 1 and not has_compiled()
    safe = LINUX and alone and not sys.flags.hash_randomization
    return "fork" if safe else "spawn"
