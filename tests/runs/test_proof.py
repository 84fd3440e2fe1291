"""A run proved by whoever received it: verified, signed, packed, run again, compared with another."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from tests.support import OBSERVATIONS, Project
from workbench.cli import execute
from workbench.errors import WorkbenchError
from workbench.runs.contents import contents_of
from workbench.runs.diff import Cause, diff
from workbench.runs.merge import merge_runs
from workbench.runs.pack import pack
from workbench.runs.plan import make_plan
from workbench.runs.rerun import chosen, rerun
from workbench.runs.run import execute_plan
from workbench.runs.signature import read_key, sign
from workbench.runs.verify import Fault, verify
from workbench.study import Study

CELL = """
from workbench import Study
from workbench.display import municipality as report
view = Study.open(study, locale=locale).view(unit)
report.cover(view)
"""


def project_at(path: Path, observations: str = OBSERVATIONS, extra: str = "") -> Project:
    """Return a project of two units whose notebook shows the cover."""
    made = Project(path, observations=observations)
    made.study += f"notebooks: {{unit: notebooks/unit.ipynb, cohort: null}}\n{extra}"
    made.write()
    v4 = nbformat.v4
    first = v4.new_code_cell(
        'study = ""\nunit = ""\nlocale = "es-MX"', metadata={"tags": ["parameters"]}
    )
    node = v4.new_notebook(cells=[first, v4.new_code_cell(CELL)])
    for number, cell in enumerate(node.cells):
        cell["id"] = f"cell-{number}"  # else each project has a notebook of its own
    (path / "notebooks").mkdir()
    nbformat.write(node, path / "notebooks" / "unit.ipynb")
    return made


def run_of(made: Project, **options: object) -> Path:
    """Return the folder of a run with all its reports."""
    plan = make_plan(Study.open(made.write()), **options)  # type: ignore[arg-type]
    assert execute_plan(plan, workers=1).failed == 0
    return plan.run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project and its run, which no test changes."""
    project = project_at(tmp_path_factory.mktemp("proof"))
    return project, run_of(project)


@pytest.fixture
def run(made: tuple[Project, Path], tmp_path: Path) -> Path:
    """A copy of the run, to be changed."""
    return Path(shutil.copytree(made[1], tmp_path / "run"))


def faults(path: Path) -> list[tuple[str, Fault]]:
    return [(f.path, f.fault) for f in verify(path).findings]


def test_an_untouched_run_holds(run: Path) -> None:
    found = verify(run)
    assert found.findings == ()
    # Two reports of three files, pages, two tables twice, calibration, warnings, two views, crate.
    assert found.checked == len(found.manifest.files) > 15
    assert found.manifest.study_file == "params/estudio.yml"


def flipped(path: Path, place: float) -> None:
    """Flip a bit of a file."""
    content = bytearray(path.read_bytes())
    content[int((len(content) - 1) * place)] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0], ids=["first", "middle", "last"])
def test_one_flipped_bit_is_found_in_every_file(run: Path, place: float) -> None:
    names = [p.relative_to(run).as_posix() for p in sorted(run.rglob("*")) if p.is_file()]
    kinds = {Path(name).suffix for name in names}
    assert kinds == {
        *(".ipynb", ".html", ".pdf", ".csv", ".xlsx", ".parquet", ".json", ".jsonl", "")
    }
    for name in names:
        before = (run / name).read_bytes()
        flipped(run / name, place)
        if name == "ledger.jsonl":  # times, which no two runs share: outside of the promise
            assert faults(run) == []
        elif name == "manifest.json":
            assert execute(["verify", str(run)]) in (1, 2)
        else:
            assert faults(run) == [(name, Fault.ALTERED)], name
        (run / name).write_bytes(before)
    assert faults(run) == []


