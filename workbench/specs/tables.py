"""How a table on disk is read: what every kind of table has in common."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from workbench.language import Message
from workbench.specs.common import Mistake, Spec
from workbench.specs.expressions import expression


class KeyPart(Spec):
    """A column that is part of a code, filled with zeros to a length if one is given."""

    column: str
    pad: int | None = Field(default=None, ge=1, le=20)


class TableFile(Spec):
    """A table on disk and how to read it."""

    file: str = Field(
        min_length=1,
        description="Path from the project folder: csv, tsv, xlsx, ods or parquet; behind "
        "'reference:' from the folder of reference data (variable WORKBENCH_REFERENCE)",
    )
    sheet: str | None = None
    only: dict[str, tuple[str, ...]] = Field(
        default={}, description="Rows that count, by column: those whose cell is one of these texts"
    )
    without: dict[str, tuple[str, ...]] = Field(
        default={}, description="Rows passed over, by column; '' for an empty cell"
    )
    matching: dict[str, str] = Field(
        default={},
        description="Rows that count, by column: those whose whole cell fits the regular "
        "expression, as {clave: '[0-9]{5}'}, which leaves notes below a table out",
    )
    join: dict[str, tuple[KeyPart, ...]] = Field(
        default={},
        description="Columns made of others, by name, as {clave: [{column: CVE_ENT, pad: 2}, "
        "{column: CVE_MUN, pad: 3}]}: 1 and 5 make 01005",
    )
    pad: int | None = Field(
        default=None,
        ge=1,
        le=20,
        description="Digits of a code where the table lost its leading zeros: 1001 is then 01001",
    )
    header_row: int = Field(default=1, ge=1, description="First row of the column names, from 1")
    header_rows: int = Field(
        default=1,
        ge=1,
        le=5,
        description="Rows that make up the column names; they are joined by a space",
    )
    encoding: str = "utf-8"
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="Found from the file if left out"
    )
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'"] | None = None
    missing: tuple[str, ...] = Field(
        default=("", "NA", "N/A", "-"),
        description="Cells that mean: nothing was observed; numbers too, as '-9' or '0'. Left out, "
        "words of this list that are states, levels or words of the table keep their meaning",
    )
    words: dict[str, str | float] = Field(
        default={},
        description="What the text of a cell means: a level, a state or a number, as in "
        "{verde: optimo, 's/i': ND, 'sí': 1}",
    )

    @field_validator("matching")
    @classmethod
    def _are_expressions(cls, matching: dict[str, str]) -> dict[str, str]:
        for text in matching.values():
            expression(text)
        return matching

    @model_validator(mode="after")
    def _marks(self) -> TableFile:
        if self.thousands == self.decimal:
            raise Mistake(Message("decimal and thousands marks can't be the same"), ("thousands",))
        return self


class Column(Spec):
    """A column of the table that holds a key or a text."""

    column: str
