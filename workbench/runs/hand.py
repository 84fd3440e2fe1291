"""A warm process for reports beside a worker of a cluster.

A worker of Dask has threads, and a process that forks reports must have none. So each has a hand: a
process started once, that warms itself and then renders what it is given. The module is also what
that process runs: ``python -m workbench.runs.hand FD``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.runs.engine import KERNEL_ENVIRONMENT
from workbench.runs.ledger import Entry
from workbench.runs.plan import Job
from workbench.runs.processes import end_tree
from workbench.runs.render import Workplace
from workbench.runs.shared_cells import Alike
from workbench.runs.worker import serve

WARMING = 120.0  # seconds beside the limit of a report that a cold process may take


class HandDiedError(RuntimeError):
    """The process that rendered a report died."""


class Hand:
    """A process that renders reports, one after another.

    Parameters
    ----------
    place : Workplace
        Where all its reports are rendered.
    engine : str
        Name of what executes the notebooks.
    common : mapping of str to Alike
        What the reports of the run have in common, by notebook.
    """

    def __init__(self, place: Workplace, engine: str, common: Mapping[str, Alike]) -> None:
        self.place, self.engine = place, engine
        self.temporary = Path(tempfile.mkdtemp(prefix="wb-hand-"))
        ours, theirs = socket.socketpair()
        number = theirs.fileno()
        # The command is this interpreter and this module.
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "workbench.runs.hand", str(number)],
            pass_fds=(number,),
            env={**os.environ, **KERNEL_ENVIRONMENT},
        )
        theirs.close()
        self.pipe = Connection(ours.detach())
        self.pipe.send((place, engine, self.temporary, common))

    def render(self, job: Job) -> Entry:
        """Render one report.

        Raises
        ------
        HandDiedError
            If the process died.
        WorkbenchError
            If the disk is full or can't be written.
        """
        limit = self.place.report_seconds
        until = time.monotonic() + limit + WARMING if limit else None
        try:
            self.pipe.send(job)
            while True:
                left = None if until is None else max(until - time.monotonic(), 0)
                if not self.pipe.poll(left):
                    self.end()
                    reason = f"it took longer than {limit} s, the limit for a report"
                    return _failed(job, self.place, self.engine, reason)
                answer = self.pipe.recv()
                if isinstance(answer, WorkbenchError):
                    raise answer
                if isinstance(answer, Entry):
                    return answer
        except (EOFError, OSError) as cause:
            self.end()
            code = self.process.returncode
            raise HandDiedError(f"the process of the report ended with code {code}") from cause

    @property
    def alive(self) -> bool:
        """Whether it can take another report."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process with everything that it started."""
        if self.process.returncode is None:  # else its number may be anybody's by now
            end_tree(self.process.pid)
            self.process.wait()
        with contextlib.suppress(OSError):
            self.pipe.close()
        shutil.rmtree(self.temporary, ignore_errors=True)


def _failed(job: Job, place: Workplace, engine: str, reason: str) -> Entry:
    """Return the entry of a report that was ended."""
    return Entry(
        job.key, job.fingerprint, "failed", {}, place.run_id, 0.0, engine, reason, parts=job.parts
    )


def main(number: int) -> None:
    """Render what comes through a file descriptor until it is closed."""
    from workbench.runs.engines import engine_named

    pipe = Connection(number)
    place, engine, temporary, common = pipe.recv()
    execute = engine_named(engine)
    serve(pipe, (), place, execute, temporary, os.getppid(), forked=False, common=common)


if __name__ == "__main__":
    main(int(sys.argv[1]))