def test_the_sums_are_those_that_everybody_can_check(run: Path) -> None:
    program = shutil.which("sha256sum") or shutil.which("shasum")
    assert program, "neither sha256sum nor shasum is installed"
    command = [program, *(["-a", "256"] if program.endswith("shasum") else []), "-c", "SHA256SUMS"]
    done = subprocess.run(command, cwd=run, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(verify(run).manifest.files) + 1


@pytest.mark.parametrize(
    ("key", "value"), [("author", "Somebody else"), ("date", "2024-01-31"), ("licence", "CC0-1.0")]
)
def test_a_manifest_that_says_somebody_else_made_it_is_altered(
    run: Path, key: str, value: str
) -> None:
    path = run / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8")) | {key: value}
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert faults(run) == [("manifest.json", Fault.ALTERED)]


def test_what_is_missing_added_or_longer_is_named(run: Path) -> None:
    (run / "data" / "units.csv").unlink()
    (run / "reports" / "01001" / "extra.html").write_text("<p>", encoding="utf-8")
    with (run / "index.html").open("ab") as file:
        file.write(b" ")
    (run / "data" / "scores.csv").unlink()
    (run / "data" / "scores.csv").symlink_to("/dev/zero")
    assert set(faults(run)) == {
        ("data/units.csv", Fault.MISSING),
        ("reports/01001/extra.html", Fault.ADDED),
        ("index.html", Fault.ALTERED),
        ("data/scores.csv", Fault.ALTERED),
    }


def test_a_manifest_that_lies_of_its_inputs_contradicts_its_id(run: Path) -> None:
    path = run / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["inputs"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(said), encoding="utf-8")
    assert ("manifest.json", Fault.ID) in faults(run)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "here is none"),
        ("{", "can't be read"),
        ("[" * 100_000, "can't be read"),
        ('{"format": "other"}', "can't be read"),
    ],
)
def test_a_manifest_that_is_none_is_refused(run: Path, text: str | None, words: str) -> None:
    path = run / "manifest.json"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkbenchError, match=words):
        verify(run)


def test_a_manifest_that_reaches_out_of_its_folder_is_refused(run: Path, tmp_path: Path) -> None:
    path = run / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["data"][0]["path"] = "../../etc/passwd"
    path.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(WorkbenchError, match="a path that no run has"):
        verify(run)
    with pytest.raises(WorkbenchError, match="a path that no run has"):
        merge_runs([run], tmp_path / "whole")


