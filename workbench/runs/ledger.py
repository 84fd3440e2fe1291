"""The ledger of a run: a line for each step of each report, appended by the supervisor alone.

It says what is done; neither the presence of a file nor the metadata of a notebook does, because
papermill marks a notebook whose kernel died as completed.

A report goes through these states: ``queued`` (it must be rendered, and why), ``started`` (a
worker has it), ``executed`` (its notebook ran, its files are being made), then ``done`` or
``failed``. ``died`` says that its worker died and that it goes to another, ``stopped`` that the run
was stopped. The line ``done`` is written when all files are in place: without it a report is
rendered again.

Lines are not synced to the disk one by one. A loss of power may take the last ones, or the content
of files whose line was kept: the first are rendered again because no line says that they are done,
the others because their hashes differ.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from workbench.runs.files import not_writable
from workbench.runs.hashing import sha256_of_file

LEDGER = "ledger.jsonl"
_NEEDED = ("job", "key", "status", "files", "run_id", "seconds", "engine")
SETTLED = ("done", "failed")
FAILED_BEFORE = "failed before"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    Parameters
    ----------
    job : str
        Key of the report: code of the unit, ``cohort``, the name of a further notebook, or both.
    key : str
        Hash of everything that determines the report.
    status : str
        queued, started, executed, done, failed, died or stopped.
    files : dict of str to str
        SHA-256 by path in the run folder.
    run_id : str
        Run under whose inputs it was rendered.
    seconds : float
        Wall time.
    engine : str
    reason : str
        Why it failed, or why it is rendered.
    cell, signal : str
        Id of the cell in which it failed, in its notebook, and the signal that ended its process.
    attempt : int
        How many times it was started in this run.
    worker : int
        Process that rendered it.
    at : float
        Seconds since 1970 at which the line was written.
    parts : dict of str to str
        What the key is made of, as short hashes: tells what changed.
    """

    job: str
    key: str
    status: str
    files: dict[str, str]
    run_id: str
    seconds: float
    engine: str
    reason: str = ""
    cell: str = ""
    signal: str = ""
    attempt: int = 1
    worker: int = 0
    at: float = field(default=0.0, compare=False)
    parts: dict[str, str] = field(default_factory=dict)
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


_ENTRY = TypeAdapter(Entry)
_LONGEST = 1 << 20
_SHORTEST = 60  # the names of what every entry has are longer


def read_history(run: Path) -> list[Entry]:
    """Return all lines in their order; those that an interruption cut off are passed over.

    A line of a megabyte, which no entry is, ends them.
    """
    path = run / LEDGER
    entries: list[Entry] = []
    if not path.is_file():
        return entries
    with path.open("rb") as file:
        while line := file.readline(_LONGEST):
            if len(line) == _LONGEST:  # no entry is so long: what follows may have no end
                break
            if len(line) < _SHORTEST or not line.startswith(b"{"):
                continue
            try:
                entries.append(_ENTRY.validate_json(line, strict=True))
            except ValueError:
                continue
    return entries


def read_ledger(run: Path) -> dict[str, Entry]:
    """Return how each report ended the last time: done or failed."""
    return {entry.job: entry for entry in read_history(run) if entry.status in SETTLED}


def append_entry(run: Path, *entries: Entry) -> None:
    """Append lines to the ledger in one write; what an interruption left of a line is closed first.

    Raises
    ------
    ReportError
        If they can't be written whole; the ledger is then as before.
    """
    now = round(time.time(), 3)
    lines = [_line(replace(entry, at=now)) for entry in entries]
    path = run / LEDGER
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            _append(handle, "".join(f"{line}\n" for line in lines).encode("utf-8"))
        finally:
            os.close(handle)
    except OSError as cause:
        raise not_writable(path, cause) from cause


def _line(entry: Entry) -> str:
    """Return an entry as JSON, without what says nothing."""
    told = {name: value for name, value in asdict(entry).items() if value or name in _NEEDED}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _append(handle: int, data: bytes) -> None:
    """Write data to the end of a file, on a new line, whole or not at all."""
    size = os.lseek(handle, 0, os.SEEK_END)
    if size:
        os.lseek(handle, size - 1, os.SEEK_SET)
        if os.read(handle, 1) != b"\n":
            data = b"\n" + data
    written = 0
    try:
        while written < len(data):  # one write, unless the disk is full
            written += os.write(handle, data[written:])
    except OSError:
        os.ftruncate(handle, size)
        raise


def sync_ledger(run: Path) -> None:
    """Have the system put the ledger on the disk, at the end of a run."""
    path = run / LEDGER
    if path.is_file():
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_current(
    run: Path,
    entry: Entry | None,
    key: str,
    wanted: Iterable[str],
    parts: Mapping[str, str] | None = None,
) -> str:
    """Return why a report must be rendered; empty if it is current.

    Parameters
    ----------
    run : Path
    entry : Entry or None
        How it ended the last time.
    key : str
        Hash of what would determine it now.
    wanted : iterable of str
        Paths of the files asked for.
    parts : mapping of str to str, optional
        What the key is made of now.

    Returns
    -------
    str
        ``new``, ``changed``, with what changed, ``failed before``, ``format missing``, ``file
        missing``, ``damaged`` or nothing.
    """
    if entry is None:
        return "new"
    if entry.key != key:
        changed = [n for n, value in (parts or {}).items() if entry.parts.get(n, value) != value]
        return f"changed: {', '.join(changed)}" if changed else "changed"
    if entry.status != "done":
        return FAILED_BEFORE
    for path in wanted:
        recorded = entry.files.get(path)
        if recorded is None:
            return "format missing"
        file = run / path
        if not file.is_file():
            return "file missing"
        if sha256_of_file(file) != recorded:
            return "damaged"
    return ""
