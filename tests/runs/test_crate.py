"""The RO-Crate of a run by the judgement of its own validator, without a network."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import rocrate
import urllib3
from jsonschema import Draft202012Validator
from requests import Request, Response
from requests_cache import CachedSession
from rocrate_validator import models, services

from tests.runs.test_proof import project_at, run_of
from tests.support import Project

# What the crate names as its context; the package that writes crates ships a copy of it.
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SHIPPED = Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld"
LICENCE = "licence: CC-BY-4.0\nauthor_is: organization\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project and its run, which no test changes."""
    project = project_at(tmp_path_factory.mktemp("crate"), extra=LICENCE)
    return project, run_of(project, parameters={})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The validator's cache, as if it had fetched the context once."""
    path = tmp_path_factory.mktemp("cache") / "http"
    content = SHIPPED.read_bytes()
    with CachedSession(cache_name=str(path), backend="sqlite", expire_after=-1) as session:
        answer = Response()
        answer.status_code, answer.url, answer._content = 200, CONTEXT, content
        answer.headers["Content-Type"] = "application/ld+json"
        answer.request = session.prepare_request(Request("GET", CONTEXT))
        answer.raw = urllib3.HTTPResponse(io.BytesIO(content), status=200, preload_content=False)
        session.cache.save_response(answer)
    return path


def issues(crate: Path, cache: Path) -> list[str]:
    """Return what the validator finds where the profile says REQUIRED."""
    found = services.validate(
        services.ValidationSettings(
            rocrate_uri=str(crate),
            profile_identifier="process-run-crate",
            requirement_severity=models.Severity.REQUIRED,
            offline=True,
            cache_path=cache,
        )
    )
    return [f"{issue.check.identifier}: {issue.message}" for issue in found.get_issues()]


def test_the_crate_of_a_run_is_a_process_run_crate(made: tuple[Project, Path], cache: Path) -> None:
    assert issues(made[1], cache) == []


@pytest.mark.parametrize(
    ("kind", "key"), [("CreateAction", "instrument"), ("Dataset", "conformsTo"), ("File", "@id")]
)
def test_the_validator_would_say_if_it_were_none(
    made: tuple[Project, Path], cache: Path, tmp_path: Path, kind: str, key: str
) -> None:
    """An empty list of issues says something only where a broken crate has some."""
    graph = json.loads((made[1] / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    entity = next(e for e in graph["@graph"] if e["@type"] == kind)
    entity[key] = "missing.csv"
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(graph), encoding="utf-8")
    assert issues(tmp_path, cache)


def test_the_crate_says_who_what_from_what_with_what_choices_giving_what(
    made: tuple[Project, Path],
) -> None:
    graph = json.loads((made[1] / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    by_id = {entity["@id"]: entity for entity in graph}
    manifest = json.loads((made[1] / "manifest.json").read_text(encoding="utf-8"))
    root = by_id["./"]
    assert (root["datePublished"], root["identifier"]) == ("2025-01-31", manifest["run_id"])
    assert by_id[root["license"]["@id"]]["name"] == "CC-BY-4.0"
    assert by_id[root["publisher"]["@id"]]["name"] == "Tester"
    assert by_id["#workbench"]["sha256"] == manifest["software"]["code_sha256"]
    objects = {part["@id"] for part in by_id["#scoring"]["object"]}
    assert {f"#input/{f['path']}" for f in manifest["inputs"]} < objects
    assert {"#choice/seed", "#choice/locale", "#instrument/data/instruments/prueba.yml"} < objects
    assert by_id["#instrument/data/instruments/prueba.yml"]["value"] == "version 1"
    listed = [f for r in manifest["reports"] for f in r["files"]]
    listed += manifest["data"] + manifest["pages"]
    assert {by_id[f["path"]]["sha256"] for f in listed} == {f["sha256"] for f in listed}


def test_the_manifest_names_its_schema_and_follows_it(made: tuple[Project, Path]) -> None:
    manifest = json.loads((made[1] / "manifest.json").read_text(encoding="utf-8"))
    schema = json.loads((made[1] / manifest["$schema"]).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(manifest)] == []
    manifest["inputs"][0]["hash"] = manifest["inputs"][0].pop("sha256")
    assert len(list(validator.iter_errors(manifest))) == 2
