"""Tables of COINr: iData and iMeta, read with the checks of the package and written for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.audit.coinr_checks import (
    DATA,
    IN_INDEX,
    META,
    NEEDED,
    NUMBERS,
    ORIGINAL,
    absent_columns,
    columns_twice,
    faults_of_both,
    faults_of_data,
    faults_of_meta,
    is_panel,
)
from workbench.audit.index import Index, Structure
from workbench.errors import DataError, Place, Problem, Reason, did_you_mean
from workbench.language import Message
from workbench.observations.csv_texts import csv_text
from workbench.observations.limits import check_size, check_workbook
from workbench.specs.yaml import is_file, is_folder

MISSING = ("", "NA")
MAX_BYTES = 200_000_000
# Columns of iMeta from which the parameters of a normalisation are read, and those that can be.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "min_max": ("minmax_lower", "minmax_upper"),
    "z_score": ("zscore_mean", "zscore_sd"),
    "scaled": ("scaled_lower", "scaled_upper"),
    "goalposts": ("goalpost_lower", "goalpost_upper"),
    "distance_to_target": ("Target",),
}
OPTIONAL = {"scaled": ("scale_factor",), "goalposts": ("goalpost_scale",)}
_R_NAME = re.compile(r"[^0-9A-Za-z._]")


@dataclass(frozen=True, slots=True, eq=False)
class CoinrTables:
    """The two tables that a COINr index is made from.

    Parameters
    ----------
    data : DataFrame
        ``uCode``, where they exist ``uName`` and ``Time``, and a column for each code.
    meta : DataFrame
        One row a code: ``Level, iCode, Parent, Direction, Weight, Type`` and what there is besides.
    """

    data: pd.DataFrame
    meta: pd.DataFrame

    @property
    def structure(self) -> Structure:
        """Structure of the index."""
        rows = self.meta[self.meta["Type"].isin(IN_INDEX)]
        names = {
            "iCode": "code",
            "Parent": "parent",
            "iName": "title",
            "Denominator": "denominator",
        }
        frame = rows.rename(columns={**names, **{c: c.lower() for c in NEEDED[:1] + NEEDED[3:5]}})
        frame["kind"] = np.where(rows["Type"] == "Aggregate", "group", "indicator")
        kept = ("code", "parent", "weight", "direction", "level", "title", "denominator", "kind")
        return Structure.from_frame(frame[[c for c in kept if c in frame]])

    @property
    def measures(self) -> dict[str, str]:
        """Unit in which each indicator is measured, where it is told."""
        if "Unit" not in self.meta:
            return {}
        rows = self.meta[(self.meta["Type"] == "Indicator") & self.meta["Unit"].notna()]
        return dict(zip(rows["iCode"], rows["Unit"], strict=True))

    def index(self, name: str = "") -> Index:
        """Return the index, before any step; a panel where there are several times."""
        codes = self.meta.loc[self.meta["Type"] == "Indicator", "iCode"]
        table = self.data.astype({"uCode": str}).set_index("uCode").rename_axis("unit")
        if self.is_panel:
            waves = table["Time"].map(lambda t: f"{t:g}")
            table = table.set_index(pd.Index(waves, name="wave"), append=True)
        others = [c for c in table if c not in set(codes) and c != "Time"]
        beside = table[others].rename(columns={"uName": "name"})
        values = table[list(codes)].astype(np.float64)
        return Index.make(values, self.structure, units=beside, name=name)

    @property
    def is_panel(self) -> bool:
        """Whether there are several times."""
        return is_panel(self.data)

    def each(self, method: str) -> dict[str, dict[str, Any]]:
        """Return the normalisation of each indicator from columns of iMeta, for ``normalise``.

        Parameters
        ----------
        method : {"min_max", "z_score", "scaled", "goalposts", "distance_to_target"}

        Raises
        ------
        DataError
            If there is no such method in iMeta, or iMeta does not have its columns or a number.
        """
        if method not in PARAMETERS:
            what = Message("iMeta says nothing of the normalisation {name}", name=method)
            expected = Message("one of {names}", names=", ".join(PARAMETERS))
            raise DataError(Problem(Reason.PARAMETER_VALUE, what, Place(META), method, expected))
        absent = [c for c in PARAMETERS[method] if c not in self.meta]
        if absent:
            what = Message(
                "iMeta does not say how indicators are normalised by {name}", name=method
            )
            expected = Message("columns {names}", names=", ".join(absent))
            raise DataError(Problem(Reason.COLUMN_MISSING, what, Place(META), expected=expected))
        rows = self.meta[self.meta["Type"] == "Indicator"]
        kept = [c for c in (*PARAMETERS[method], *OPTIONAL.get(method, ())) if c in rows]
        numbers, problems = _numeric(rows, kept, META, "iCode")
        for name in kept:
            lacking = [str(c) for c in numbers.loc[numbers[name].isna(), "iCode"]]
            if lacking and not problems:
                what = Message("no number stands in the column")
                where = Place(META, column=name)
                problems.append(
                    Problem(Reason.VALUE_NOT_NUMBER, what, where, ", ".join(lacking[:5]))
                )
        if problems:
            raise DataError(problems)
        return {str(row["iCode"]): _rule(method, row) for row in numbers.to_dict("records")}

    def write(self, path: Path | str) -> None:
        """Write both tables: to a workbook, or as iData.csv and iMeta.csv into a folder."""
        target = Path(path)
        if target.suffix == ".xlsx":
            from workbench.audit.workbook import write_workbook

            write_workbook(target, {DATA: self.data, META: self.meta})
            return
        target.mkdir(parents=True, exist_ok=True)
        for name, table in ((DATA, self.data), (META, self.meta)):
            (target / f"{name}.csv").write_text(csv_text(table, missing="NA"), encoding="utf-8")


def _rule(method: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the normalisation of one indicator from its row of iMeta."""
    first, *rest = (float(row[name]) for name in PARAMETERS[method])
    match method:
        case "min_max":
            options: dict[str, Any] = {"range": [first, *rest]}
        case "z_score":
            options = {"mean": first, "sd": rest[0]}
        case "scaled":
            options = {"lower": first, "upper": rest[0], "scale": row.get("scale_factor", 100.0)}
        case "distance_to_target":
            options = {"target": first, "cap": _true(row.get("dist2targ_cap_max", False))}
        case _:
            options = {
                "lower": first,
                "upper": rest[0],
                "range": [0.0, row.get("goalpost_scale", 1.0)],
                "cap": _true(row.get("goalpost_trunc2posts", True)),
            }
    return {"method": method, **options}


