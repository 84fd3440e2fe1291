"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from workbench.errors import Place, Problem, Reason, ReportError
from workbench.language import Message

TEMPORARY = ".tmp-"
# What stops every report, not only the one that meets it: no space, a disk that can't be written.
OF_THE_DISK = frozenset({errno.ENOSPC, errno.EROFS, errno.EIO, getattr(errno, "EDQUOT", -1)})


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file beside its place and rename it there, so that no reader sees half of it.

    Raises
    ------
    ReportError
        If the folder can't be written, or the disk is full.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    beside = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as cause:
        remove_file(beside)
        raise not_writable(path, cause) from cause
    except BaseException:  # Ctrl-C
        remove_file(beside)
        raise


def not_writable(path: Path, cause: OSError) -> ReportError:
    """Return the error of a file that can't be written."""
    what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
    fix = Message("Check the folder's permissions and the space left on the disk, and run again.")
    return ReportError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)), fix=fix))


def disk_error(path: Path, error: BaseException) -> ReportError | None:
    """Return the error to tell where a disk is full or can't be written; None for any other."""
    cause = error.__cause__ if isinstance(error, ReportError) else error
    if not isinstance(cause, OSError) or cause.errno not in OF_THE_DISK:
        return None
    return error if isinstance(error, ReportError) else not_writable(path, cause)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there and can be."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def remove_leftovers(folder: Path, *, below: bool = True) -> None:
    """Remove half-written files that an interrupted run left in a folder, and in those below it."""
    pattern = f"{TEMPORARY}*"
    for path in list(folder.rglob(pattern) if below else folder.glob(pattern)):
        remove_file(path)
