"""Uniting the shards of a run: each report is taken from the folder in which it was made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import DataError, Place, Problem, Reason
from workbench.language import Message
from workbench.runs.contents import FolderContents, is_plain
from workbench.runs.failures import FAILURES, failures_text, run_command
from workbench.runs.files import TEMPORARY, not_writable, remove_file, write_whole
from workbench.runs.ledger import Entry, append_entry, read_ledger, sync_ledger
from workbench.runs.listing import LISTING, Listing, read_listing
from workbench.runs.lock import locked
from workbench.runs.provenance import (
    MANIFEST,
    SCHEMA,
    data_hashes,
    page_hashes,
    remove_provenance,
    report_entries,
    write_provenance,
)
from workbench.runs.run import check_writable
from workbench.runs.site import write_site
from workbench.runs.verify import read_manifest
from workbench.site.content import Site, read_site
from workbench.specs.manifest import Manifest
from workbench.specs.schema_files import schema_text
from workbench.specs.yaml import is_file


@dataclass(frozen=True, slots=True)
class Part:
    """A run folder that is to be united with others.

    Parameters
    ----------
    run : Path
    manifest : Manifest
    listing : Listing
    site : Site
    ledger : dict of str to Entry
    """

    run: Path
    manifest: Manifest
    listing: Listing
    site: Site
    ledger: dict[str, Entry]


@dataclass(frozen=True, slots=True)
class United:
    """What came of uniting runs.

    Parameters
    ----------
    run : Path
    done, failed : int
        Reports in the folder.
    absent : tuple of str
        Keys of reports that no part has.
    """

    run: Path
    done: int
    failed: int
    absent: tuple[str, ...]


def merge_runs(runs: Sequence[Path], out: Path) -> United:
    """Unite run folders in one.

    Parameters
    ----------
    runs : sequence of Path
        Folders of finished runs with the same run id.
    out : Path
        Folder of the whole run; what it holds already of the same run stays.

    Raises
    ------
    WorkbenchError
        If a folder is no finished run, is of another run than the first, or holds other data.
    """
    parts = [_part(run) for run in runs]
    _check_same([*parts, *_already(out, runs)])
    check_writable(out)
    with locked(out):
        remove_provenance(out)
        for part in parts:
            if part.run.resolve() != out.resolve():
                _take(part, out)
        ledger = read_ledger(out)
        return _write_records(parts, out, ledger)


def _part(run: Path) -> Part:
    """Return what a folder says of its run."""
    listing, site = read_listing(run), read_site(run)
    if listing is None or site is None or not is_file(run / MANIFEST):
        what = Message("this is no finished run")
        fix = Message("Give the folder of a run, and run it to its end first.")
        raise DataError(Problem(Reason.RUN, what, Place(str(run)), fix=fix))
    return Part(run, read_manifest(FolderContents(run)), listing, site, read_ledger(run))


def _already(out: Path, runs: Sequence[Path]) -> list[Part]:
    """Return the run that stands in the folder already, if it is not one of those given."""
    if out.resolve() in {run.resolve() for run in runs} or not (out / MANIFEST).is_file():
        return []
    return [_part(out)]


def _check_same(parts: Sequence[Part]) -> None:
    """Refuse folders of different runs, and files of one name with different content."""
    first = parts[0]
    hashes = {f.path: f.sha256 for f in first.manifest.data}
    problems = []
    for part in parts[1:]:
        if part.manifest.run_id != first.manifest.run_id:
            what = Message("this is another run than that in {first}", first=first.run)
            expected = Message("run {run_id}", run_id=first.manifest.run_id)
            fix = Message("Unite only parts made from the same inputs with the same version.")
            problems.append(
                Problem(Reason.RUN, what, Place(str(part.run)), part.manifest.run_id, expected, fix)
            )
            continue
        for file in part.manifest.data:
            if file.path != LISTING and hashes.setdefault(file.path, file.sha256) != file.sha256:
                what = Message("the same run holds other data than {first}", first=first.run)
                place = Place(str(part.run / file.path))
                problems.append(Problem(Reason.RUN, what, place))
    if problems:
        raise DataError(problems)


def _take(part: Part, out: Path) -> None:
    """Copy data and reports of a part, and then write down what it has."""
    for file in part.manifest.data:
        if file.path != LISTING:
            _copy(part.run / file.path, out / file.path)
    there = read_ledger(out)
    for key, entry in part.ledger.items():
        if there.get(key) == entry or not is_plain(key):
            continue
        source, target = part.run / "reports" / key, out / "reports" / key
        names = {path.name for path in source.glob("report.*")}
        for name in sorted(names):
            _copy(source / name, target / name)
        for path in target.glob("report.*"):
            if path.name not in names:
                path.unlink()
        append_entry(out, entry)


def _copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    beside = target.with_name(f"{TEMPORARY}{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, beside)
        beside.replace(target)
    except OSError as cause:
        remove_file(beside)
        raise not_writable(target, cause) from cause


def _write_records(parts: Sequence[Part], out: Path, ledger: dict[str, Entry]) -> United:
    """Write site, failures, manifest and crate of the whole."""
    listing = parts[0].listing
    for part in parts[1:]:
        listing = part.listing.with_earlier(listing)
    listing = listing.with_earlier(read_listing(out))
    write_whole(out / LISTING, listing.text())
    write_site(out, parts[0].site, listing, ledger)
    head, choices = listing.head, parts[0].manifest.choices
    command = run_command(
        str(head["study"]), str(head["locale"]), choices.formats, choices.parameters
    )
    command += ["--out", str(out)]
    write_whole(out / FAILURES, failures_text(out, ledger, command))
    sync_ledger(out)
    write_whole(out / SCHEMA, schema_text("manifest"))
    manifest = parts[0].manifest.model_copy(
        update={
            "data": data_hashes(out),
            "pages": page_hashes(out),
            "reports": report_entries(out, listing, ledger),
        }
    )
    write_provenance(out, manifest)
    settled = [ledger[key] for key in listing.keys if key in ledger]
    return United(
        out,
        sum(e.status == "done" for e in settled),
        sum(e.status == "failed" for e in settled),
        tuple(key for key in listing.keys if key not in ledger),
    )
