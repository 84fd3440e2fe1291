"""JSON schemas of the file formats, generated so that editors and tests can rely on them."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from workbench.specs.common import json_schema
from workbench.specs.instrument import InstrumentSpec
from workbench.specs.manifest import Manifest
from workbench.specs.roadmap import RoadmapSpec
from workbench.specs.study import StudySpec

FOLDER = Path(__file__).parent / "schemas"
MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "instrument": (InstrumentSpec, "Instrument of the municipal workbench"),
    "study": (StudySpec, "Study of the municipal workbench"),
    "roadmap": (RoadmapSpec, "Roadmap of the municipal workbench"),
    "manifest": (Manifest, "Manifest of a run of the municipal workbench"),
}


def schema_text(name: str) -> str:
    """Return the JSON schema of a file format as text."""
    model, title = MODELS[name]
    return json.dumps(json_schema(model, title), indent=1, ensure_ascii=False) + "\n"


def write_schemas() -> None:
    """Write every schema to its file."""
    FOLDER.mkdir(exist_ok=True)
    for name in MODELS:
        (FOLDER / f"{name}.json").write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
