"""The table of readers: what is read, from what it is made faulty, and the command that reads it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import bases as good
from tests.fuzz.bases import CHECK, RUN, WIDE, Base, of_run, several
from tests.fuzz.levels import WRITERS


@dataclass(frozen=True)
class Reader:
    """One row of the table.

    Parameters
    ----------
    name : str
    levels : tuple of str
        How its file can be opened to be made faulty.
    bases : callable
        Good inputs.
    call : callable, optional
        What reads, given the folder, where no command does.
    """

    name: str
    levels: tuple[str, ...]
    bases: Callable[[], list[Base]]
    call: Callable[[Path], None] | None = None


def read_tables_of_coinr(folder: Path) -> None:
    from workbench.audit.coinr import read_coinr

    book = folder / "index.xlsx"
    read_coinr(book if book.exists() or book.is_symlink() else folder).index("x")


def read_views(folder: Path) -> None:
    """Read a view as a notebook of a run does."""
    from workbench.study import Study

    os.environ["WORKBENCH_RUN"] = str(folder / RUN)
    try:
        Study.open(CHECK).view("01001")
    finally:
        del os.environ["WORKBENCH_RUN"]


TEXT, TREE, BOOK = ("bytes", "text"), ("bytes", "text", "tree"), ("bytes", "archive", "table")
MANIFEST = f"{RUN}/manifest.json"
READERS: tuple[Reader, ...] = (
    Reader("study", TREE, good.studies),
    Reader("instrument", TREE, good.instruments),
    Reader("formula", ("formula",), lambda: [good.whole_language()]),
    Reader("roadmap", TREE, good.roadmaps),
    Reader("csv", (*TEXT, "table"), good.csv_tables),
    Reader("xlsx", BOOK, good.tables(".xlsx", lambda: good.xlsx(WIDE))),
    Reader("ods", BOOK, good.tables(".ods", lambda: WRITERS[".ods"](WIDE))),
    Reader("parquet", ("bytes", "table", "columns"), good.tables(".parquet", lambda: good.parquet(WIDE))),
    Reader("json", (*TREE, "table"), good.tables(".json", lambda: WRITERS[".json"](WIDE))),
    Reader("units", (*TEXT, "table"), good.unit_tables),
    Reader("survey", (*TEXT, "table"), good.surveys),
    Reader("form", BOOK, good.forms("one-per-unit")),
    Reader("form of rows", BOOK, good.forms("rows")),
    Reader("export csv", (*TEXT, "table"), good.forms(".csv")),
    Reader("export xlsx", BOOK, good.forms(".xlsx")),
    Reader("whom to ask", (*TEXT, "table"), good.asked),
    Reader("titles", (*TEXT, "table"), good.titles),
    Reader("notebook", TREE, good.notebooks),
    Reader("arguments", ("text",), good.arguments),
    Reader("ledger", TREE, several(of_run(f"{RUN}/ledger.jsonl", "plan", CHECK), good.merged(f"{RUN}/ledger.jsonl"))),
    Reader("manifest", TREE, several(of_run(MANIFEST, "verify", RUN), of_run(MANIFEST, "diff", RUN, "pack.zip"), good.merged(MANIFEST))),
    Reader("list of reports", TREE, several(of_run(f"{RUN}/data/index.json", "plan", CHECK), good.merged(f"{RUN}/data/index.json"))),
    Reader("scores of a run", ("bytes", "table", "columns"), of_run(f"{RUN}/data/scores.parquet", "diff", RUN, "pack.zip")),
    Reader("pack", ("bytes", "archive"), several(of_run("pack.zip", "verify", "pack.zip"), of_run("pack.zip", "diff", RUN, "pack.zip"))),
    Reader("view", TREE, of_run(f"{RUN}/data/views/01001.json"), read_views),
    Reader("COINr data", (*TEXT, "table"), good.coinr("iData.csv"), read_tables_of_coinr),
    Reader("COINr meta", (*TEXT, "table"), good.coinr("iMeta.csv"), read_tables_of_coinr),
    Reader("COINr book", BOOK, good.coinr("index.xlsx"), read_tables_of_coinr),
)  # fmt: skip


@functools.cache
def bases_of(reader: Reader) -> tuple[Base, ...]:
    """Return the good inputs of a reader, made once."""
    return tuple(reader.bases())
