"""An index as a workbook: every data set, every analysis, one sheet each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from workbench.audit.components import component_table, principal_components
from workbench.audit.correlations import consistency_by_group, correlations
from workbench.audit.importance import effective_weights, importance
from workbench.audit.index import Index
from workbench.audit.influence import influence
from workbench.audit.places import result_frame
from workbench.audit.statistics import availability, availability_by_group, indicator_statistics
from workbench.errors import Place, Problem, Reason, ReportError, WorkbenchError
from workbench.language import Message

# What a spreadsheet program takes for the name of a sheet, and for the rows of one.
LONGEST_NAME, MOST_ROWS = 31, 1_048_575


def analysis_tables(index: Index) -> dict[str, pd.DataFrame]:
    """Return the analyses of an index as tables, by name.

    Parameters
    ----------
    index : Index
        With all its steps; of a panel, all cases together.

    Notes
    -----
    What can't be computed of these data, as components of a group in which one indicator has the
    same value everywhere, stands in ``not computed`` with its reason.
    """
    values, structure = index.aggregated, index.structure
    raw = index.data["raw"]
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "statistics": lambda: indicator_statistics(raw),
        "availability": lambda: availability(raw),
        "availability by group": lambda: availability_by_group(raw, structure),
        "correlations": lambda: correlations(values, structure),
        "correlations with groups": lambda: correlations(values, structure, pairs="family"),
        "consistency": lambda: consistency_by_group(values, structure).to_frame(),
        "components": lambda: component_table(principal_components(values, structure)),
        "weights": lambda: effective_weights(structure).to_frame(),
        "importance": lambda: importance(values, structure),
        "results": lambda: result_frame(values, structure, show="groups"),
        "places": lambda: result_frame(values, structure, show="groups", use="places"),
        "without each indicator": lambda: influence(index).places,
    }
    found, missing = {}, []
    for name, make in makers.items():
        try:
            found[name] = make()
        except WorkbenchError as error:
            missing.append((name, str(error)))
    if missing:
        found["not computed"] = pd.DataFrame(missing, columns=pd.Index(["analysis", "reason"]))
    return found


def export_workbook(index: Index, path: Path | str) -> None:
    """Write an index to a workbook: structure, steps, every data set, reports and analyses.

    Parameters
    ----------
    index : Index
    path : Path or str
        Ends in ``.xlsx``.

    Raises
    ------
    ReportError
        If the file can't be written.
    """
    steps = pd.DataFrame({"step": [s.step for s in index.steps], "choices": map(str, index.plan())})
    tables: dict[str, pd.DataFrame] = {"structure": index.structure.to_frame(), "steps": steps}
    tables |= {f"data {name}": frame for name, frame in index.data.items()}
    tables |= {f"report {name}": frame for name, frame in index.reports.items()}
    if "aggregated" in index.data:
        tables |= analysis_tables(index)
    write_workbook(Path(path), tables)


def write_workbook(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables to a workbook, a sheet each; texts stay texts whatever they begin with.

    Raises
    ------
    ReportError
        If the file can't be written, or a table has more rows than a sheet.
    """
    book = Workbook(write_only=True)
    taken: set[str] = set()
    for name, table in tables.items():
        if len(table) > MOST_ROWS:
            what = Message("the table {name} has more rows than a sheet holds", name=name)
            fix = Message("Write it as csv or parquet.")
            raise ReportError(Problem(Reason.FILE_TOO_LARGE, what, Place(str(path)), fix=fix))
        sheet = book.create_sheet(_sheet_name(name, taken))
        flat = table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
        sheet.append([_cell(sheet, name) for name in _heads(flat)])
        for row in flat.itertuples(index=False, name=None):
            sheet.append([_cell(sheet, value) for value in row])
    # Finished in memory first: a workbook left half written is no file that anything opens.
    whole = BytesIO()
    book.save(whole)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole.getvalue())
    except OSError as error:
        what = Message("the workbook can't be written")
        problem = Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(path)), got=str(error))
        raise ReportError(problem) from error


def _heads(table: pd.DataFrame) -> list[str]:
    """Return the names of the columns, those of several parts joined."""
    names: list[Any] = list(table.columns)
    return [" ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in names]


def _cell(sheet: Any, value: Any) -> Any:
    """Return a value as a cell: missing ones empty, texts as texts."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return None
    if not isinstance(value, str):
        return value.item() if hasattr(value, "item") else value
    # A text that begins with an equals sign would be taken for a formula.
    cell = WriteOnlyCell(sheet, value="")
    cell.value = value
    cell.data_type = "s"
    return cell


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name for a sheet: short enough, and of its own."""
    short = name[:LONGEST_NAME]
    for number in range(2, 100):
        if short.casefold() not in taken:
            break
        end = f" {number}"
        short = name[: LONGEST_NAME - len(end)] + end
    taken.add(short.casefold())
    return short
