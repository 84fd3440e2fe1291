"""The data package: what the standard asks for, written here from it, and what stays private."""

import csv
import json
import re
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support import Project
from workbench.cli import execute
from workbench.errors import Reason, WorkbenchError
from workbench.interchange.export import export
from workbench.interchange.package import package
from workbench.study import Study

STUDIES = ("gdm-slp-2025", "encuesta-ejemplo", "pefa-subnacional-ejemplo", "fortaleza-ejemplo")
# Of the standard, https://datapackage.org/standard/: table schema, data resource, data package.
TYPES = {"string", "number", "integer", "boolean", "date"}
NAME = re.compile(r"^[-a-z0-9._/]+$")
HASH = re.compile(r"^([^:]+:[^:]+|[a-fA-F0-9]{32})$")


def made(name: str, to: str = "csv") -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the descriptor and the files of a shipped study."""
    files = package(Study.open(f"params/{name}.yml"), "0123456789abcdef", to)
    return json.loads(files["datapackage.json"]), files


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a csv file."""
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("name", STUDIES)
def test_the_descriptor_is_what_the_standard_asks_for(name: str) -> None:
    found, files = made(name, "package")
    assert found["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert NAME.match(found["name"])
    assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", found["created"])
    assert all("name" in x or "path" in x for x in found.get("licenses", []))
    assert all(x["title"] for x in [*found.get("sources", []), *found["contributors"]])
    names = [resource["name"] for resource in found["resources"]]
    assert len(set(names)) == len(names) > 0
    assert {r["path"] for r in found["resources"]} == set(files) - {"datapackage.json"}
    for resource in found["resources"]:
        content = files[resource["path"]]
        assert NAME.match(resource["name"])
        assert not resource["path"].startswith(("/", "."))
        assert (resource["bytes"], resource["hash"]) == (
            len(content), f"sha256:{sha256(content).hexdigest()}",
        )  # fmt: skip
        assert HASH.match(resource["hash"])
        assert resource["type"] == "table"
        fields = resource["schema"]["fields"]
        assert {f["type"] for f in fields} <= TYPES
        assert all(f["name"] and f["title"] and f["description"] for f in fields)
        known = {f["name"] for f in fields}
        assert set(resource["schema"].get("primaryKey", [])) <= known
        for link in resource["schema"].get("foreignKeys", []):
            assert set(link["fields"]) <= known
            other = found["resources"][names.index(link["reference"]["resource"])]
            theirs = {f["name"] for f in other["schema"]["fields"]}
            assert set(link["reference"]["fields"]) <= theirs


def parses(text: str, kind: str) -> bool:
    """Return whether a cell is of a type of the table schema."""
    if text == "" or kind == "string":
        return True
    if kind == "date":
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None
    pattern = r"[+-]?\d+" if kind == "integer" else r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?"
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize("name", STUDIES)
def test_the_tables_are_what_the_descriptor_says(name: str) -> None:
    found, files = made(name)
    tables = {r["name"]: rows_of(files[r["path"]]) for r in found["resources"]}
    for resource in found["resources"]:
        schema, rows = resource["schema"], tables[resource["name"]]
        head = next(csv.reader(StringIO(files[resource["path"]].decode())))
        assert head == [f["name"] for f in schema["fields"]]
        for field in schema["fields"]:
            assert all(parses(row[field["name"]], field["type"]) for row in rows), field["name"]
        if "primaryKey" in schema:
            keys = [tuple(row[k] for k in schema["primaryKey"]) for row in rows]
            assert len(set(keys)) == len(keys)
            assert all(all(key) for key in keys)
        for link in schema.get("foreignKeys", []):
            (own,), (theirs,) = link["fields"], link["reference"]["fields"]
            others = {row[theirs] for row in tables[link["reference"]["resource"]]}
            assert {row[own] for row in rows} - {""} <= others
    for table in ("units", "waves", "nodes", "scores"):
        schema = next(r["schema"] for r in found["resources"] if r["name"] == table)
        assert "primaryKey" in schema
    links = {r["name"]: len(r["schema"].get("foreignKeys", [])) for r in found["resources"]}
    assert (links["scores"], links["answers"]) == (3, 2)


def test_the_tables_hold_the_scores_of_the_study_in_both_formats() -> None:
    study = Study.open("params/fortaleza-ejemplo.yml")
    files = package(study, "run", "package")
    expected = study.scores.frame
    as_csv = pd.read_csv(BytesIO(files["scores.csv"]), dtype={"unit": str, "wave": str})
    as_parquet = pd.read_parquet(BytesIO(files["scores.parquet"]))
    for found in (as_csv, as_parquet):
        assert found["score"].to_numpy() == pytest.approx(expected["score"].to_numpy(), nan_ok=True)
        assert found["unit"].tolist() == expected["unit"].astype(str).tolist()
    assert package(study, "run", "package") == files


def test_small_cells_stay_suppressed_and_what_people_wrote_stays_out() -> None:
    study = Study.open("params/encuesta-ejemplo.yml")
    hidden = {(w.unit, w.wave, w.node) for w in study.warnings if w.kind == "survey_suppressed"}
    assert hidden, "the example suppresses nothing, so the test shows nothing"
    _, files = made("encuesta-ejemplo")
    for row in rows_of(files["answers.csv"]):
        if (row["unit"], row["wave"], row["code"]) in hidden:
            assert row["value"] == ""
    for name in ("gdm-ejemplo", "pefa-subnacional-ejemplo"):
        study = Study.open(f"params/{name}.yml")
        frame = study.scored_observations.frame
        written = {t for c in ("note", "evidence") for t in frame[c].astype(str) if len(t) > 12}
        assert written, "nobody wrote anything, so the test shows nothing"
        everything = b"\n".join(package(study, "run", "csv").values()).decode()
        assert [text for text in written if text in everything] == []


def test_one_unit_is_exported_alone() -> None:
    study = Study.open("params/gdm-slp-2025.yml")
    files = package(study, "run", "csv", ("24024",))
    for table in ("units", "answers", "scores", "counts"):
        assert {row["unit"] for row in rows_of(files[f"{table}.csv"])} == {"24024"}
    assert {row["unit"] for row in rows_of(files["warnings.csv"])} <= {"24024", ""}


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    study = Project(tmp_path).open()
    out = tmp_path / "mine"
    assert [p.name for p in export(study, "csv", out)][-1] == "datapackage.json"
    assert export(study, "csv", out)  # that of an earlier export is written anew
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(WorkbenchError) as caught:
        export(study, "csv", other)
    assert caught.value.problems[0].reason is Reason.FILE_EXISTS
    assert [p.name for p in other.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("to", "out", "reason"),
    [
        ("xls", "a.xlsx", Reason.PARAMETER_VALUE),
        ("xlsx", "a.csv", Reason.FILE_FORMAT),
    ],
)
def test_forms_that_are_not_known_are_told(
    tmp_path: Path, to: str, out: str, reason: Reason
) -> None:
    with pytest.raises(WorkbenchError) as caught:
        export(Project(tmp_path).open(), to, tmp_path / out)
    assert caught.value.problems[0].reason is reason
    assert not (tmp_path / out).exists()


def test_the_command_writes_the_workbook_and_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = str(Project(tmp_path).write())
    monkeypatch.chdir(tmp_path)
    assert execute(["export", study, "--to", "xlsx", "--out", "a.xlsx"]) == 0
    assert execute(["export", study, "--to", "package", "--out", "tables", "--unit", "01001"]) == 0
    assert execute(["export", study, "--to", "csv", "--out", "no", "--unit", "09999"]) == 2
    assert "09999" in capsys.readouterr().err
    assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"
    assert (tmp_path / "tables/scores.parquet").is_file()
    assert not (tmp_path / "no").exists()
