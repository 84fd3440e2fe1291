"""An outline filled in: a copy under an id of its own, with the items of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from ruamel.yaml import YAML

from workbench.errors import DataError, InstrumentError, Place, Problem, Reason
from workbench.forms.files import write_beside, write_csv, write_workbook
from workbench.forms.sheets import cell_at, put_text
from workbench.instruments import Instrument, load_instrument
from workbench.instruments.formula import parse
from workbench.instruments.terms import terms_of
from workbench.language import Message, marked
from workbench.observations.tables import RawTable
from workbench.specs.common import languages_beside
from workbench.study.fill.parts import PartMaker
from workbench.study.fill.rows import Item, ItemReader, open_table
from workbench.study.project import INSTRUMENTS, list_instruments

SCHEMAS = ("data/schemas", "workbench/specs/schemas")
SOURCE = "carga"
NOTE = marked("Titles and rules loaded from {source}; nobody compared them with what is published.")
TITLE = marked("{title} (with titles loaded)")
_AT = re.compile(r"^(nodes|indicators)\[(\d+)\]")


@dataclass(frozen=True)
class Filled:
    """A filled-in copy of an outline.

    Parameters
    ----------
    path : Path
        Its file.
    instrument : Instrument
    outline : Instrument
    """

    path: Path
    instrument: Instrument
    outline: Instrument


def fill_outline(
    outline: Instrument,
    table: Path,
    *,
    name: str,
    root: Path,
    out: Path | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Filled:
    """Write a copy of an outline with the items of a table.

    Parameters
    ----------
    outline : Instrument
    table : Path
        csv, xlsx, ods or parquet: a row a group, an indicator or an element.
    name : str
        Id of the copy; no instrument may have it yet.
    root : Path
        Project folder.
    out : Path, optional
        ``data/instruments/NAME.yml`` by default; it must be new.
    title : str, optional
        Title of the copy; that of the outline, said to be filled in, by default.
    source : str, optional
        Where titles and rules come from; the name of the table by default.

    Returns
    -------
    Filled

    Raises
    ------
    WorkbenchError
        With every mistake of the table, each at its cell; nothing is written then.
    """
    target = out or root / INSTRUMENTS / f"{name}.yml"
    _refuse_known(name, target, root)
    rows = open_table(table)
    reader = ItemReader(outline, rows)
    items = reader.items()
    maker = PartMaker(outline, items, rows, reader.problems)
    groups, indicators = maker.groups(), maker.indicators()
    reader.problems += _left_open(outline, items, rows)
    if reader.problems:
        raise DataError(sorted(reader.problems, key=lambda p: p.place.row or 0))
    content = _content(outline, name, title, source or table.name)
    content |= {"nodes": groups, "indicators": indicators}
    _renew_conditions(outline, content)
    text = _yaml(content, target)
    return Filled(target, _checked(text, target, maker, rows), outline)


def _refuse_known(name: str, target: Path, root: Path) -> None:
    """Raise if the copy would take the id or the file of something else."""
    if name in {path.stem for path in list_instruments(root)}:
        what = Message("there is an instrument {name} already", name=name)
        fix = Message("Give the copy an id of its own.")
        raise InstrumentError(Problem(Reason.PARAMETER_VALUE, what, Place("--id"), fix=fix))
    if target.exists():
        what = Message("the file exists, and is not written over")
        raise InstrumentError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(target))))


def _left_open(outline: Instrument, items: list[Item], table: RawTable) -> Iterator[Problem]:
    """Yield the items of the outline that the table leaves out, where it uses their codes."""
    listed = {item.code for item in items}
    if not listed & set(outline.indicators):
        return  # the table has codes of its own
    for code in outline.indicators:
        if code not in listed:
            what = Message("{code} of the outline is not in the table", code=code)
            fix = Message("Write its row; with kind: none if it is no longer asked for.")
            yield Problem(Reason.CODE_UNKNOWN, what, table.place(column="code"), fix=fix)


def _content(outline: Instrument, name: str, title: str | None, source: str) -> dict[str, Any]:
    """Return the head of the copy: the outline's, with its own id, title and source."""
    spec = outline.spec
    made = spec.model_dump(mode="json", exclude_defaults=True)
    for key in ("gaps", "nodes", "indicators", "short_title", "versions"):
        made.pop(key, None)
    made["id"] = name
    made["title"] = title or {
        tag: Message(TITLE, title=spec.title.in_(tag, spec.language)).text(tag)
        for tag in languages_beside(spec.title, spec.language)
    }
    made["completeness"] = "partial"
    note = Message(NOTE, source=source)
    made["completeness_note"] = {tag: note.text(tag) for tag in languages_beside(None)}
    made["sources"] = [*made["sources"], {"id": SOURCE, "title": source}]
    made["versions"] = [{"of": spec.id, "same_codes": "all"}]
    return made


