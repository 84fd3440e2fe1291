"""Files written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import Place, Problem, Reason, ReportError
from workbench.language import Message

TEMPORARY = ".tmp-"


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
        beside.unlink(missing_ok=True)
        what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
        fix = Message(
            "Check the folder's permissions and the space left on the disk, and run again."
        )
        raise ReportError(
            Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)), fix=fix)
        ) from cause


def remove_leftovers(folder: Path) -> None:
    """Remove half-written files that an interrupted run left."""
    for path in folder.rglob(f"{TEMPORARY}*"):
        path.unlink(missing_ok=True)