def _true(given: Any) -> bool:
    """Return whether a cell of iMeta says yes, as R and spreadsheets write it."""
    return str(given).upper() in ("TRUE", "T", "1", "1.0")


# -- reading --------------------------------------------------------------------------------------


def read_coinr(data: Path | str, meta: Path | str | None = None) -> CoinrTables:
    """Return the tables of COINr from files.

    Parameters
    ----------
    data : Path or str
        iData as csv; or a workbook with sheets ``iData`` and ``iMeta``; or a folder with
        ``iData.csv`` and ``iMeta.csv``.
    meta : Path or str, optional
        iMeta as csv or a workbook, where it stands in a file of its own.

    Returns
    -------
    CoinrTables
        With the codes as they were before they were written for R, where the tables tell them.

    Raises
    ------
    DataError
        With every mistake: what COINr's ``check_iData`` and ``check_iMeta`` ask for, and codes of
        one table that the other does not have.
    """
    first = Path(data)
    if meta is None and is_folder(first):
        first, meta = first / f"{DATA}.csv", first / f"{META}.csv"
    second = first if meta is None else Path(meta)
    texts = _read(first, DATA), _read(second, META)
    return tables_of(*texts, places=(str(data), str(meta or data)))


def tables_of(
    data: pd.DataFrame, meta: pd.DataFrame, *, places: tuple[str, str] = (DATA, META)
) -> CoinrTables:
    """Return the tables of COINr from frames, checked.

    Raises
    ------
    DataError
        As of :func:`read_coinr`.
    """
    data, meta = data.reset_index(drop=True), meta.reset_index(drop=True)
    problems = [
        *absent_columns(meta, NEEDED, places[1]),
        *absent_columns(data, ("uCode",), places[0]),
    ]
    problems += [*columns_twice(data, places[0]), *columns_twice(meta, places[1])]
    if problems:
        raise DataError(problems)
    meta, problems = _numeric(meta, [c for c in NUMBERS if c in meta], places[1], "iCode")
    of_index = meta.loc[meta["Type"].isin(("Indicator", "Denominator")), "iCode"]
    numbers = [str(c) for c in data if c in set(of_index) or c == "Time"]
    data, more = _numeric(data, numbers, places[0], "uCode")
    problems += [*more, *faults_of_meta(meta, places[1]), *faults_of_data(data, places[0])]
    problems += faults_of_both(data, meta, places)
    if problems:
        raise DataError(problems)
    return _with_original_codes(CoinrTables(data, meta))


