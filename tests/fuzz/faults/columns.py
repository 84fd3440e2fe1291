"""Faults of Arrow tables, as parquet keeps them."""

from __future__ import annotations

import datetime as dt
import functools
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.fuzz.faults.registry import fault
from tests.fuzz.levels import Draw, parquet_bytes

MANY = 30_000_000


def _replaced(draw: Draw, table: Any, make: Any) -> Any:
    n = draw.randrange(table.num_columns)
    return table.set_column(n, table.column_names[n], make(len(table)))


@fault("type", "columns")
def a_column_of_an_arrow_type(draw: Draw, table: Any) -> Any:
    moment = dt.datetime(2025, 1, 31, 12, tzinfo=dt.UTC)
    one, kind = draw.choice(
        (
            (1, pa.int8()), (2**63, pa.uint64()), (1.5, pa.float16()), (True, pa.bool_()), (None, pa.null()),
            (b"\xff", pa.binary()), (b"ab", pa.binary(2)), ("x", pa.large_string()), ("x", pa.string_view()),
            (Decimal("1.10"), pa.decimal128(38, 10)), (Decimal("1"), pa.decimal256(76, 0)), (moment, pa.timestamp("ns", "UTC")),
            (-(2**62), pa.timestamp("s")), (2**31 - 1, pa.date32()), (dt.time(1), pa.time64("us")), (5, pa.duration("ns")),
            ([1], pa.list_(pa.int64())), ({"a": 1}, pa.struct([("a", pa.int64())])), ([("a", 1)], pa.map_(pa.string(), pa.int64())),
            ([], pa.list_(pa.null())), ({}, pa.struct([])),
        )
    )  # fmt: skip
    return _replaced(draw, table, lambda n: pa.array([one] * n, kind))


@fault("type", "columns")
def a_column_with_a_dictionary(draw: Draw, table: Any) -> Any:
    n = draw.randrange(table.num_columns)
    return table.set_column(n, table.column_names[n], table.column(n).dictionary_encode())


@fault("encoding", "columns")
def texts_that_are_none(draw: Draw, table: Any) -> Any:
    def made(n: int) -> Any:
        offsets = pa.array([2 * k for k in range(n + 1)], pa.int32()).buffers()[1]
        return pa.StringArray.from_buffers(n, offsets, pa.py_buffer(b"\xff\xfe" * n))

    return _replaced(draw, table, made)


@fault("structure", "columns")
def columns_of_one_name(draw: Draw, table: Any) -> Any:
    return table.rename_columns([draw.choice(table.column_names) for _ in table.column_names])


@fault("structure", "columns")
def what_pandas_noted_is_wrong(draw: Draw, table: Any) -> Any:
    noted = draw.choice((b"", b"{}", b"[]", b"null", b"{\"index_columns\": [\"x\"]}", b"\xff", b'{"columns": [{}]}',
                         b'{"index_columns": [{"kind": "range", "start": 0, "stop": 99999999999, "step": 1}], "columns": [], "column_indexes": []}',
                         b'{"index_columns": ["unit"], "columns": [], "column_indexes": [], "pandas_version": "x"}'))  # fmt: skip
    return table.replace_schema_metadata({b"pandas": noted})


@fault("structure", "columns")
def no_columns(draw: Draw, table: Any) -> Any:
    return table.select(table.column_names[: draw.randrange(2)])


@fault("size", "columns")
def a_few_bytes_that_are_many_rows(draw: Draw, table: Any) -> Any:
    return _rows_of_one_text(tuple(table.column_names))


@functools.cache
def _rows_of_one_text(names: tuple[str, ...]) -> bytes:
    numbers = pa.repeat(pa.scalar(0, pa.int8()), MANY)
    texts = pa.DictionaryArray.from_arrays(numbers, ["01001"])
    return parquet_bytes(pa.Table.from_arrays([texts] * len(names), names=list(names)))


@fault("size", "columns")
def more_columns(draw: Draw, table: Any) -> Any:
    n = draw.choice((500, 11_000))
    fields = [pa.array([0] * len(table), pa.int8())] * n
    return pa.Table.from_arrays(
        [*table.columns, *fields], names=[*table.column_names, *(f"c{m}" for m in range(n))]
    )


@fault("size", "columns")
def a_text_without_end(draw: Draw, table: Any) -> Any:
    text = "a" * draw.choice((40_000, 2_000_000))
    return _replaced(draw, table, lambda n: pa.array([text] * n))


@fault("nesting", "columns")
def lists_of_lists(draw: Draw, table: Any) -> Any:
    deep: Any = pa.array([1] * len(table))
    for _ in range(draw.choice((1, 10, 60))):
        if draw.random() < 0.5:
            deep = pa.ListArray.from_arrays(pa.array(range(len(table) + 1), pa.int32()), deep)
        else:
            deep = pa.StructArray.from_arrays([deep], names=["a"])
    return _replaced(draw, table, lambda n: deep)


@fault("truncation", "columns")
def rows_cut(draw: Draw, table: Any) -> Any:
    return table.slice(0, draw.randrange(len(table) + 1))
