"""YAML with line numbers: what is read, what is refused, and where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import Reason, WorkbenchError
from workbench.specs.common import Spec
from workbench.specs.yaml import load, read_document


class Inner(Spec):
    direction: int = 1
    code: str


class Outer(Spec):
    name: str
    parts: tuple[Inner, ...] = ()


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "file.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(tmp_path: Path, text: str | bytes) -> list[str]:
    with pytest.raises(WorkbenchError) as caught:
        load(write(tmp_path, text), "file.yml", Outer)
    return [p.text() for p in caught.value.problems]


def test_yaml_1_2_keeps_texts(tmp_path: Path) -> None:
    document = read_document(
        write(tmp_path, "a: NO\nb: 12:30\nc: on\nd: 2025-01-31\ne: '01001'\n"), "f"
    )
    assert document.value == {"a": "NO", "b": "12:30", "c": "on", "d": "2025-01-31", "e": "01001"}


def test_numbers_and_nothing(tmp_path: Path) -> None:
    document = read_document(
        write(tmp_path, "a: 1_000\nb: -2.5\nc: ~\nd: true\ne: 0x10\nf: .inf\n"), "f"
    )
    assert document.value == {
        "a": 1000,
        "b": -2.5,
        "c": None,
        "d": True,
        "e": 16,
        "f": float("inf"),
    }


def test_a_number_where_a_code_belongs(tmp_path: Path) -> None:
    found = problems(tmp_path, "name: x\nparts:\n  - code: 01001\n")
    assert found == [
        'file.yml:3 parts[0].code: 01001 is a number; codes are text. Write "01001", with its quotes '
        "and any leading zero."
    ]


def test_a_typo_names_line_path_and_nearest(tmp_path: Path) -> None:
    found = problems(tmp_path, "name: x\nparts:\n  - code: a\n    directon: -1\n")
    assert found == ["file.yml:4 parts[0].directon: unknown key directon. Did you mean direction?"]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "parts:\n  - {}\n  - {code: a, direction: up}\nother: 1\n")
    assert len(found) == 4
    assert "file.yml:1: the key name is missing. Add it." in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", Reason.FILE_EMPTY),
        (b"   \n", Reason.FILE_EMPTY),
        ("name: Le\u00f3n".encode("latin-1"), Reason.FILE_ENCODING),
        ("a: [1, 2", Reason.YAML_SYNTAX),
        ("a: 1\na: 2\n", Reason.YAML_SYNTAX),
        ("a: !!python/object:os.system ls\n", Reason.YAML_SYNTAX),
        ("a: !custom x\n", Reason.YAML_SYNTAX),
        ("? [1, 2]\n: x\n", Reason.YAML_SYNTAX),
        ("- 1\n- 2\n", Reason.SPEC_VALUE),
        ("a: &x [*x]\n", Reason.YAML_SYNTAX),
        ("[" * 200 + "]" * 200, Reason.YAML_SYNTAX),
        ("[" * 20000, Reason.YAML_SYNTAX),
        ("a: \x00", Reason.YAML_SYNTAX),
        ("a: 1\n---\nb: 2\n", Reason.YAML_SYNTAX),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, reason: Reason) -> None:
    with pytest.raises(WorkbenchError) as caught:
        load(write(tmp_path, text), "file.yml", Outer)
    assert caught.value.reason == reason
    assert str(caught.value.problems[0].place).startswith("file.yml")


def test_a_billion_laughs_are_counted(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(WorkbenchError, match="too large"):
        read_document(write(tmp_path, "\n".join(lines)), "file.yml")


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "name: x")
    with pytest.raises(WorkbenchError, match=r"Did you mean file\.yml"):
        load(tmp_path / "fil.yml", "fil.yml", Outer)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: x\nother: 1" + "0" * 5000 + "\n", 2, "too large"),
        ("name: x\nother: 9007199254740993\n", 2, "between quotes"),
        ("name: x\nother: !!int abc\n", 2, "abc is not what its tag says"),
        ("name: x\nother: !!float abc\n", 2, "abc is not what its tag says"),
        ("name: x\nother: !!bool abc\n", 2, "abc is not what its tag says"),
        ("name: x\n\nother: a\x07b\n", 3, "U+0007"),
        ("name: x\nother:\n  " + "[" * 3000, 3, "nested too deeply"),
        ("name: x\nother: " + "{a: " * 3000, 2, "nested too deeply"),
        ('name: x\nother: "\\ud800"\n', 2, "half a character"),
        ('name: x\n"\\ud800": 1\n', 2, "half a character"),
        ("name: x\nother: a: b\n", 2, "a colon stands where no key can be"),
        ("name: x\nother: [a, b\n", 3, "lacks a comma or its end"),
    ],
)
def test_what_is_no_yaml_has_a_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        load(write(tmp_path, text), "file.yml", Outer)
    (problem,) = caught.value.problems
    assert (problem.reason, problem.place.line) == (Reason.YAML_SYNTAX, line)
    assert words in problem.text()


def test_a_character_of_two_halves_is_read(tmp_path: Path) -> None:
    assert read_document(write(tmp_path, 'a: "\\ud83d\\ude00"\n'), "f").value == {"a": "\U0001f600"}