def _read(path: Path, sheet: str) -> pd.DataFrame:
    """Return a table as texts; empty cells and NA are missing, but not in codes of units."""
    place = Place(str(path))
    if not is_file(path):
        what = Message("the file does not exist")
        raise DataError(Problem(Reason.FILE_MISSING, what, place))
    if path.stat().st_size > MAX_BYTES:
        what = Message("the file is too large")
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, place))
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm", ".ods"):
            check_workbook(path, MAX_BYTES, place)
        if path.suffix.lower() in (".xlsx", ".xlsm", ".ods", ".xls"):
            sheets = pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False,
                                   engine="calamine")  # fmt: skip
            if sheet not in sheets:
                what = Message("the workbook has no sheet {name}", name=sheet)
                fix = did_you_mean(sheet, sheets)
                raise DataError(Problem(Reason.FILE_FORMAT, what, place, fix=fix))
            found = sheets[sheet]
        else:
            found = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        check_size(len(found), len(found.columns), place)
    except DataError:
        raise
    except Exception as error:  # a damaged table fails in many ways
        what = Message("the table can't be read")
        problem = Problem(Reason.FILE_FORMAT, what, place, got=str(error))
        raise DataError(problem) from error
    texts = found.astype(object)
    keep = ("uCode", "iCode", *((ORIGINAL,) if sheet == DATA else ()))
    return texts.where(~texts.isin(MISSING) | texts.columns.isin(keep)[None, :], None)


