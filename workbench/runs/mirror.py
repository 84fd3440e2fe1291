"""Copying a run to any place that fsspec knows: a bucket, a server, another disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.contents import FolderContents
from workbench.runs.provenance import MANIFEST
from workbench.specs.manifest import Manifest


def location_of(url: str) -> tuple[Any, str]:
    """Return a file system and the path in it.

    Raises
    ------
    WorkbenchError
        If nothing known answers to it.
    """
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url)
    except Exception as cause:  # each kind of place has errors of its own
        raise _failed(url, cause) from cause
    return system, str(path)


def copy_run(run: Path, url: str) -> int:
    """Copy what a place does not have of a run yet, and return how many files that were.

    The manifest comes last, and one whose files change is taken away first, so that a place with a
    manifest has all that it lists.

    Parameters
    ----------
    run : Path
        Folder of the run.
    url : str
        ``s3://bucket/folder``, ``file:///…``, and whatever else fsspec has installed.

    Raises
    ------
    WorkbenchError
        If the place can't be written.
    """
    system, root = location_of(url)
    try:
        there = _listed(system, f"{root}/{MANIFEST}")
        here = _hashes((run / MANIFEST).read_bytes()) if (run / MANIFEST).is_file() else {}
        names = [n for n in FolderContents(run).names() if not Path(n).name.startswith(".")]
        wanted = [n for n in names if n not in here or there.get(n) != here[n]]
        if any(name in there for name in wanted):
            system.rm_file(f"{root}/{MANIFEST}")
        for name in sorted(wanted, key=lambda n: (n == MANIFEST, n)):
            target = f"{root}/{name}"
            system.makedirs(target.rpartition("/")[0], exist_ok=True)
            system.put_file(str(run / name), target)
    except Exception as cause:  # each kind of place has errors of its own
        raise _failed(url, cause) from cause
    return len(wanted)


def _listed(system: Any, path: str) -> dict[str, str]:
    """Return the hashes in a manifest that stands there already."""
    try:
        return _hashes(system.cat_file(path))
    except (OSError, ValueError):
        return {}


def _hashes(manifest: bytes) -> dict[str, str]:
    """Return the hash of each file that a manifest lists."""
    return {p: f.sha256 for p, f in Manifest.model_validate_json(manifest).files.items()}


def _failed(url: str, cause: Exception) -> WorkbenchError:
    """Return the error of a place that can't be written."""
    lines = str(cause).splitlines() or [type(cause).__name__]
    what = Message("the run can't be copied there: {detail}", detail=lines[0][:120])
    fix = Message("Check the address, and that its package is installed (s3fs, gcsfs, sshfs).")
    return WorkbenchError(
        Problem(Reason.FILE_NOT_WRITABLE, what, Place("--copy-to"), got=url, fix=fix)
    )
