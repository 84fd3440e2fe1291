"""A fresh process for one report, forked from a warm one and held apart from it."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import select
import signal
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.language import Message
from workbench.runs import shell as shells
from workbench.runs.processes import die_with, signal_name
from workbench.runs.seeds import seed_first_cell
from workbench.runs.wire import Line, Receiver, Sender

try:
    import resource
except ImportError:  # where processes can't be forked either
    resource = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Orders:
    """How a report is run.

    Parameters
    ----------
    environment : mapping
        Variables of the environment beside those of this process.
    folder : Path or None
        Working directory; that of this process by default.
    seed : int or None
        Of its random numbers.
    module : module or None
        The ``__main__`` of the cells that ran before the fork.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    seed: int | None = None
    module: types.ModuleType | None = None


def cannot_fork() -> Message | None:
    """Return why this process can't fork reports, None if it can."""
    if not hasattr(os, "fork") or not hasattr(os, "pidfd_open"):
        return Message("this system can't fork processes and watch them")
    if threading.active_count() > 1:
        return Message("the process has several threads")
    return None


class Child:
    """A report that runs in its own process, session and process group."""

    def __init__(self, pid: int, receiver: Receiver) -> None:
        self.pid = pid
        self.receiver = receiver
        self.pidfd = os.pidfd_open(pid)

    def end(self, grace: float = 0.0) -> str | None:
        """Kill whatever is left of the report; return the signal that ended it before, if one did.

        The group goes first: as long as its leader is not reaped nobody else can have its number.

        Parameters
        ----------
        grace : float
            Seconds that a report has which seems to be ending by itself: pipes close before.
        """
        waiting = select.poll()
        waiting.register(self.pidfd, select.POLLIN)
        waiting.poll(grace * 1000)
        state = None
        with contextlib.suppress(ChildProcessError):
            state = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        self.receiver.close()
        if state is not None and state.si_code in (os.CLD_KILLED, os.CLD_DUMPED):
            return signal_name(state.si_status)
        return None


def start(orders: Orders, cells: Sequence[Any]) -> Child:
    """Fork a process and run cells in it."""
    line = Line()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Threads of libraries (linear algebra, arrow, a compiler that worked before) are no
        # obstacle; those of Python were looked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return Child(pid, line.receiver())
    try:
        _live(line.sender(), parent, orders, cells)
    finally:
        os._exit(0)


def _live(sender: Sender, parent: int, orders: Orders, cells: Sequence[Any]) -> None:
    """Be the report."""
    try:
        _leave_the_parent(parent)
        if orders.folder is not None:
            os.chdir(orders.folder)
        os.environ.update(orders.environment)
        _prepare()
        shells.forbid(sender)
        shell = shells.make_shell(sender, orders.module)
        shells.inline_figures()
        if orders.seed is not None:
            seed_first_cell(shell, orders.seed)
        _yield_to_others()
    except BaseException as error:
        sender.send("broken", error=f"the report could not begin: {error!r}")
        return
    shells.run_cells(shell, sender, cells)


def _leave_the_parent(parent: int) -> None:
    """Have a session of its own, die with the parent, and read nothing."""
    os.setsid()
    die_with(parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    # The stack of a crash goes to the error output of its cell.
    faulthandler.enable(file=2)


def _prepare() -> None:
    """Put right what a process that just started has and a warm one may not have."""
    tempfile.tempdir = None
    if "" not in sys.path:
        sys.path.insert(0, "")


def _yield_to_others() -> None:
    """Leave no core file, and be the first to go where the system runs short of memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
