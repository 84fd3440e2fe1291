"""Every piece of YAML on the pages is a piece of a study, a roadmap or an instrument, as of now."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.docs.pages import PAGES, ROOT, blocks
from tests.support import STUDY
from workbench.specs.instrument import InstrumentSpec
from workbench.specs.roadmap import RoadmapSpec
from workbench.specs.study import StudySpec
from workbench.specs.yaml import load

FOUND = [
    pytest.param(block.text, id=f"{page.stem}:{block.line}")
    for page in PAGES
    for block in blocks(page)
    if block.language == "yaml" and block.file is None
]


YEARS = ("2018", "2023", "2024", "2025")  # waves that the pages name
WAVES = [{"id": year, "year": int(year)} for year in YEARS]


def read(text: str) -> dict[str, Any]:
    return YAML(typ="safe").load(StringIO(text))


def keys_of_instruments() -> set[str]:
    """Return every key that may stand anywhere in the file of an instrument or of a study."""
    keys: set[str] = set()
    for name in ("instrument", "study"):
        text = (ROOT / f"workbench/specs/schemas/{name}.json").read_text(encoding="utf-8")
        schema = json.loads(text)
        for part in [schema, *schema["$defs"].values()]:
            keys |= set(part.get("properties", {}))
    return keys


def test_there_is_yaml_on_the_pages() -> None:
    assert len(FOUND) > 15


@pytest.mark.parametrize("text", FOUND)
def test_yaml_of_a_page_is_read(text: str, tmp_path: Path) -> None:
    part = read(text)
    path = tmp_path / "part.yml"
    if "tasks" in part:
        path.write_text(text, encoding="utf-8")
        load(path, "part.yml", RoadmapSpec)
    elif set(part) <= set(StudySpec.model_fields):
        YAML(typ="safe").dump({**read(STUDY), "waves": WAVES, **part}, path)
        load(path, "part.yml", StudySpec)
    else:  # of an instrument: what its keys mean depends on where they stand
        assert set(part) <= set(InstrumentSpec.model_fields) | keys_of_instruments()
