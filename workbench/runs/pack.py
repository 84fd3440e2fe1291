"""Packing a run: one zip that is the same every time, to be handed on and verified."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.contents import FolderContents
from workbench.runs.files import TEMPORARY
from workbench.runs.hashing import sha256_of_file
from workbench.runs.ledger import LEDGER
from workbench.runs.verify import packed_name, verify
from workbench.specs.manifest import Manifest
from workbench.specs.yaml import is_folder
from workbench.study.project import find_source

# Zip has no earlier day; a pack must not say when it was made.
DAY = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16


def pack(run: Path, project: Path, out: Path | None = None) -> tuple[Path, list[str]]:
    """Write a run as one zip and return its path, and the inputs of which it holds the hash alone.

    Parameters
    ----------
    run : Path
        Folder of the run.
    project : Path
        Folder with the inputs.
    out : Path, optional
        The zip; ``STUDY-RUNID.zip`` beside the run by default.

    Raises
    ------
    WorkbenchError
        If a file is not as the manifest says, or an input is not the one of the run.

    Notes
    -----
    Entries stand in the order of their names, with one date and one mode. The ledger, which holds
    times, stays out.
    """
    if not is_folder(run):
        what = Message("there is no such run")
        fix = Message("Give the folder of a run, such as outputs/STUDY.")
        raise WorkbenchError(Problem(Reason.FILE_MISSING, what, Place(str(run)), fix=fix))
    found = verify(run)
    manifest = found.manifest
    problems = [Problem(Reason.RUN, f.what, Place(f"{run}/{f.path}")) for f in found.findings]
    inputs, missing = _inputs(manifest, project)
    problems += missing
    if problems:
        raise WorkbenchError(problems)
    target = out or run.with_name(f"{manifest.study}-{manifest.run_id}.zip")
    entries = {name: run / name for name in FolderContents(run).names() if name != LEDGER} | inputs
    beside = target.with_name(f"{TEMPORARY}{os.getpid()}-{target.name}")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name in sorted(entries):
                entry = zipfile.ZipInfo(name, DAY)
                entry.external_attr, entry.create_system = _MODE, 3
                entry.compress_type = zipfile.ZIP_DEFLATED
                with entries[name].open("rb") as source, archive.open(entry, "w") as written:
                    shutil.copyfileobj(source, written, 1 << 20)
        beside.replace(target)
    except OSError as cause:
        what = Message("the pack can't be written: {detail}", detail=cause.strerror or str(cause))
        raise WorkbenchError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(target)))) from cause
    finally:
        beside.unlink(missing_ok=True)
    return target, list(manifest.restricted)


def _inputs(manifest: Manifest, project: Path) -> tuple[dict[str, Path], list[Problem]]:
    """Return the inputs that are handed on, and what is wrong with them."""
    found, problems = {}, []
    for file in manifest.sources:
        if file.path in manifest.restricted:
            continue
        path = find_source(file.path, project)
        if path is None:
            what = Message("the input is missing")
            problems.append(Problem(Reason.FILE_MISSING, what, Place(file.path)))
        elif sha256_of_file(path) != file.sha256:
            what = Message("the input is not the one of the run: it was changed since")
            fix = Message("Run the study again, or put the file back.")
            problems.append(Problem(Reason.RUN, what, Place(file.path), fix=fix))
        else:
            found[packed_name(file)] = path
    return found, problems
