"""The committed JSON schemas are those of the models, and every file names its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import regress
from pydantic import TypeAdapter, ValidationError

from workbench.specs.common import CODE_PATTERN, Code
from workbench.specs.schema_files import FOLDER, MODELS, schema_text


@pytest.mark.parametrize("name", MODELS)
def test_schema_is_current(name: str) -> None:
    committed = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert committed == schema_text(name), "run: make schemas"
    assert json.loads(committed)["$schema"].startswith("https://json-schema.org/")


def test_first_line_points_to_the_schema(root: Path) -> None:
    files = [
        *root.glob("data/instruments/*.yml"),
        *root.glob("params/**/*.yml"),
        *root.glob("data/cases/*/*.yml"),
    ]
    assert len(files) >= 25
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("$schema=")[2]).is_file(), path


@pytest.mark.parametrize(
    ("code", "fits"),
    [("educación_básica", True), ("Ñuñoa-1.2", True), ("agua", True), ("dos palabras", False), ("", False)],
)  # fmt: skip
def test_codes_are_the_same_to_editors_and_to_models(code: str, fits: bool) -> None:
    """Editors read patterns by the rules of JavaScript, models by those of Rust."""
    pattern = regress.Regex(CODE_PATTERN, "u")
    assert (pattern.find(code) is not None) is fits
    model = TypeAdapter(Code)
    if fits:
        assert model.validate_python(code) == code
    else:
        with pytest.raises(ValidationError):
            model.validate_python(code)
    assert CODE_PATTERN in {
        part.get("pattern")
        for part in json.loads(schema_text("instrument"))["$defs"]["Group"]["properties"].values()
    }
