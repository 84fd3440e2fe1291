"""Errors that say where, what came, what was expected and what to do next.

Everything a user can cause raises a :class:`WorkbenchError` or one of its few children. An error
carries one or many :class:`Problem` values, so that a file of 200 mistakes is reported once, whole.
The module imports nothing of the workbench except the language room, which keeps it free of cycles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from workbench.language import Message


class Reason(StrEnum):
    """Machine-readable cause of a problem; the part before the dot is its family."""

    FILE_MISSING = "file.missing"
    FILE_EMPTY = "file.empty"
    FILE_ENCODING = "file.encoding"
    FILE_FORMAT = "file.format"
    FILE_TOO_LARGE = "file.too_large"
    FILE_NOT_WRITABLE = "file.not_writable"
    FILE_EXISTS = "file.exists"
    YAML_SYNTAX = "yaml.syntax"
    SPEC_UNKNOWN_KEY = "spec.unknown_key"
    SPEC_MISSING_KEY = "spec.missing_key"
    SPEC_VALUE = "spec.value"
    SPEC_REFERENCE = "spec.reference"
    CODE_IS_NUMBER = "code.is_number"
    FORMULA = "formula.invalid"
    INSTRUMENT_CYCLE = "instrument.cycle"
    INSTRUMENT_LEVELS = "instrument.levels"
    INSTRUMENT_OUTLINE = "instrument.outline"
    INSTRUMENT_UNKNOWN = "instrument.unknown"
    COLUMN_MISSING = "data.column_missing"
    UNIT_UNKNOWN = "data.unit_unknown"
    UNIT_DUPLICATED = "data.unit_duplicated"
    UNIT_CODE = "data.unit_code"
    WAVE_UNKNOWN = "data.wave_unknown"
    STAGE_UNKNOWN = "data.stage_unknown"
    RATER_UNKNOWN = "data.rater_unknown"
    RESPONDENT = "data.respondent"
    CODE_UNKNOWN = "data.code_unknown"
    ELEMENT_UNKNOWN = "data.element_unknown"
    CELL_UNREADABLE = "data.cell_unreadable"
    VALUE_NOT_NUMBER = "data.value_not_number"
    VALUE_RANGE = "data.value_range"
    STATE_UNKNOWN = "data.state_unknown"
    STATE_NOT_ALLOWED = "data.state_not_allowed"
    DUPLICATE = "data.duplicate"
    TALLY = "data.tally"
    NOTHING_OBSERVED = "data.nothing_observed"
    PARAMETER_UNKNOWN = "parameter.unknown"
    PARAMETER_VALUE = "parameter.value"
    PROJECT_MISSING = "project.missing"
    EXTRA_MISSING = "extra.missing"
    LOCALE = "locale.unknown"
    CALIBRATION = "scoring.calibration"
    PLUGIN = "plugin.invalid"
    NODE_UNKNOWN = "scoring.node_unknown"
    REPORT = "report.failed"
    RUN = "run.invalid"
    RUN_LOCKED = "run.locked"


# What to do about a problem whose finder knows nothing closer.
ADVICE = {
    Reason.FILE_MISSING: Message("Check the path."),
    Reason.FILE_EMPTY: Message("Fill it in, or leave it out."),
    Reason.FILE_ENCODING: Message("Save it as UTF-8."),
    Reason.FILE_FORMAT: Message("Save it again with the program that made it, or take a copy."),
    Reason.FILE_TOO_LARGE: Message("Leave out what is not needed, or split it."),
    Reason.FILE_NOT_WRITABLE: Message("Choose another place, or make room in this one."),
    Reason.FILE_EXISTS: Message("Choose another name, or move the one that is there."),
    Reason.YAML_SYNTAX: Message("Check indentation, colons and quotes near this line."),
    Reason.SPEC_UNKNOWN_KEY: Message("Delete it, or correct its name."),
    Reason.SPEC_MISSING_KEY: Message("Add it."),
    Reason.SPEC_VALUE: Message("Correct it in the file; the guide says what may stand there."),
    Reason.SPEC_REFERENCE: Message("Correct the name, or define what it names."),
    Reason.CODE_IS_NUMBER: Message("Write the code as text, with its leading zeros."),
    Reason.FORMULA: Message("Correct the formula; the guide says what it may hold."),
    Reason.INSTRUMENT_CYCLE: Message("Take away one of the links of the circle."),
    Reason.INSTRUMENT_LEVELS: Message("Correct the bands of the instrument."),
    Reason.INSTRUMENT_OUTLINE: Message("Fill in its items first."),
    Reason.INSTRUMENT_UNKNOWN: Message("List the instruments: workbench instruments."),
    Reason.COLUMN_MISSING: Message("Add the column, or correct its name."),
    Reason.UNIT_UNKNOWN: Message("Correct the code, or add it to the table of units."),
    Reason.UNIT_DUPLICATED: Message("Keep one of them."),
    Reason.UNIT_CODE: Message("Correct the code."),
    Reason.WAVE_UNKNOWN: Message("Correct it, or add the wave to the study."),
    Reason.STAGE_UNKNOWN: Message("Correct it, or leave it out."),
    Reason.RATER_UNKNOWN: Message("Correct it, or leave it out."),
    Reason.RESPONDENT: Message("Correct the row, or leave it out."),
    Reason.CODE_UNKNOWN: Message("Correct the code, or pass the column over with ignore."),
    Reason.ELEMENT_UNKNOWN: Message("Correct the code."),
    Reason.CELL_UNREADABLE: Message("Write a text or a number, or leave the cell empty."),
    Reason.VALUE_NOT_NUMBER: Message("Write a number, or leave the cell empty."),
    Reason.VALUE_RANGE: Message("Correct the value, or leave it out if nothing was observed."),
    Reason.STATE_UNKNOWN: Message("Write one of the levels or states of the instrument."),
    Reason.STATE_NOT_ALLOWED: Message("Write another state, or leave it out."),
    Reason.DUPLICATE: Message("Keep one of them."),
    Reason.TALLY: Message("Correct the counts."),
    Reason.NOTHING_OBSERVED: Message("Fill in what was observed."),
    Reason.PARAMETER_UNKNOWN: Message("Correct the name, or leave it out."),
    Reason.PARAMETER_VALUE: Message("Correct the value; --help or the docstring lists what fits."),
    Reason.PROJECT_MISSING: Message("Check the path."),
    Reason.EXTRA_MISSING: Message("Install what is missing; the README says how."),
    Reason.LOCALE: Message("Write a language and a country, such as es-MX."),
    Reason.CALIBRATION: Message("Leave out what can't be computed, or choose another method."),
    Reason.PLUGIN: Message("Install or correct the plug-in, or name another."),
    Reason.NODE_UNKNOWN: Message("Correct the code; workbench instruments ID lists them."),
    Reason.REPORT: Message("Look at what is said of it, mend that, and run again."),
    Reason.RUN: Message("Give the folder of a run that has ended, or run it again."),
    Reason.RUN_LOCKED: Message("Wait for the other run, or stop it."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem was found.

    Parameters
    ----------
    file : str
        Path as the user wrote it, or a short name of the source.
    line : int or None
        Line in a text file, counted from 1.
    path : str or None
        Place inside a structured file, such as ``indicators[3].direction``.
    sheet, column : str or None
        Sheet of a workbook, column of a table.
    row : int or None
        Row as a spreadsheet shows it: the header is row 1.
    """

    file: str = ""
    line: int | None = None
    path: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Return the place in the source language."""
        return self.text()

    def text(self, locale: str | None = None) -> str:
        """Return the place as ``file:line path`` or ``file[sheet] row 7 column unit``."""
        text = self.file
        if self.line is not None:
            text += f":{self.line}"
        if self.sheet is not None:
            text += f"[{self.sheet}]"
        parts = [text] if text else []
        if self.path:
            parts.append(self.path)
        if self.row is not None:
            parts.append(Message("row {row}", row=self.row).text(locale))
        if self.column is not None:
            parts.append(Message("column {column}", column=self.column).text(locale))
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what is wrong, what came, what was expected, what to do.

    Parameters
    ----------
    reason : Reason
        Code of the cause.
    what : Message
        What is wrong, as a sentence without its final stop.
    place : Place
        Where it was found.
    got : str
        What came, shortened to 80 characters; empty if it says nothing.
    expected : Message or None
        What was expected.
    fix : Message
        What the user does next; what the reason advises, if left out.
    code : str
        Code of the indicator or unit concerned, if any.
    """

    reason: Reason
    what: Message
    place: Place = Place()
    got: str = ""
    expected: Message | None = None
    fix: Message | None = None
    code: str = ""

    def __post_init__(self) -> None:
        """Give the advice that goes with the reason where nothing closer is known."""
        if self.fix is None:
            object.__setattr__(self, "fix", ADVICE[self.reason])

    def text(self, locale: str | None = None) -> str:
        """Return the problem as a line in ``locale``, *where: what, got X; expected Y. Fix*.

        Parameters
        ----------
        locale : str, optional
            Language tag such as ``es-MX``; the source language (English) by default.
        """
        where = self.place.text(locale)
        line = f"{where}: " if where else ""
        line += self.what.text(locale)
        if self.got:
            line += Message(", got {got}", got=shorten(self.got)).text(locale)
        if self.expected:
            line += Message("; expected {expected}", expected=self.expected.text(locale)).text(
                locale
            )
        line += "."
        if self.fix:
            line += " " + self.fix.text(locale)
        return line

    def at(self, place: Place) -> Problem:
        """Return the same problem at another place."""
        return replace(self, place=place)