def _renew_conditions(outline: Instrument, content: dict[str, Any]) -> None:
    """Let conditions that ask for every item of the outline ask for every item of the copy."""
    every = set(outline.indicators)
    asked = " and ".join(f'complete("{i["code"]}")' for i in content["indicators"])
    for part in (*content["tiers"], *content["nodes"]):
        rule = part.get("aggregate") or {}
        for level in rule["levels"] if rule.get("method") == "conditions" else ():
            terms = terms_of(parse(level["when"]))
            if {t.code for t in terms if t.reads == "complete"} == every:
                level["when"] = asked


def _yaml(content: dict[str, Any], target: Path) -> str:
    """Return an instrument as YAML, with the schema for editors where one is at hand."""
    writer = YAML()
    writer.width = 4096
    writer.allow_unicode = True
    out = StringIO()
    writer.dump(content, out)
    return _schema_line(target) + out.getvalue()


def _schema_line(target: Path) -> str:
    """Return the line that names the schema; empty where there is none near the file."""
    for depth, folder in enumerate(target.resolve().parents):
        for schemas in SCHEMAS:
            if (folder / schemas / "instrument.json").is_file():
                up = "/".join([".."] * depth) or "."
                return f"# yaml-language-server: $schema={up}/{schemas}/instrument.json\n"
    return ""


def _checked(text: str, target: Path, maker: PartMaker, table: RawTable) -> Instrument:
    """Return the written copy, loaded; what the loader refuses is told at the rows of the table."""
    write_beside(target, text.encode("utf-8"))
    try:
        return load_instrument(target, str(target))
    except InstrumentError as error:
        target.unlink()
        rows = [i.row for i in maker.indicators_listed]
        raise DataError([_at_row(p, rows, table) for p in error.problems]) from error


def _at_row(problem: Problem, rows: list[int], table: RawTable) -> Problem:
    """Return a problem of the copy at the row of the table that it comes from."""
    found = _AT.match(problem.place.path or "")
    if found is None or found[1] != "indicators":
        return problem
    return replace(problem, place=table.place(rows[int(found[2])]))


def write_blank(outline: Instrument, path: Path) -> int:
    """Write the table to fill in for an outline, and return its rows.

    Parameters
    ----------
    outline : Instrument
    path : Path
        csv or xlsx; it must be new.
    """
    if path.exists():
        what = Message("the file exists, and is not written over")
        raise DataError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path))))
    used = dict.fromkeys(outline.nodes[c].scale for c in outline.indicators)
    levels = [x.id for s, own in outline.scales.items() if s in used or not used for x in own]
    header = ["code", "parent", "kind", "title_es", "title_en", *levels, "review", "evidence_es"]
    rows = []
    for code, node in outline.nodes.items():
        titles = [outline.title(code, tag) if not node.is_indicator else "" for tag in ("es", "en")]
        parents = "" if node.is_indicator else " ".join(node.parents)
        kind = "" if node.is_indicator else "group"
        rows.append([code, parents, kind, *titles, *[""] * (len(header) - 5)])
    if path.suffix.lower() == ".xlsx":
        book = Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)  # noqa: S101  # a new workbook has a sheet
        for number, row in enumerate((header, *rows), start=1):
            for column, text in enumerate(row, start=1):
                if text:
                    put_text(cell_at(sheet, number, column), text)
        for cells in sheet.iter_rows(max_col=1):
            cells[0].number_format = "@"
        write_workbook(path, book)
    elif path.suffix.lower() == ".csv":
        write_csv(path, header, rows)
    else:
        what = Message("the table to fill in is written as .csv or .xlsx")
        raise DataError(Problem(Reason.FILE_FORMAT, what, Place(str(path)), got=path.suffix))
    return len(rows)
