"""What COINr asks of its tables iData and iMeta: checks that tell every mistake with its row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.language import Message

DATA, META = "iData", "iMeta"
NEEDED = ("Level", "iCode", "Parent", "Direction", "Weight", "Type")
NUMBERS = ("Level", "Direction", "Weight", "Target")
TYPES = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
IN_INDEX = ("Indicator", "Aggregate")
SPECIAL = ("uCode", "uName", "Time")
# Codes as they were, where those of R had to be others: R takes no code that begins with a digit.
ORIGINAL = "Original"


def is_panel(data: pd.DataFrame) -> bool:
    """Return whether there are several times."""
    return "Time" in data and len(data["Time"].dropna().unique()) > 1


def absent_columns(table: pd.DataFrame, needed: tuple[str, ...], place: str) -> list[Problem]:
    """Return columns that are not there."""
    return [
        Problem(
            Reason.COLUMN_MISSING,
            Message("the table has no column {name}", name=name),
            Place(place, column=name),
            fix=did_you_mean(name, map(str, table.columns)),
        )
        for name in needed
        if name not in table
    ]


def columns_twice(table: pd.DataFrame, place: str) -> list[Problem]:
    """Return columns that stand twice."""
    what = Message("a column stands twice")
    twice = dict.fromkeys(map(str, table.columns[table.columns.duplicated()]))
    return [Problem(Reason.DUPLICATE, what, Place(place, column=name)) for name in twice]


def faults_of_data(data: pd.DataFrame, place: str) -> Iterator[Problem]:
    """Yield what COINr's check_iData refuses."""
    keys = ["uCode", "Time"] if is_panel(data) else ["uCode"]
    twice = data.duplicated(keys)
    if twice.any():
        row = int(twice.to_numpy().argmax())
        what = Message("a unit stands twice")
        got = " ".join(str(data[k].iloc[row]) for k in keys)
        yield Problem(Reason.UNIT_DUPLICATED, what, Place(place, row=row + 2), got)
    both = sorted(set(map(str, data["uCode"])) & set(map(str, data.columns)))
    if both:
        what = Message("a unit and a column have the same code")
        yield Problem(Reason.DUPLICATE, what, Place(place), got=", ".join(both[:5]))
    empty = data["uCode"].isna() | (data["uCode"].astype(str) == "")
    if empty.any():
        what = Message("a unit has no code")
        row = int(empty.to_numpy().argmax()) + 2
        yield Problem(Reason.UNIT_CODE, what, Place(place, row=row, column="uCode"))


def faults_of_meta(meta: pd.DataFrame, place: str) -> Iterator[Problem]:
    """Yield what COINr's check_iMeta refuses."""
    for row, (code, kind) in enumerate(zip(meta["iCode"], meta["Type"], strict=True)):
        where = Place(place, row=row + 2)
        if kind not in TYPES:
            expected = Message("one of {names}", names=", ".join(TYPES))
            what = Message("unknown type")
            yield Problem(Reason.SPEC_VALUE, what, where, str(kind), expected, code=str(code))
    codes = meta["iCode"].astype(str)
    for code in dict.fromkeys(codes[codes.duplicated()]):
        yield Problem(
            Reason.DUPLICATE, Message("a code stands twice"), Place(place), code, code=code
        )
    inside = meta[meta["Type"].isin(IN_INDEX)]
    levels = inside["Level"].dropna()
    if set(levels) != set(range(1, levels.nunique() + 1)):
        what = Message("levels are 1, 2, 3 and so on, none left out")
        got = ", ".join(f"{x:g}" for x in sorted(set(levels)))
        yield Problem(Reason.SPEC_VALUE, what, Place(place, column="Level"), got)
        return
    top = levels.max() if len(levels) else 0
    level = dict(zip(inside["iCode"], inside["Level"], strict=True))
    for place_in, fields in zip(inside.index, inside.to_dict("records"), strict=True):
        yield from _faults_of_row(fields, Place(place, row=int(place_in) + 2), level, top)


def _faults_of_row(
    row: Mapping[Any, Any], where: Place, level: Mapping[Any, float], top: float
) -> Iterator[Problem]:
    """Yield what is wrong with an indicator or group."""
    code, parent = str(row["iCode"]), row["Parent"]
    for name in ("Level", "Weight", "Direction"):
        if pd.isna(row[name]):
            what = Message("{code} has no {name}", code=code, name=name)
            yield Problem(Reason.SPEC_MISSING_KEY, what, where, code=code)
    if row["Direction"] not in (1, -1) and not pd.isna(row["Direction"]):
        what, expected = Message("{code}: unknown direction", code=code), Message("1 or -1")
        yield Problem(Reason.SPEC_VALUE, what, where, f"{row['Direction']:g}", expected, code=code)
    if row["Type"] == "Indicator" and row["Level"] != 1 and not pd.isna(row["Level"]):
        what = Message("{code}: indicators stand at level 1", code=code)
        yield Problem(Reason.SPEC_VALUE, what, where, f"{row['Level']:g}", code=code)
    if row["Level"] == top:
        if isinstance(parent, str) and parent:
            what = Message("{code} is on top and has no parent", code=code)
            yield Problem(Reason.SPEC_REFERENCE, what, where, parent, code=code)
    elif parent not in level:
        what = Message("{code}: its parent is not in the table", code=code)
        fix = did_you_mean(str(parent), map(str, level))
        yield Problem(Reason.SPEC_REFERENCE, what, where, str(parent), fix=fix, code=code)
    elif level[parent] != row["Level"] + 1:
        what = Message(
            "{code}: its parent {parent} is not one level above", code=code, parent=parent
        )
        yield Problem(Reason.SPEC_REFERENCE, what, where, f"{level[parent]:g}", code=code)


def faults_of_both(
    data: pd.DataFrame, meta: pd.DataFrame, places: tuple[str, str]
) -> Iterator[Problem]:
    """Yield codes of one table that the other does not have."""
    known = set(map(str, meta["iCode"]))
    for name in data.columns:
        if str(name) not in known and name not in (*SPECIAL, ORIGINAL):
            what = Message("the column {code} is not in iMeta", code=name)
            fix = did_you_mean(str(name), known)
            yield Problem(Reason.CODE_UNKNOWN, what, Place(places[0], column=str(name)), fix=fix)
    for row, (code, kind) in enumerate(zip(meta["iCode"], meta["Type"], strict=True)):
        if kind in TYPES and kind != "Aggregate" and str(code) not in data:
            what = Message("iData has no column {code}", code=code)
            fix = did_you_mean(str(code), map(str, data.columns))
            yield Problem(Reason.COLUMN_MISSING, what, Place(places[1], row=row + 2), fix=fix)