def shorten(text: str, width: int = 80) -> str:
    """Return ``text`` on one line with its middle left out beyond ``width`` characters.

    Control characters are shown as escapes: what came may be hostile to a terminal.
    """
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    if len(shown) <= width:
        return shown
    keep = (width - 3) // 2
    return f"{shown[:keep]}...{shown[-keep:]}"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name most like ``name``, or None when nothing is like it."""
    options = list(names)
    found = get_close_matches(name, options, n=1, cutoff=0.6)
    if not found:
        folded = {option.casefold(): option for option in options}
        found = [folded[f] for f in get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)]
    return found[0] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> Message:
    """Return the advice for an unknown name: the nearest one, or the list of valid ones."""
    options = list(names)
    found = nearest(name, options)
    if found:
        return Message("Did you mean {name}?", name=found)
    if not options:
        return Message("None is defined.")
    some = ", ".join(options[:12]) + (", ..." if len(options) > 12 else "")
    return Message("Valid ones: {names}.", names=some)


class WorkbenchError(Exception):
    """Base of every error a user can cause; holds the problems found, at least one.

    Parameters
    ----------
    problems : Problem or sequence of Problem
        Everything that is wrong, in the order of the input.
    """

    exit_code = 2

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        if not self.problems:
            msg = "an error needs at least one problem"
            raise ValueError(msg)
        super().__init__(self.text())

    @property
    def reason(self) -> Reason:
        """Reason of the first problem."""
        return self.problems[0].reason

    def text(self, locale: str | None = None, limit: int = 20) -> str:
        """Return the problems, one a line, at most ``limit`` of them, and the count of the rest."""
        lines = [p.text(locale) for p in self.problems[:limit]]
        rest = len(self.problems) - limit
        if rest > 0:
            lines.append(Message("... and {n} more problems.", n=rest).text(locale))
        return "\n".join(lines)

    def to_records(self, locale: str | None = None) -> list[dict[str, Any]]:
        """Return one record a problem: reason, file, line, sheet, row, column, code, texts."""
        return [
            {
                "reason": str(p.reason),
                "file": p.place.file,
                "line": p.place.line,
                "path": p.place.path,
                "sheet": p.place.sheet,
                "row": p.place.row,
                "column": p.place.column,
                "code": p.code,
                "what": p.what.text(locale),
                "got": shorten(p.got),
                "expected": p.expected.text(locale) if p.expected else "",
                "fix": p.fix.text(locale) if p.fix else "",
            }
            for p in self.problems
        ]

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows instead of a traceback, which would say nothing more."""
        return [f"{type(self).__name__} ({self.reason})", *self.text().splitlines()]

    def __reduce__(self) -> tuple[type[WorkbenchError], tuple[tuple[Problem, ...]]]:
        """Survive the way between processes."""
        return type(self), (self.problems,)


class InstrumentError(WorkbenchError):
    """An instrument file can't be used as it is written."""


class DataError(WorkbenchError):
    """Observations, units or a study file can't be used as they are."""


class ScoringError(WorkbenchError):
    """A score was asked for that the instrument and data can't give."""


class ReportError(WorkbenchError):
    """A report or a run could not be made."""

    exit_code = 3
