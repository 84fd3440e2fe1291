"""Writing forms: which kind, in which language, for whom, into which files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.forms.files import write_workbook
from workbench.forms.questions import form_of
from workbench.forms.respondents import Respondent, respondents
from workbench.forms.table import draw_table
from workbench.forms.wording import Wording, default_tag
from workbench.forms.workbook import UnitWorkbook
from workbench.forms.xlsform import draw_xlsform
from workbench.instruments import Instrument
from workbench.language import Message, as_locale

FORMATS = ("xlsx", "xlsform")
LAYOUTS = ("one-per-unit", "rows")


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """How forms are written.

    Parameters
    ----------
    format : {"xlsx", "xlsform"}
    layout : {"one-per-unit", "rows"}
        For xlsx: a workbook for each unit, or one with units in rows.
    locale : str or None
        Language and country; those of the instrument by default.
    wave, stage : str
        Written into the forms; empty leaves them to whoever fills them in.
    year : int or None
        Year that formulas call ``year``.
    photos : bool
        For xlsform: also ask for a photo of the evidence.
    """

    format: Literal["xlsx", "xlsform"] | str = "xlsx"
    layout: Literal["one-per-unit", "rows"] | str = "one-per-unit"
    locale: str | None = None
    wave: str = ""
    stage: str = ""
    year: int | None = None
    photos: bool = False


def write_forms(
    instrument: Instrument,
    out: Path,
    options: CaptureOptions | None = None,
    *,
    units: pd.DataFrame | None = None,
) -> list[Path]:
    """Write forms to fill in, and return the files written.

    Parameters
    ----------
    instrument : Instrument
    out : Path
        A file ending in ``.xlsx``; for several units one by one, a folder.
    options : CaptureOptions, optional
    units : DataFrame, optional
        Index ``unit``, columns ``name`` and facts; a blank form if left out.

    Raises
    ------
    WorkbenchError
        If the instrument has nothing to ask, an option is unknown or a file can't be written.
    """
    chosen = options or CaptureOptions()
    _check(instrument, chosen, out, 1 if units is None else len(units))
    form = form_of(instrument)
    tag = as_locale(chosen.locale).tag if chosen.locale else default_tag(instrument)
    wording = Wording(instrument, tag)
    asked = respondents(instrument, units, wave=chosen.wave, stage=chosen.stage, year=chosen.year)
    one_each = chosen.format == "xlsx" and chosen.layout == "one-per-unit"
    paths = _paths(out, asked) if one_each else [out]
    _refuse_existing(paths)
    if one_each:
        workbook = UnitWorkbook(form, wording)  # what all share is drawn once
        for respondent, path in zip(asked, paths, strict=True):
            workbook.address(respondent)
            write_workbook(path, workbook.book)
        return paths
    if chosen.format == "xlsform":
        book = draw_xlsform(form, wording, asked, photos=chosen.photos)
    else:
        # A form for nobody yet has no row of its own.
        book = draw_table(form, wording, [r for r in asked if r.unit])
    write_workbook(out, book)
    return paths


def _paths(out: Path, asked: list[Respondent]) -> list[Path]:
    """Return the file of each respondent."""
    if out.suffix.lower() == ".xlsx":
        return [out]
    return [out / f"{respondent.unit or 'form'}.xlsx" for respondent in asked]


def _refuse_existing(paths: list[Path]) -> None:
    """Refuse to write over files: someone may have filled them in."""
    what = Message("the file exists, and may have been filled in")
    fix = Message("Give another place, or delete it.")
    problems = [
        Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)), fix=fix)
        for path in paths
        if path.exists()
    ]
    if problems:
        raise DataError(problems)


def _check(instrument: Instrument, options: CaptureOptions, out: Path, n: int) -> None:
    """Refuse options that mean nothing, before anything is written."""
    problems = []
    stages = [stage.id for stage in instrument.spec.stages]
    for name, value, known in (
        ("--format", options.format, FORMATS),
        ("--layout", options.layout, LAYOUTS),
        ("--stage", options.stage, ["", *stages]),
    ):
        if value not in known:
            what = Message("unknown value of {name}", name=name)
            fix = did_you_mean(value, [k for k in known if k])
            problems.append(Problem(Reason.PARAMETER_VALUE, what, Place(name), got=value, fix=fix))
    one_file = options.format == "xlsform" or options.layout == "rows"
    is_file = out.suffix.lower() == ".xlsx"
    if one_file and not is_file:
        fix = Message("Give a file ending in .xlsx.")
        what = Message("one workbook is written, and this is no workbook")
        problems.append(Problem(Reason.PARAMETER_VALUE, what, Place("--out"), str(out), fix=fix))
    if not one_file and is_file and n > 1:
        what = Message("one workbook a unit is written, {n} of them", n=n)
        fix = Message("Give a folder, or add --layout rows.")
        problems.append(Problem(Reason.PARAMETER_VALUE, what, Place("--out"), str(out), fix=fix))
    if problems:
        raise DataError(problems)
