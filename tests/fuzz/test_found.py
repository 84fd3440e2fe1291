"""What faulty input once did: each case with the least that showed it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.fuzz.bases import RUN
from tests.fuzz.case import Faulty, Outcome, judge
from tests.fuzz.faults.archive import bomb
from tests.fuzz.faults.plain import Unusual
from tests.fuzz.levels import parquet_bytes, zipped
from tests.fuzz.readers import READERS, bases_of
from workbench.errors import ADVICE, Problem, Reason
from workbench.language import Message

Change = Callable[[bytes], bytes]
SPARSE = Unusual.of("sparse")


def outcome_of(name: str, change: Change, folder: Path, number: int = 0) -> Outcome:
    """Return what came of the good input of a reader with its file changed."""
    reader = next(r for r in READERS if r.name == name)
    base = bases_of(reader)[number]
    return judge(reader, Faulty(base, change(base.files[base.target]), ""), folder)


def with_member(name: str, old: bytes, new: bytes) -> Change:
    """Return the change of one text in one member of an archive."""

    def change(content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(n, archive.read(n)) for n in archive.namelist()]
        assert any(old in c for n, c in members if n == name)
        return zipped([(n, c.replace(old, new, 1) if n == name else c) for n, c in members])

    return change


def bombed(name: str, megabytes: int) -> Change:
    """Return the change of a member that unpacks to so many megabytes more."""

    def change(content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(n, archive.read(n)) for n in archive.namelist()]
        return bomb(members, [n for n, _ in members].index(name), megabytes)

    return change


def columns(change: Callable[[pa.Table], pa.Table]) -> Change:
    """Return the change of a parquet file as a table of Arrow."""
    return lambda content: parquet_bytes(change(pa.parquet.read_table(io.BytesIO(content))))


def no_texts(table: pa.Table) -> pa.Table:
    """Put bytes that are no text into a column of texts."""
    offsets = pa.array(range(len(table) + 1), pa.int32()).buffers()[1]
    array = pa.StringArray.from_buffers(len(table), offsets, pa.py_buffer(b"\xff" * len(table)))
    return table.set_column(0, table.column_names[0], array)


def lists(name: str) -> Callable[[pa.Table], pa.Table]:
    return lambda t: t.set_column(t.column_names.index(name), name, pa.array([[1]] * len(t)))


def many_rows(table: pa.Table) -> pa.Table:
    texts = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), 30_000_000), ["x"])
    return pa.table({name: texts for name in ("unit", "agua", "luz")})


SHEET = "xl/worksheets/sheet1.xml"
FAR = with_member(SHEET, b'r="C3"', b'r="XFD1048576"')
REPEATED = with_member(
    "content.xml", b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1048576">'
)
SCORES_TWICE = columns(lambda t: pa.concat_tables([t, t]))
BAD_CELL = b'"cell_type": "code"'


@pytest.mark.parametrize(
    ("reader", "change", "words"),
    [
        # One cell at the far end: room for all cells between was made, and the process ended.
        ("xlsx", FAR, "goes to the cell XFD1048576"),
        ("form", with_member(SHEET, b"</sheetData>", b'<row r="99"><c r="XFD99"><v>1</v></c></row></sheetData>'), "goes to the cell"),
        ("export xlsx", with_member(SHEET, b"</sheetData>", b'<row r="99"><c r="XFD99"><v>1</v></c></row></sheetData>'), "goes to the cell"),
        ("COINr book", with_member(SHEET, b"</sheetData>", b'<row r="99"><c r="XFD99"><v>1</v></c></row></sheetData>'), "goes to the cell"),
        ("form", with_member(SHEET, b"</sheetData>", b'<row r="20001"><c r="A20001"><v>1</v></c></row></sheetData>'), "more than 20000 rows"),
        # Cells merged into one, each of which was made.
        ("form of rows", with_member(SHEET, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "merged into one"),
        ("ods", REPEATED, "stands more than 100000 times"),
        # Archives that unpack without end.
        ("xlsx", bombed(SHEET, 300), "times its size"),
        ("form", bombed(SHEET, 200), "times its size"),
        ("COINr book", bombed(SHEET, 150), "times its size"),
        ("ods", bombed("content.xml", 900), "times its size"),
        ("parquet", columns(many_rows), "more than 20000000 cells"),
        # Files without end.
        ("csv", lambda _: SPARSE, "too large"),
        ("csv", lambda c: c.replace(b"80", b"8" * 10_000_000), "more than 10000000 characters"),
        ("json", lambda _: SPARSE, "too large"),
        ("view", lambda _: SPARSE, "too large"),
        ("notebook", lambda _: SPARSE, "too large"),
        ("COINr data", lambda _: SPARSE, "too large"),
        ("COINr book", lambda _: SPARSE, "too large"),
        ("study", lambda c: c + b"notes: [" + b"a, " * 100_000 + b"a]\n", "more than 100000 keys"),
        ("json", lambda c: c.replace(b"{", b"{" + b"".join(b'"c%d": 1, ' % n for n in range(10_000)), 1), "more than 10000 columns"),
        # Bytes that are no text, in a column of texts: found only where they were used.
        ("parquet", columns(no_texts), "no parquet file"),
        ("scores of a run", columns(no_texts), "can't be read"),
        ("scores of a run", columns(lists("score")), "can't be read: score"),
        ("scores of a run", columns(lambda t: t.drop_columns(["level"])), "can't be read: level"),
        ("scores of a run", columns(lambda t: t.append_column("unit", t["unit"])), "can't be read"),
        ("scores of a run", SCORES_TWICE, "can't be read: unit, wave, node"),
        ("scores of a run", lambda _: Unusual.of("pipe"), "this is no file"),  # it was waited for
        ("roadmap", lambda _: Unusual.of("pipe"), "no such file"),
        # A hundred thousand answers of one town: two minutes went into marking each.
        ("export csv", lambda c: c + c.splitlines(keepends=True)[-1] * 30_000, "more than 20000 rows"),
        ("export csv", lambda c: c + (c.splitlines()[-1] + b"\n") * 3_000, "captured twice"),
        # Numbers too large to be any, and weights too large to be added up.
        ("json", lambda c: c.replace(b"80", b"9" * 400), "not a number"),
        ("COINr meta", lambda c: c.replace(b",1,Indicator", b",1e308,Indicator"), "from 0 to 1e+12"),
        # Expressions that a text of thirty letters keeps busy for years.
        *[("study", lambda c, p=p: c.replace(b"population: population", b"population: population, pattern: '" + p + b"'"), "may take for ever")
          for p in (b"(a+)+$", b"(x*)*y", b"(a|aa)+$", b"(a?){25}a{25}", b"a*a*a*a*a*b", b"((a{1,99}){1,99}){1,99}", b"(a*)\\1b")],
        # What a run has recorded, damaged.
        ("view", lambda c: c[:100], "what the run recorded"),
        ("view", lambda c: b"\xff" + c, "not UTF-8"),
        ("notebook", lambda c: c.replace(BAD_CELL, b'"cell": "code"', 1), "no notebook"),
        ("study", lambda c: c.replace(b"data/units.csv", b"''"), "units.file"),
        ("study", lambda c: c.replace(b"population: population", b"population: population, pattern: '[[a'"), "no regular expression"),
    ],
)  # fmt: skip
def test_is_refused(reader: str, change: Change, words: str, tmp_path: Path) -> None:
    outcome = outcome_of(reader, change, tmp_path / "case")
    assert (outcome.verdict, outcome.what) == ("refused", "")
    assert words in outcome.detail


@pytest.mark.parametrize(
    ("reader", "change"),
    [
        # A pattern of which Python warned on standard error.
        ("study", lambda c: c.replace(b"population: population", b"population: population, pattern: '[[0-9]+'")),
        # An anchor that is given anew, of which the reader of YAML warned.
        ("study", lambda c: c.replace(b"title: ", b"title: &a ", 1).replace(b"author: ", b"author: &a ", 1)),
        # Lines of the ledger and lists of reports that say something else than they should.
        ("ledger", lambda c: c.replace(b'"files": {', b'"files": "x", "parts": {')),
        ("ledger", lambda _: SPARSE),
        # Five million lines that are none.
        ("ledger", lambda c: c + b"\n" * 5_000_000),
        ("ledger", lambda c: c.replace(b'"job": "01001"', b'"job": "../../../x"')),
        ("list of reports", lambda _: b'{"head": [], "keys": 1, "reports": {}, "units": {}}'),
        ("list of reports", lambda _: SPARSE),
    ],
)  # fmt: skip
def test_is_read(reader: str, change: Change, tmp_path: Path) -> None:
    outcome = outcome_of(reader, change, tmp_path / "case")
    assert (outcome.verdict, outcome.what) == ("ok", "")


def test_a_part_of_a_run_that_names_a_file_too_long_to_exist(tmp_path: Path) -> None:
    """Half a copy of it was to be removed, which ended in a bug."""
    change: Change = lambda c: c.replace(b'"data/scores.csv"', b'"' + b"not " * 100 + b'"')  # noqa: E731
    outcome = outcome_of("manifest", change, tmp_path / "case", number=2)
    assert (outcome.verdict, outcome.what) == ("refused", "")


def test_a_form_with_parts_unknown_to_its_reader_is_read_without_a_warning(tmp_path: Path) -> None:
    """The reader of workbooks warned of extensions, which spreadsheets write into every file."""
    extension = b'<extLst><ext uri="{x}"><a/></ext></extLst></worksheet>'
    outcome = outcome_of("form", with_member(SHEET, b"</worksheet>", extension), tmp_path / "case")
    assert outcome.what == ""


def test_a_character_that_no_workbook_holds_is_marked(tmp_path: Path) -> None:
    change: Change = lambda c: c.replace(b"nota", "not\ufffe".encode()).replace(b"10", b"x")  # noqa: E731
    outcome = outcome_of("export csv", change, tmp_path / "case")
    assert (outcome.verdict, outcome.what) == ("refused", "")
    assert (tmp_path / "case/project/marked").is_dir()


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [
        ("verify", LONG), ("diff", LONG, LONG), ("pack", LONG), ("replicate", LONG),
        ("verify", RUN, "--signers", LONG), ("instruments", LONG), ("merge", LONG, LONG, "--out", "whole"),
        ("explain", "params/estudio.yml", "01001", "agua", "--wave", "[]"),
        ("score", "params/estudio.yml", "--node", "agua ( "), ("check", ""),
    ],
)  # fmt: skip
def test_arguments_that_name_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    """Paths longer than a name can be ended in a bug; some refusals had no place."""
    outcome = outcome_of("arguments", lambda _: "\n".join(words).encode(), tmp_path / "case")
    assert (outcome.verdict, outcome.what) == ("refused", "")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_comes_with_advice(reason: Reason) -> None:
    assert Problem(reason, Message("x")).fix == ADVICE[reason]
    own = Message("Do this.")
    assert Problem(reason, Message("x"), fix=own).fix == own