def test_a_signature_holds_until_the_manifest_changes(run: Path, tmp_path: Path) -> None:
    key, signers = tmp_path / "key", tmp_path / "signers"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
    public = key.with_suffix(".pub").read_text(encoding="utf-8").split()
    signers.write_text(f"auditor@example.org {public[0]} {public[1]}\n", encoding="utf-8")
    unsigned = verify(run, signers=signers).findings
    assert [f.fault for f in unsigned] == [Fault.SIGNATURE]
    sign(run, contents_of(run), read_key(key))
    assert verify(run, signers=signers).signer == "auditor@example.org"
    assert verify(run, signers=signers, identity="auditor@example.org").findings == ()
    assert verify(run, signers=signers, identity="mayor@example.org").signer == ""
    with (run / "manifest.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    # A key that is none takes nothing away from what was signed.
    before = (run / "manifest.json.sig").read_bytes()
    with pytest.raises(WorkbenchError, match="there is no such key"):
        sign(run, contents_of(run), read_key(tmp_path / "none"))
    with pytest.raises(WorkbenchError, match="ssh-keygen could not sign"):
        sign(run, contents_of(run), read_key(signers))
    assert (run / "manifest.json.sig").read_bytes() == before
    found = verify(run, signers=signers)
    assert [f.fault for f in found.findings] == [Fault.ALTERED, Fault.SIGNATURE]
    assert "does not hold" in found.findings[1].what.text("en")


MINISIGN = """#!/bin/sh
# Stands in for minisign, which is not installed everywhere: its options, and a hash for a signature.
mode=$1; shift
while [ $# -gt 0 ]; do
  case $1 in -s|-p) key=$2; shift;; -m) file=$2; shift;; -x) sig=$2; shift;; -q) ;; *) exit 9;; esac
  shift
done
head -n 1 "$key" | grep -q '^untrusted comment: minisign' || exit 8
case $mode in
  -S) sha256sum < "$file" > "$sig";;
  -V) sha256sum < "$file" | cmp -s - "$sig" || { echo "Signature verification failed" >&2; exit 1; };;
esac
"""


def test_a_key_of_minisign_signs_by_its_own_command(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, public = tmp_path / "minisign.key", tmp_path / "minisign.pub"
    secret.write_text("untrusted comment: minisign encrypted secret key\nRWRT\n", encoding="utf-8")
    public.write_text("RWQpublic\n", encoding="utf-8")  # as it is printed in a page or a letter
    with monkeypatch.context() as without:
        without.setattr(shutil, "which", lambda name: None)
        with pytest.raises(WorkbenchError, match="minisign is not installed"):
            sign(run, contents_of(run), read_key(secret))
    program = tmp_path / "bin" / "minisign"
    program.parent.mkdir()
    program.write_text(MINISIGN, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    assert execute(["sign", str(run), "--key", str(secret)]) == 0
    assert (run / "manifest.json.minisig").is_file()
    assert verify(run, signers=public).signer == "RWQpublic"
    (run / "manifest.json.minisig").write_text("of another manifest\n", encoding="utf-8")
    found = verify(run, signers=public)
    assert (found.signer, [f.fault for f in found.findings]) == ("", [Fault.SIGNATURE])


def test_a_pack_is_the_same_every_time_and_verifies(
    made: tuple[Project, Path], run: Path, tmp_path: Path
) -> None:
    project = made[0].path
    first, withheld = pack(run, project, tmp_path / "a.zip")
    assert withheld == []
    (run / "index.html").touch()
    second, _ = pack(run, project, tmp_path / "b.zip")
    assert first.read_bytes() == second.read_bytes()
    found = verify(first)
    assert found.findings == ()
    assert found.inputs == 5
    names = zipfile.ZipFile(first).namelist()
    assert names == sorted(names)
    assert "inputs/data/observations.csv" in names
    assert "ledger.jsonl" not in names


def test_a_damaged_or_hostile_pack_is_named(run: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../evil", "x")
    with pytest.raises(WorkbenchError, match="a path that no run has"):
        verify(tmp_path / "out.zip")
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="this is no pack"):
        verify(tmp_path / "text.zip")
    # A file that swells to 50 MB is read no further than it should be long.
    name = "reports/01001/report.html"
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in run.rglob("*") if p.is_file()):
            inside = path.relative_to(run).as_posix()
            content = b"\0" * 50_000_000 if inside == name else path.read_bytes()
            archive.writestr(inside, content)
    assert faults(tmp_path / "bomb.zip") == [(name, Fault.ALTERED)]


@pytest.mark.parametrize("name", ["manifest.json", "ro-crate-metadata.json"])
def test_a_pack_damaged_where_it_is_read_first_is_said(
    made: tuple[Project, Path], run: Path, tmp_path: Path, name: str
) -> None:
    path, _ = pack(run, made[0].path, tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(name).header_offset
    content = bytearray(path.read_bytes())
    content[start + 200] ^= 0xFF
    path.write_bytes(bytes(content))
    assert execute(["verify", str(path)]) in (1, 2)


@pytest.mark.parametrize("content", [None, b"", b"PAR1 no table"])
@pytest.mark.parametrize("name", ["data/scores.parquet", "data/views/01001.json"])
def test_what_is_compared_must_be_there_and_readable(
    run: Path, name: str, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run / name
    path.unlink() if content is None else path.write_bytes(content)
    code = execute(["diff", str(run), str(run)])
    if content is None and "views" in name:  # a report that was not asked for has no view
        assert code == 0
    else:
        assert code == 2
        assert f"{name}: the file can't be read" in capsys.readouterr().err


def test_an_altered_run_or_input_is_not_packed(
    made: tuple[Project, Path], run: Path, tmp_path: Path
) -> None:
    project = Path(shutil.copytree(made[0].path, tmp_path / "project"))
    (project / "data" / "units.csv").write_text("unit,name\n01001,Other\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="it was changed since"):
        pack(run, project, tmp_path / "a.zip")
    (run / "index.html").write_text("", encoding="utf-8")
    with pytest.raises(WorkbenchError) as caught:
        pack(run, project, tmp_path / "a.zip")
    assert len(caught.value.problems) == 2
    assert not list(tmp_path.glob("*.zip*"))


@pytest.mark.slow
def test_restricted_inputs_are_named_by_their_hash_alone(tmp_path: Path) -> None:
    extra = "restricted: [data/observations.csv]\n"
    project = project_at(tmp_path / "p", extra=extra)
    run = run_of(project, formats=("ipynb",))
    path, withheld = pack(run, project.path, tmp_path / "a.zip")
    assert withheld == ["data/observations.csv"]
    names = zipfile.ZipFile(path).namelist()
    assert "inputs/data/units.csv" in names
    assert "inputs/data/observations.csv" not in names
    assert verify(path).findings == ()
    again = rerun(path, "all")
    assert "is not handed on" in again.inputs[0].text("en")
    assert not again.holds
    wrong = project_at(tmp_path / "q", extra="restricted: [data/other.csv]\n")
    with pytest.raises(WorkbenchError, match="reads no such file"):
        Study.open(wrong.write())


@pytest.mark.slow
def test_a_run_of_reference_data_is_proved_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lie outside of the project; a pack holds them, and needs no such folder to be run."""
    monkeypatch.setenv("WORKBENCH_REFERENCE", str(tmp_path / "shared"))
    project = project_at(tmp_path / "p")
    project.study = project.study.replace("data/observations.csv", "reference:a/observations.csv")
    (tmp_path / "shared" / "a").mkdir(parents=True)
    shutil.copy(project.path / "data" / "observations.csv", tmp_path / "shared" / "a")
    run = run_of(project, formats=("ipynb",))
    found = verify(run)
    assert found.findings == ()
    sizes = {f.path: f.bytes for f in found.manifest.inputs}
    assert sizes["reference:a/observations.csv"] == len(OBSERVATIONS)
    path, _ = pack(run, project.path, tmp_path / "a.zip")
    shutil.rmtree(tmp_path / "shared")
    assert (verify(path).findings, verify(path).inputs) == ((), 5)
    assert "inputs/reference/a/observations.csv" in zipfile.ZipFile(path).namelist()
    again = rerun(path, "1", workers=1)
    assert (again.inputs, again.same, again.holds) == ((), 1 + 1 + 6 + 2 + 1, True)


@pytest.mark.slow
def test_running_again_from_a_pack_gives_the_same_bytes(
    made: tuple[Project, Path], run: Path, tmp_path: Path
) -> None:
    path, _ = pack(run, made[0].path, tmp_path / "a.zip")
    found = rerun(path, "1", workers=1)
    assert (found.environment, found.inputs, found.failed) == ((), (), ())
    # Its three files and its view; scores, units and warnings twice, calibration, dictionary.
    assert (len(found.reports), found.same, found.differ) == (1, 3 + 1 + 6 + 2 + 1, ())
    assert found.holds


@pytest.mark.slow
def test_numbers_that_were_altered_and_hashed_anew_are_found_by_running_again(
    made: tuple[Project, Path], run: Path
) -> None:
    # Whoever rewrites a result can rewrite its hash, but not what its inputs give.
    path = run / "data" / "views" / "01002.json"
    view = json.loads(path.read_text(encoding="utf-8"))
    view["headline"][0]["score"] = 99.0
    path.write_text(json.dumps(view), encoding="utf-8")
    found = rerun(run, "all", project=made[0].path, workers=1)
    assert not found.holds
    assert found.numbers == ("01002.headline[0].score",)


def test_a_sample_of_a_run_without_reports_of_units_is_not_empty(run: Path) -> None:
    manifest = verify(run).manifest
    reports = tuple(r.model_copy(update={"kind": "cohort"}) for r in manifest.reports)
    assert len(chosen(manifest.model_copy(update={"reports": reports}), "1")) == 1


def test_another_input_is_said_and_nothing_run(
    made: tuple[Project, Path], run: Path, tmp_path: Path
) -> None:
    project = Path(shutil.copytree(made[0].path, tmp_path / "project"))
    with (project / "data" / "observations.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    found = rerun(run, "1", project=project)
    assert [m.text("en") for m in found.inputs] == [
        "data/observations.csv is not the one of the run"
    ]
    with pytest.raises(WorkbenchError, match="neither a number"):
        rerun(run, "some", project=project)
    with pytest.raises(WorkbenchError, match="not to be found"):
        rerun(run, "1", project=tmp_path)


@pytest.mark.slow
def test_a_difference_is_laid_to_its_cause(made: tuple[Project, Path], tmp_path: Path) -> None:
    changed = project_at(tmp_path / "p", OBSERVATIONS.replace("01002,agua,40", "01002,agua,99.5"))
    changed.observations = str(changed.observations).replace("01002,luz,20", "01002,luz,90")
    second = run_of(changed, formats=("ipynb",))
    found = diff(made[1], second)
    assert found.made_from[0].text("en") == "data/observations.csv changed"
    by_unit = {m.unit: m for m in found.moved}
    assert by_unit["01002"].scores == (30.0, 94.75)
    assert by_unit["01002"].ranks == (2, 1)
    assert by_unit["01002"].cause is Cause.OWN
    assert [(p.change, p.score) for p in by_unit["01002"].parts] == [
        ("data/observations.csv", 64.75)
    ]
    assert [(p.change, p.ranks) for p in by_unit["01001"].parts] == [
        ("data/observations.csv", (1, 2))
    ]
    assert by_unit["01001"].scores == (70.0, 70.0)
    assert by_unit["01001"].ranks == (1, 2)
    assert by_unit["01001"].cause is Cause.OTHERS
    same = diff(second, second)
    assert (same.made_from, same.moved) == ((), ())


@pytest.mark.slow
def test_a_change_of_method_is_told_from_one_of_data(
    made: tuple[Project, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = project_at(tmp_path / "p")
    other.instrument = other.instrument.replace("{method: arithmetic}", "{method: geometric}")
    found = diff(made[1], run_of(other, formats=("ipynb",)))
    assert {m.cause for m in found.moved} == {Cause.METHOD}
    other.observations = OBSERVATIONS.replace("01002,agua,40", "01002,agua,50")
    both = diff(made[1], run_of(other, formats=("ipynb",)))
    assert {m.unit: m.cause for m in both.moved} == {
        "01001": Cause.METHOD,
        "01002": Cause.UNTOLD,
    }
    # 40 and 20 make 30; with 50 they make 35, geometrically 28.28, and both together 31.62.
    parts = {m.unit: {p.change: p.score for p in m.parts} for m in both.moved}
    data, method = "data/observations.csv", "data/instruments/prueba.yml"
    assert parts["01002"] == pytest.approx(
        {data: 5.0, method: 800**0.5 - 30, "": 1000**0.5 - 30 - 5 - (800**0.5 - 30)}
    )
    assert parts["01001"] == pytest.approx({method: 4800**0.5 - 70})
    assert both.untold is None
    assert execute(["diff", str(made[1]), str(other.path / "outputs" / "estudio")]) == 0
    shown = capsys.readouterr().out.replace("\u2212", "-")
    for part in (f"{method} -1.72", f"{data} +5.00", "several together -1.66"):
        assert part in " ".join(shown.split())
    # Where the inputs of a run are there no more, the two runs alone tell what they can.
    (other.path / "data" / "units.csv").write_text("unit,name\n", encoding="utf-8")
    alone = diff(made[1], other.path / "outputs" / "estudio")
    assert alone.untold is not None
    assert "units.csv is not the one of the run" in alone.untold.text("en")
    assert {m.unit: m.parts for m in alone.moved} == {"01001": (), "01002": ()}


@pytest.mark.slow
def test_units_that_came_or_went_are_named(made: tuple[Project, Path], tmp_path: Path) -> None:
    fewer = project_at(tmp_path / "p")
    fewer.units = "unit,name,population\n01001,Aguas,1000\n"
    fewer.observations = "\n".join(OBSERVATIONS.splitlines()[:3]) + "\n"
    run = run_of(fewer, formats=("ipynb",))
    causes = {m.unit: m.cause for m in diff(made[1], run).moved}
    assert causes["01002"] is Cause.GONE
    assert {m.unit: m.cause for m in diff(run, made[1]).moved}["01002"] is Cause.NEW


def test_the_commands_say_it_with_their_exit_code(
    run: Path,
    made: tuple[Project, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert execute(["verify", str(run)]) == 0
    assert "are as the manifest says" in capsys.readouterr().out
    assert execute(["pack", str(run), "--project", str(made[0].path)]) == 0
    capsys.readouterr()
    assert execute(["diff", str(run), str(run)]) == 0
    assert "Both runs were made from the same." in capsys.readouterr().out
    monkeypatch.setenv("WORKBENCH_LANG", "es-MX")
    (run / "data" / "views" / "01002.json").unlink()  # as if one unit had gone
    assert execute(["diff", str(made[1]), str(run)]) == 0
    assert "unidad  nombre" in capsys.readouterr().out
    assert execute(["run", str(made[0].path / "params/estudio.yml"), "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("informe  de")
    monkeypatch.delenv("WORKBENCH_LANG")
    (run / "index.html").unlink()
    assert execute(["verify", str(run)]) == 1
    assert "index.html" in capsys.readouterr().out
    assert execute(["verify", str(tmp_path / "none")]) == 2
    assert "there is no such run" in capsys.readouterr().err
    assert pd.read_csv(run / "data" / "scores.csv").shape[0] == 6


@pytest.mark.slow
def test_elsewhere_the_environment_is_said_first_and_numbers_decide(
    made: tuple[Project, Path], run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that another version made on another machine: other bytes and words, the same numbers."""
    path = run / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["software"] |= {"version": "0.0.9", "code_sha256": "0" * 64, "machine": "Plan9 mips"}
    said["software"]["libraries"] |= {"numpy": "1.0"}
    path.write_text(json.dumps(said), encoding="utf-8")
    view = run / "data" / "views" / "01002.json"
    shown = json.loads(view.read_text(encoding="utf-8"))
    shown["info"]["title"] = "Otras palabras"
    view.write_text(json.dumps(shown), encoding="utf-8")
    scores = pd.read_parquet(run / "data" / "scores.parquet")
    scores["score"] *= 1 + 1e-12
    scores.to_parquet(run / "data" / "scores.parquet")
    for path in (view, run / "data" / "scores.parquet"):  # hashed anew, as that version had them
        for file in said["data"]:
            if run / file["path"] == path:
                file["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (run / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    found = rerun(run, "all", project=made[0].path, workers=1)
    assert found.holds
    assert found.differ[0] == "data/scores.parquet"
    assert found.compared > 6 * 10
    assert 0 < found.largest < 1e-11
    assert found.environment[0].text("en").startswith("the workbench is version")
    assert any("numpy" in m.text("en") for m in found.environment)
    assert any("Plan9 mips" in m.text("en") for m in found.environment)
    execute(["verify", str(run), "--rerun", "1", "--project", str(made[0].path)])
    lines = capsys.readouterr().out.splitlines()
    said_at = [n for n, line in enumerate(lines) if line.startswith("Another environment")]
    assert max(said_at) < min(n for n, line in enumerate(lines) if "made again" in line)
    # A score that is another one is found there too, with its place.
    scores.loc[scores["unit"] == "01001", "level"] = "rojo"
    scores.loc[0, "score"] += 0.01
    scores.to_parquet(run / "data" / "scores.parquet")
    found = rerun(run, "1", project=made[0].path, workers=1)
    assert not found.holds
    assert "01001 2025 total: score" in found.numbers
    assert "01001 2025 total: level" in found.numbers
