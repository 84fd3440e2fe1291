"""The manifest and the RO-Crate of a run."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.runs.freeze import data_files
from workbench.runs.hashing import code_sha256, sha256_of_file
from workbench.runs.ledger import Entry
from workbench.runs.listing import Listing
from workbench.runs.plan import LOCK, Plan, notebook_hashes
from workbench.specs.manifest import Choices, FileHash, Manifest, ReportEntry, Software
from workbench.study.info import package_version
from workbench.study.project import find_source

MANIFEST = "manifest.json"
CRATE = "ro-crate-metadata.json"
PAGES = ("failures.csv", "index.html", "site/*", "reports/**/report.failed.ipynb")
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
MEDIA = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".ipynb": "application/x-ipynb+json",
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".yml": "application/yaml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


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
        instrument=instrument.id,
        instrument_version=instrument.spec.version,
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
            units=None,
            seed=spec.seed,
            stages=spec.stages,
            reference_waves=study.reference_waves,
            parameters=dict(sorted(plan.parameters.items())),
        ),
        software=Software(
            package="municipal-workbench",
            version=package_version(),
            code_sha256=code_sha256(),
            lock_sha256=lock.sha256 if lock else None,
            python=".".join(platform.python_version_tuple()[:2]),
        ),
        data=data_hashes(plan.run),
        pages=page_hashes(plan.run),
        reports=report_entries(plan.run, listing, ledger),
    )


def _size(plan: Plan, path: str) -> int:
    """Return the size of an input; one that was removed meanwhile has none."""
    file = find_source(path, plan.study.root)
    return file.stat().st_size if file is not None else 0


def manifest_text(manifest: Manifest) -> str:
    """Return the manifest as JSON."""
    return json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def crate_text(manifest: Manifest) -> str:
    """Return the run as an RO-Crate in the process-run-crate profile.

    The graph is ordered and dated by the study, so that it is the same every time.
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    date = manifest.date.isoformat()
    root = crate.root_dataset
    root["name"] = manifest.title
    root["description"] = f"Reports of the study {manifest.study}, run {manifest.run_id}"
    root["datePublished"] = date
    root["license"] = manifest.licence or "not stated"
    root["conformsTo"] = {"@id": PROFILE}
    crate.add(
        ContextEntity(
            crate, PROFILE, {"@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
        )
    )
    author = crate.add(
        ContextEntity(
            crate,
            "#author",
            {"@type": manifest.author_is.capitalize(), "name": manifest.author},
        )
    )
    software = crate.add(
        ContextEntity(
            crate,
            "#workbench",
            {
                "@type": "SoftwareApplication",
                "name": manifest.software.package,
                "softwareVersion": manifest.software.version,
            },
        )
    )
    inputs = [
        crate.add(ContextEntity(crate, f"#input/{f.path}", _described(f, "CreativeWork")))
        for f in manifest.inputs
    ]
    actions = []
    for report in manifest.reports:
        files = [crate.add(_file(crate, f)) for f in report.files]
        actions.append(
            crate.add(
                ContextEntity(
                    crate,
                    f"#report/{report.key}",
                    {
                        "@type": "CreateAction",
                        "name": f"Report of {report.title}",
                        "instrument": {"@id": software.id},
                        "object": [{"@id": i.id} for i in inputs],
                        "result": [{"@id": f.id} for f in files],
                        "agent": {"@id": author.id},
                        "endTime": date,
                        "actionStatus": "http://schema.org/CompletedActionStatus",
                    },
                )
            )
        )
    for file in (*manifest.data, *manifest.pages):
        crate.add(_file(crate, file))
    if actions:
        root["mentions"] = [{"@id": a.id} for a in actions]
    graph = crate.metadata.generate()
    graph["@graph"].sort(key=lambda e: (e["@id"] not in (CRATE, "./"), e["@id"]))
    return json.dumps(graph, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _described(file: FileHash, kind: str) -> dict[str, Any]:
    """Return a file as properties of the crate."""
    suffix = Path(file.path).suffix
    return {
        "@type": kind,
        "name": file.path,
        "sha256": file.sha256,
        "contentSize": str(file.bytes),
        "encodingFormat": MEDIA.get(suffix, "application/octet-stream"),
    }


def _file(crate: Any, file: FileHash) -> Any:
    """Return a file of the run as an entity of the crate."""
    from rocrate.model.file import File

    return File(crate, dest_path=file.path, properties=_described(file, "File"))
