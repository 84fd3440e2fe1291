"""Filled-in forms turned into observations: all files, or none and every mistake in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import DataError, Place, Problem, Reason, WorkbenchError
from workbench.forms.answers import AnswerReader, Filled, tag_of
from workbench.forms.files import cell_of, write_csv
from workbench.forms.marking import write_marked
from workbench.forms.opening import FilledBook, FilledTable, check_passport, open_filled
from workbench.forms.questions import Form, form_of
from workbench.forms.read_export import ExportReader
from workbench.forms.read_table import TableReader
from workbench.forms.read_unit import UnitReader
from workbench.instruments import Instrument
from workbench.language import Message

COLUMNS = ("unit", "wave", "stage", "code", "state", "value", "note", "evidence", "source")
PROBLEM_COLUMNS = (
    "file", "sheet", "cell", "code", "reason", "what", "got", "expected", "fix",
)  # fmt: skip


@dataclass(frozen=True)
class Ingested:
    """What was read.

    Parameters
    ----------
    forms : tuple of Filled
    problems : tuple of Problem
    """

    forms: tuple[Filled, ...]
    problems: tuple[Problem, ...]

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield tidy rows, in the order of ``COLUMNS``, as texts."""
        for form in self.forms:
            for a in form.answers:
                value = "" if a.value is None else _number(a.value)
                yield (
                    form.unit, form.wave, form.stage, a.code, a.state, value, a.note, a.evidence,
                    Path(a.place.file).name,
                )  # fmt: skip


def ingest(
    files: Iterable[Path],
    instrument: Instrument,
    out: Path,
    *,
    problems: Path | None = None,
    marked: Path | None = None,
    locale: str | None = None,
) -> Ingested:
    """Read filled-in forms into one table of observations.

    Parameters
    ----------
    files : iterable of Path
        Workbooks of either layout, and exports of the XLSForm as csv or xlsx.
    instrument : Instrument
        Forms of another one, or of another version, are refused.
    out : Path
        Table of observations, csv; written only if there is no problem at all.
    problems : Path, optional
        Table of problems, csv; written only if there are some.
    marked : Path, optional
        Folder for copies of the files with mistakes, the cells marked.
    locale : str, optional
        Language of the table of problems; marks speak that of each form.

    Returns
    -------
    Ingested

    Raises
    ------
    DataError
        With every problem of every file; no observations are written.
    """
    paths, form = list(dict.fromkeys(files)), form_of(instrument)
    found = read_filled(paths, form)
    if found.problems:
        if problems is not None:
            write_csv(problems, PROBLEM_COLUMNS, problem_rows(found.problems, locale))
        if marked is not None:
            for _ in write_marked(marked, paths, found.problems, form):
                pass
        raise DataError(found.problems)
    write_csv(out, COLUMNS, found.rows())
    return found


def read_filled(files: Iterable[Path], form: Form) -> Ingested:
    """Return everything that is in the files, with every problem."""
    forms: list[Filled] = []
    problems: list[Problem] = []
    for path in files:
        try:
            forms.extend(_read(open_filled(path), form, problems))
        except WorkbenchError as error:
            problems.extend(error.problems)
    problems.extend(_duplicates(forms))
    if not forms and not problems:
        what = Message("no filled-in form was given")
        problems.append(Problem(Reason.NOTHING_OBSERVED, what))
    return Ingested(tuple(forms), tuple(problems))


def _read(
    opened: FilledBook | FilledTable, form: Form, problems: list[Problem]
) -> Iterator[Filled]:
    """Yield the forms in one file."""
    if isinstance(opened, FilledTable):
        export = ExportReader(opened, form)
        yield from export.read()
        problems.extend(export.problems)
        return
    wrong = check_passport(form, opened.passport, Place(opened.name))
    if wrong is not None:
        problems.append(wrong)
        return
    reader = AnswerReader(form, tag_of(opened.passport, form.instrument))
    if opened.passport.get("layout") == "rows":
        yield from TableReader(opened, reader).read()
    else:
        yield UnitReader(opened, reader).read()
    problems.extend(reader.problems)


def _duplicates(forms: list[Filled]) -> Iterator[Problem]:
    """Yield forms about the same unit, wave and stage as an earlier one.

    A form without a stage holds for each, so it meets every form that names one.
    """
    seen: dict[tuple[str, str], dict[str, Place]] = {}
    for form in forms:
        if not form.unit or not form.wave:
            continue
        stages = seen.setdefault((form.unit, form.wave), {})
        first = stages.get(form.stage) or stages.get("")
        if first is None and form.stage == "" and stages:
            first = next(iter(stages.values()))
        if first is not None:
            what = Message(
                "{unit} in {wave} was captured twice, first in {place}",
                unit=form.unit, wave=form.wave, place=str(first),
            )  # fmt: skip
            fix = Message("Keep one of the two, or correct unit, measurement or stage.")
            yield Problem(Reason.DUPLICATE, what, form.place, got=form.unit, fix=fix)
        stages.setdefault(form.stage, form.place)


def problem_rows(problems: Iterable[Problem], locale: str | None) -> Iterator[tuple[str, ...]]:
    """Yield problems as rows of ``PROBLEM_COLUMNS``."""
    for p in problems:
        yield (
            p.place.file, p.place.sheet or "", cell_of(p.place), p.code, str(p.reason),
            p.what.text(locale), p.got, p.expected.text(locale) if p.expected else "",
            p.fix.text(locale) if p.fix else "",
        )  # fmt: skip


def _number(value: float) -> str:
    """Return a number with all its digits."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
