"""The manifest and the RO-Crate of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from workbench.runs.crate import CRATE, crate_text
from workbench.runs.files import write_whole
from workbench.runs.freeze import data_files
from workbench.runs.hashing import sha256_of_file
from workbench.runs.ledger import Entry
from workbench.runs.listing import Listing
from workbench.runs.plan import LOCK, Plan, notebook_hashes
from workbench.runs.software import software
from workbench.specs.manifest import Choices, FileHash, InstrumentUsed, Manifest, ReportEntry
from workbench.study.project import find_source

MANIFEST = "manifest.json"
SCHEMA = "manifest.schema.json"
SUMS = "SHA256SUMS"
PAGES = ("failures.csv", "index.html", "site/*", SCHEMA, "reports/**/report.failed.ipynb")


def data_hashes(run: Path) -> tuple[FileHash, ...]:
    """Return the frozen data of a run with their hashes."""
    return tuple(_hash(run, path) for path in data_files(run))


def page_hashes(run: Path) -> tuple[FileHash, ...]:
    """Return the site of a run, the list of what failed, and what is kept of that."""
    found = sorted(path for pattern in PAGES for path in run.glob(pattern))
    return tuple(_hash(run, path.relative_to(run).as_posix()) for path in found)


def _hash(folder: Path, path: str) -> FileHash:
    """Return a file of a run, or of its project, with its hash."""
    file = folder / path
    return FileHash(path=path, sha256=sha256_of_file(file), bytes=file.stat().st_size)


def report_entries(
    run: Path, listing: Listing, ledger: Mapping[str, Entry]
) -> tuple[ReportEntry, ...]:
    """Return the reports that are done, with the hashes that the ledger names.

    They were computed when the files were made, or compared when the run was planned.
    """
    found = []
    for key, entry in sorted(ledger.items()):
        known = listing.reports.get(key)
        files = [run / path for path in entry.files]
        if entry.status != "done" or known is None or not all(f.is_file() for f in files):
            continue
        found.append(
            ReportEntry(
                key=key,
                kind=known["kind"],
                title=known["title"],
                run_id=entry.run_id,
                view_sha256=known["view_sha256"],
                files=tuple(
                    FileHash(path=path, sha256=digest, bytes=(run / path).stat().st_size)
                    for path, digest in sorted(entry.files.items())
                ),
            )
        )
    return tuple(found)


def make_manifest(plan: Plan, listing: Listing, ledger: Mapping[str, Entry]) -> Manifest:
    """Return the manifest of a run as it stands in its folder."""
    study, spec = plan.study, plan.study.spec
    lock = _hash(study.root, LOCK) if (study.root / LOCK).is_file() else None
    instrument = study.instrument
    used = {other.instrument.name: other.instrument for other in (study, *study.earlier)}
    return Manifest(
        run_id=plan.run_id,
        study=spec.id,
        study_file=study.path.relative_to(study.root).as_posix(),
        title=spec.title.in_(study.locale.tag),
        author=spec.author.in_(study.locale.tag),
        author_is=spec.author_is,
        date=spec.date,
        licence=spec.licence,
        lock=lock,
        instruments=tuple(
            InstrumentUsed(id=i.id, version=i.spec.version, file=name) for name, i in used.items()
        ),
        assumptions=tuple(
            f"{a.status}: {a.path}: {a.reason.in_(study.locale.tag, instrument.spec.language)}"
            for a in instrument.assumptions
        ),
        inputs=tuple(
            FileHash(path=p, sha256=h, bytes=_size(plan, p)) for p, h in plan.inputs.items()
        ),
        restricted=tuple(spec.withheld),
        notebooks=tuple(
            FileHash(path=p, sha256=h, bytes=(study.root / p).stat().st_size)
            for p, h in notebook_hashes(study).items()
        ),
        choices=Choices(
            locale=study.locale.tag,
            formats=plan.formats,
            seed=spec.seed,
            stages=spec.stages,
            reference_waves=study.reference_waves,
            parameters=dict(sorted(plan.parameters.items())),
        ),
        software=software(lock.sha256 if lock else None),
        data=data_hashes(plan.run),
        pages=page_hashes(plan.run),
        reports=report_entries(plan.run, listing, ledger),
    )


def _size(plan: Plan, path: str) -> int:
    """Return the size of an input; one that was removed meanwhile has none."""
    file = find_source(path, plan.study.root)
    return file.stat().st_size if file is not None else 0


def write_provenance(run: Path, manifest: Manifest) -> None:
    """Write crate, manifest and sums of a run, each of which holds the hashes of those before.

    Parameters
    ----------
    run : Path
        Folder of the run.
    manifest : Manifest
        Without the crate.
    """
    crate = crate_text(manifest).encode("utf-8")
    write_whole(run / CRATE, crate)
    listed = FileHash(path=CRATE, sha256=sha256(crate).hexdigest(), bytes=len(crate))
    whole = manifest.model_copy(update={"crate": listed})
    content = manifest_text(whole).encode("utf-8")
    write_whole(run / MANIFEST, content)
    write_whole(run / SUMS, sums_text(whole, sha256(content).hexdigest()))


def remove_provenance(run: Path) -> None:
    """Remove what describes a whole run, of a run that is whole no more."""
    for name in (SUMS, MANIFEST, CRATE):
        (run / name).unlink(missing_ok=True)


def manifest_text(manifest: Manifest) -> str:
    """Return the manifest as JSON."""
    return json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def sums_text(manifest: Manifest, own: str) -> str:
    """Return the hashes of all files as ``sha256sum -c`` reads them.

    Parameters
    ----------
    manifest : Manifest
    own : str
        SHA-256 of the manifest.
    """
    hashes = {path: file.sha256 for path, file in manifest.files.items()} | {MANIFEST: own}
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items()))
