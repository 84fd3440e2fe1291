"""The ledger of a run: one line for each report rendered, appended when its files are in place.

It says what is done; neither the presence of a file nor the metadata of a notebook does, because
papermill marks a notebook whose kernel died as completed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.runs.hashing import sha256_of_file

LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    Parameters
    ----------
    job : str
        Key of the report: code of the unit, or ``cohort``.
    key : str
        Hash of everything that determines the report.
    status : str
        done or failed.
    files : dict of str to str
        SHA-256 by path in the run folder.
    run_id : str
        Run under whose inputs it was rendered.
    seconds : float
        Wall time.
    engine : str
    reason : str
        Why it failed, if it did.
    """

    job: str
    key: str
    status: str
    files: dict[str, str]
    run_id: str
    seconds: float
    engine: str
    reason: str = ""


def read_ledger(run: Path) -> dict[str, Entry]:
    """Return the last entry of each report; lines that an interruption cut off are passed over."""
    path = run / LEDGER
    entries: dict[str, Entry] = {}
    if not path.is_file():
        return entries
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            fields: dict[str, Any] = json.loads(line)
            entry = Entry(**fields)
        except (ValueError, TypeError):
            continue
        entries[entry.job] = entry
    return entries


def append_entry(run: Path, entry: Entry) -> None:
    """Append a line to the ledger in one write."""
    line = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) + "\n"
    with (run / LEDGER).open("a", encoding="utf-8") as file:
        file.write(line)


def is_current(run: Path, entry: Entry | None, key: str, wanted: Iterable[str]) -> str:
    """Return why a report must be rendered: new, changed, damaged, failed; empty if it is current.

    Parameters
    ----------
    run : Path
    entry : Entry or None
        What the ledger says of it.
    key : str
        Hash of what would determine it now.
    wanted : iterable of str
        Paths of the files asked for.
    """
    if entry is None:
        return "new"
    if entry.status != "done":
        return "failed before"
    if entry.key != key:
        return "changed"
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