def _numeric(
    table: pd.DataFrame, columns: list[str], place: str, key: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a table with some columns as numbers, and cells that are none."""
    found, problems = table.copy(), []
    for name in columns:
        given = table[name]
        numbers = pd.to_numeric(given, errors="coerce")
        for row in np.flatnonzero((numbers.isna() & given.notna()).to_numpy())[:5]:
            what = Message("no number stands in the column")
            fix = Message("Leave the cell empty, or write NA, where there is no value.")
            where = Place(place, row=int(row) + 2, column=str(name))
            code = str(table[key].iloc[row])
            got = str(given.iloc[row])
            problems.append(Problem(Reason.VALUE_NOT_NUMBER, what, where, got, fix=fix, code=code))
        found[name] = numbers.astype(np.float64)
    return found, problems


# -- writing --------------------------------------------------------------------------------------


def coinr_tables(index: Index) -> CoinrTables:
    """Return an index as the tables of COINr, with its raw values and weights.

    Raises
    ------
    DataError
        If a node belongs to several groups, or to one that is not one level above: COINr takes
        trees of even levels. If two codes would be one in R.

    Notes
    -----
    R takes no code that begins with a digit: such codes, of units too, are written with an ``x``
    before them, and the column ``Original`` of both tables tells what they were.
    """
    structure = index.structure
    raw = index.data["raw"]
    units = raw.index.get_level_values(0).astype(str)
    faults = [*_uneven(structure), *_one_in_r(structure.nodes), *_one_in_r(units.unique())]
    if faults:
        raise DataError(faults)
    named = {code: r_name(code) for code in structure.nodes}
    meta = pd.DataFrame(
        {
            "Level": [float(node.level) for node in structure.nodes.values()],
            "iCode": list(named.values()),
            "iName": [node.title for node in structure.nodes.values()],
            "Direction": [
                float(n.direction if not n.is_group else 1) for n in structure.nodes.values()
            ],
            "Weight": [
                float(next(iter(n.parents.values()), 1.0)) for n in structure.nodes.values()
            ],
            "Parent": [named.get(next(iter(n.parents), "")) for n in structure.nodes.values()],
            "Type": ["Aggregate" if n.is_group else "Indicator" for n in structure.nodes.values()],
            ORIGINAL: list(structure.nodes),
        }
    )
    data = pd.DataFrame({"uCode": [r_name(u) for u in units], ORIGINAL: list(units)})
    if "name" in index.units:
        data.insert(1, "uName", index.units["name"].astype(str).to_numpy())
    if raw.index.nlevels > 1:
        data["Time"] = [index.times[w] for w in raw.index.get_level_values(1)]
    for code in structure.indicators:
        data[named[code]] = raw[code].to_numpy()
    other = {c: None for c in meta} | {"iCode": ORIGINAL, "Type": "Other", "iName": ORIGINAL}
    return CoinrTables(data, pd.concat([meta, pd.DataFrame([other])], ignore_index=True))


def r_name(code: str) -> str:
    """Return a code that R takes as a name."""
    clean = _R_NAME.sub("_", code)
    return clean if clean[:1].isalpha() else f"x{clean}"


def _one_in_r(codes: Iterable[str]) -> Iterator[Problem]:
    """Yield codes that would be the same as others once R takes them."""
    seen: dict[str, str] = {}
    for code in codes:
        name = r_name(code)
        if name in seen:
            what = Message(
                "{code} and {other} would both be {name} in R",
                code=code,
                other=seen[name],
                name=name,
            )
            yield Problem(Reason.DUPLICATE, what, code=code)
        seen[name] = code


def _uneven(structure: Structure) -> Iterator[Problem]:
    """Yield nodes that COINr can't hold."""
    for node in structure.nodes.values():
        if len(node.parents) > 1:
            what = Message("{code} belongs to several groups; COINr takes one", code=node.code)
            yield Problem(Reason.SPEC_REFERENCE, what, code=node.code)
        for parent in node.parents:
            if structure.nodes[parent].level != node.level + 1:
                what = Message(
                    "{code}: its group {parent} is not one level above, as COINr needs it",
                    code=node.code,
                    parent=parent,
                )
                yield Problem(Reason.SPEC_REFERENCE, what, code=node.code)


def _with_original_codes(tables: CoinrTables) -> CoinrTables:
    """Return tables with the codes that they had before they were written for R."""
    data, meta = tables.data, tables.meta
    if ORIGINAL not in data or ORIGINAL not in meta:
        return tables
    known = meta[meta[ORIGINAL].notna()]
    names = dict(zip(known["iCode"], known[ORIGINAL], strict=True))
    meta = meta[meta["iCode"] != ORIGINAL].drop(columns=ORIGINAL)
    meta = meta.assign(iCode=meta["iCode"].replace(names), Parent=meta["Parent"].replace(names))
    data = data.assign(uCode=data[ORIGINAL]).drop(columns=ORIGINAL).rename(columns=names)
    return CoinrTables(data, meta.reset_index(drop=True))
