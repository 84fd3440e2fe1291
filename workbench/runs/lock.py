"""One run at a time in a folder.

The lock is the system's, on the file ``.lock``: it is taken in one step and ends with the process
that holds it, however that ends. So no lock is left by a dead process, and no other process that
was given the same number later is taken for its holder. The number in the file is for people; the
folder beside it holds what the run needs for a while, so that the next one can remove it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message

fcntl: Any
try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows
    fcntl = None

LOCK = ".lock"
TEMPORARY = "wb-"
# Locks belong to a process, so a second run in the same one is told by this.
_held: set[Path] = set()


@contextmanager
def locked(run: Path) -> Iterator[Path]:
    """Hold a run folder, so that two runs never write into it at once.

    Yields a folder for temporary files, outside of the run and with a short path: sockets must fit.

    Raises
    ------
    WorkbenchError
        If another run holds it; the id of its process is named.
    """
    path = run.resolve() / LOCK
    if path in _held:
        raise _taken(run, os.getpid())
    handle = _take(path, run)
    _held.add(path)
    temporary = Path(tempfile.gettempdir()) / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        _replace(handle, f"{os.getpid()}\n{temporary}\n")
        temporary.mkdir(mode=0o700)
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        _held.discard(path)
        path.unlink(missing_ok=True)
        os.close(handle)


def _replace(handle: int, text: str) -> None:
    """Write into the lock, and remove the temporary files of a holder that could not."""
    os.lseek(handle, 0, os.SEEK_SET)
    lines = os.fsdecode(os.read(handle, 4096)).splitlines()
    if len(lines) > 1 and Path(lines[1]).name.startswith(TEMPORARY):
        shutil.rmtree(lines[1], ignore_errors=True)
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, os.fsencode(text))


def _take(path: Path, run: Path) -> int:
    """Return the open file of the lock, which this process holds from now on."""
    if fcntl is None:  # pragma: no cover  # Windows
        return _made(path, run)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as cause:
            os.close(handle)
            raise _taken(run, _holder(path)) from cause
        except OSError:
            os.close(handle)
            raise
        # Its last holder may have removed the file between the two steps: then it locks nothing.
        if path.exists() and os.fstat(handle).st_ino == path.stat().st_ino:
            return handle
        os.close(handle)


def _made(path: Path, run: Path) -> int:  # pragma: no cover  # Windows
    """Return the open file of a lock that was made; one that is there already has a holder."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    except FileExistsError as cause:
        raise _taken(run, _holder(path)) from cause


def _holder(path: Path) -> int | None:
    """Return the process named in a lock; None if it is gone meanwhile."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        try:
            return int(path.read_text(encoding="utf-8").split("\n")[0])
        except (OSError, ValueError):  # taken a moment ago, and its number is not written yet
            time.sleep(0.02)
    return None


def _taken(run: Path, holder: int | None) -> WorkbenchError:
    """Return the error of a folder into which another run is writing."""
    what = Message("another run is writing here: process {pid}", pid=holder or "?")
    fix = Message("Wait for it, or stop it.")
    return WorkbenchError(Problem(Reason.RUN_LOCKED, what, Place(str(run)), fix=fix))
