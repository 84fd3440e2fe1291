"""The RO-Crate of a run: its manifest in the words of schema.org, for archives and catalogues.

In the process-run-crate profile: one action that scores, from inputs and choices to data, and one
for each report, from the frozen view to its files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.runs.targets import COHORT
from workbench.specs.manifest import FileHash, Manifest, ReportEntry

CRATE = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
MEDIA = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".ipynb": "application/x-ipynb+json",
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".yml": "application/yaml",
    ".lock": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def crate_text(manifest: Manifest) -> str:
    """Return the run as an RO-Crate in the process-run-crate profile.

    The graph is ordered and dated by the study, so that it is the same every time.

    Parameters
    ----------
    manifest : Manifest
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    author = _root(crate, manifest)
    tool = _tool(crate, manifest)
    common = {
        "instrument": {"@id": tool},
        "agent": {"@id": author},
        "endTime": manifest.date.isoformat(),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    _file(crate, FileHash(path="manifest.json", sha256="", bytes=0))
    made = [_file(crate, f) for f in (*manifest.data, *manifest.pages)]
    used = [*_inputs(crate, manifest), *_choices(crate, manifest)]
    actions = [
        _entity(crate, "#scoring", {
            "@type": "CreateAction",
            "name": f"Scoring of {manifest.title}",
            "description": f"Run {manifest.run_id}: from inputs and choices to data",
            "object": _ids(used),
            "result": _ids(made),
            **common,
        })
    ]  # fmt: skip
    frozen = {file.path for file in manifest.data}
    for report in manifest.reports:
        view = _view_of(report)
        files = [_file(crate, f) for f in report.files]
        actions.append(
            _entity(crate, f"#report/{report.key}", {
                "@type": "CreateAction",
                "name": f"Report of {report.title}",
                "description": f"Run {report.run_id}: from frozen data to a report",
                "object": _ids([view] if view in frozen else used),
                "result": _ids(files),
                **common,
            })
        )  # fmt: skip
    crate.root_dataset["mentions"] = _ids(actions)
    graph = crate.metadata.generate()
    graph["@graph"].sort(key=lambda e: (e["@id"] not in (CRATE, "./"), e["@id"]))
    return json.dumps(graph, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _root(crate: Any, manifest: Manifest) -> str:
    """Describe the run as a whole, and return the id of its author."""
    root = crate.root_dataset
    root["name"] = manifest.title
    root["description"] = f"Reports of the study {manifest.study}, run {manifest.run_id}"
    root["datePublished"] = manifest.date.isoformat()
    root["identifier"] = manifest.run_id
    profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    root["conformsTo"] = {"@id": _entity(crate, PROFILE, profile)}
    licence = {"@type": "CreativeWork", "name": manifest.licence or "not stated"}
    root["license"] = {"@id": _entity(crate, "#licence", licence)}
    who = {"@type": manifest.author_is.capitalize(), "name": manifest.author}
    author = _entity(crate, "#author", who)
    root["author"] = {"@id": author}
    if manifest.author_is == "organization":
        root["publisher"] = {"@id": author}
    return author


def _tool(crate: Any, manifest: Manifest) -> str:
    """Describe what the run was made with, and return its id."""
    made = manifest.software
    return _entity(crate, "#workbench", {
        "@type": "SoftwareApplication",
        "name": made.package,
        "softwareVersion": made.version,
        "sha256": made.code_sha256,
        "operatingSystem": made.machine,
        "softwareRequirements": [
            f"python {made.python}", *(f"{n} {v}" for n, v in made.libraries.items())
        ],
    })  # fmt: skip


def _inputs(crate: Any, manifest: Manifest) -> list[str]:
    """Describe what the run was made from, by hash, and return the ids."""
    found = []
    for file in manifest.sources:
        described = _described(file, "CreativeWork")
        if file.path in manifest.restricted:
            described["conditionsOfAccess"] = "restricted: the run holds its hash alone"
        found.append(_entity(crate, f"#input/{file.path}", described))
    return found


def _choices(crate: Any, manifest: Manifest) -> list[str]:
    """Describe what was chosen and assumed, and return the ids."""
    chosen = manifest.choices.model_dump(mode="json")
    parameters = chosen.pop("parameters")
    rows = [(f"choice/{name}", name, value) for name, value in chosen.items()]
    rows += [(f"parameter/{name}", name, value) for name, value in parameters.items()]
    rows += [
        (f"instrument/{used.file}", used.id, f"version {used.version}")
        for used in manifest.instruments
    ]
    rows += [
        (f"assumption/{number}", "assumption", text)
        for number, text in enumerate(manifest.assumptions, start=1)
    ]
    return [
        _entity(crate, f"#{key}", {"@type": "PropertyValue", "name": name, "value": _text(value)})
        for key, name, value in rows
    ]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _view_of(report: ReportEntry) -> str:
    """Return the path of the frozen view that a report shows."""
    unit = report.key.split("/")[0] if report.kind == "unit" else COHORT
    return f"data/views/{unit}.json"


def _described(file: FileHash, kind: str) -> dict[str, Any]:
    """Return a file as properties of the crate; one without a hash by its name alone."""
    form = MEDIA.get(Path(file.path).suffix, "application/octet-stream")
    found = {"@type": kind, "name": file.path, "encodingFormat": form}
    if file.sha256:
        found |= {"sha256": file.sha256, "contentSize": str(file.bytes)}
    return found


def _file(crate: Any, file: FileHash) -> str:
    """Describe a file of the run, and return its id."""
    from rocrate.model.file import File

    made = crate.add(File(crate, dest_path=file.path, properties=_described(file, "File")))
    return str(made.id)


def _entity(crate: Any, key: str, properties: dict[str, Any]) -> str:
    """Describe anything but a file, and return its id."""
    from rocrate.model.contextentity import ContextEntity

    return str(crate.add(ContextEntity(crate, key, properties)).id)


def _ids(keys: Iterable[str]) -> list[dict[str, str]] | dict[str, str]:
    """Return references; one stands by itself, as the crate's specification has it."""
    found = [{"@id": key} for key in keys]
    return found[0] if len(found) == 1 else found
