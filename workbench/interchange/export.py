"""Writing a study for other programs: one workbook, or a folder of tables that describes itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.errors import DataError, Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.interchange.package import DESCRIPTOR, FORMATS, package
from workbench.interchange.workbook import chosen_rows, workbook
from workbench.language import Message
from workbench.runs.files import write_whole
from workbench.runs.plan import input_files, make_run_id
from workbench.specs.yaml import is_folder
from workbench.study import Study

FORMS = ("xlsx", *FORMATS)


def export(study: Study, to: str, out: Path, units: Sequence[str] = ()) -> list[Path]:
    """Write a study for other programs; return the files.

    Parameters
    ----------
    study : Study
    to : {"xlsx", "csv", "parquet", "package"}
        A workbook with formulas that recompute the scores, or tables with a data package: as csv,
        as parquet, or as both.
    out : Path
        File of the workbook, or folder of the tables.
    units : sequence of str, optional
        Codes of the units that are written; all of them by default.

    Raises
    ------
    WorkbenchError
        If the form or a unit is unknown, the workbook would be too large, or the folder holds
        something else.
    """
    _check_form(to, out)
    chosen_rows(study, tuple(units))  # a unit that is unknown is told before anything is made
    run_id = _run_id(study)
    if to == "xlsx":
        write_whole(out, workbook(study, run_id, units))
        return [out]
    _check_folder(out)
    found = []
    for name, content in package(study, run_id, to, units).items():
        write_whole(out / name, content)
        found.append(out / name)
    return found


def _run_id(study: Study) -> str | None:
    """Return the id that reports of the same inputs print; None where it has no notebooks."""
    named = study.spec.notebooks
    names = [named.unit, named.cohort, *(more.notebook for more in named.more.values())]
    if not all((study.root / name).is_file() for name in names if name is not None):
        return None
    return make_run_id(study, input_files(study), {})


def _check_form(to: str, out: Path) -> None:
    """Refuse forms that are not known, and files that are called otherwise."""
    if to not in FORMS:
        what = Message("unknown form of export")
        fix = did_you_mean(to, FORMS)
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("--to"), got=to, fix=fix))
    if to == "xlsx" and out.suffix.lower() != ".xlsx":
        what = Message("a workbook is written as .xlsx")
        raise WorkbenchError(
            Problem(Reason.FILE_FORMAT, what, Place("--out"), got=out.suffix or out.name)
        )


def _check_folder(out: Path) -> None:
    """Refuse a folder with files of something else."""
    if out.is_file() or (
        is_folder(out) and any(out.iterdir()) and not (out / DESCRIPTOR).is_file()
    ):
        what = Message("tables are written into a folder of their own")
        fix = Message("Name a new folder, or that of an earlier export.")
        raise DataError(Problem(Reason.FILE_EXISTS, what, Place(str(out)), fix=fix))
