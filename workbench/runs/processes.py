"""The processes of a run: who descends from whom, how much memory they hold, ended whole.

A kernel starts a session of its own, and a cell may fork what it likes, so a process group does not
hold all that a report started. On Linux a worker adopts every orphan below it, and ending it ends
its whole tree. Elsewhere only groups are ended, and kernels end themselves when their parent does.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

LINUX = sys.platform == "linux"
# Numbers of prctl(2).
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PROC = Path("/proc")
REAPING_SECONDS = 2.0


def _prctl(option: int, value: int) -> None:
    """Set a property of this process; only on Linux."""
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def adopt_orphans(wanted: bool = True) -> None:
    """Let processes below this one whose parent ends become its own children."""
    _prctl(PR_SET_CHILD_SUBREAPER, int(wanted))


def die_with(parent: int) -> None:
    """Let the system end this process when its parent ends."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def _parents() -> dict[int, int]:
    """Return the parent of each process."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                # The name of a program stands in brackets and may hold anything.
                fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
                found[int(folder.name)] = int(fields[1])
    return found


def descendants(root: int, but: Collection[int] = ()) -> list[int]:
    """Return the processes below one, parents before children; nothing where it can't be known.

    Parameters
    ----------
    root : int
    but : collection of int
        Processes that are left out with all below them.
    """
    if not LINUX:
        return []
    children: dict[int, list[int]] = {}
    for process, parent in _parents().items():
        if process not in but:
            children.setdefault(parent, []).append(process)
    found: list[int] = []
    waiting = list(children.get(root, []))
    while waiting:
        process = waiting.pop(0)
        found.append(process)
        waiting += children.get(process, [])
    return found


def give_back_memory() -> None:
    """Return to the system what this process has freed: what it forks would hold it as well."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if LINUX else None
    if trim is not None:  # glibc has it
        trim(0)


def memory_of(processes: Iterable[int]) -> int:
    """Return the bytes that some processes hold; what several share counts once."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in (PROC / str(process) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
                    break
    return total


def has_children() -> bool:
    """Return whether this process has any child, without asking for each."""
    if not LINUX:
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def end_below(keep: Collection[int] = ()) -> None:
    """End everything below this process but ``keep`` and what is below those."""
    until = time.monotonic() + REAPING_SECONDS
    while has_children() and time.monotonic() < until:
        found = descendants(os.getpid(), keep)
        if not found:
            return
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        for process in found:
            with contextlib.suppress(OSError):  # not a child of ours, or reaped by who started it
                os.waitpid(process, os.WNOHANG)
        time.sleep(0.002)


def end_tree(root: int) -> None:
    """End a process, its group, and everything below it."""
    below = descendants(root)
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            if os.getpgid(root) != os.getpgid(0):
                os.killpg(root, signal.SIGKILL)
    for process in [root, *below]:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


@contextmanager
def memory_limited(limit: int) -> Iterator[None]:
    """Let what this process starts meanwhile hold ``limit`` bytes more than it holds itself.

    Only data count: what a process merely reserves, such as the address space of its libraries,
    says nothing about the memory it uses.
    """
    if not LINUX:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _data_of_this() + limit
    lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_of_this() -> int:
    """Return the bytes of data that this process has asked for."""
    for line in (PROC / "self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def signal_name(number: int) -> str:
    """Return the name of a signal, ``SIGSEGV``."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
