"""How things are shown in a terminal: tables of problems, plans, scores; one line of progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.display.blocks import Section
from workbench.display.blocks import Table as TableBlock
from workbench.errors import WorkbenchError, shorten
from workbench.language import Message
from workbench.runs.ledger import Entry
from workbench.runs.progress import Tally

MOST_PROBLEMS = 50


def console(*, error: bool = False) -> Console:
    """Return the terminal; wide where the output is no terminal, so that nothing is cut."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else 200
    return Console(stderr=error, width=width, highlight=False, soft_wrap=not stream.isatty())


def text(value: object) -> Text:
    """Return a text that can neither act as markup nor steer the terminal."""
    return Text(shorten(str(value), 400))


def show_table(
    heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]], title: str = ""
) -> None:
    """Print a table.

    Parameters
    ----------
    heads : sequence of (title, justify)
    rows : iterable of sequence
    title : str
    """
    table = Table(
        title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for head, justify in heads:
        table.add_column(head, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(text("" if cell is None else cell) for cell in row))
    console().print(table)


def show_section(section: Section) -> None:
    """Print a section of a report: its headings, texts and tables."""
    for block in section.blocks:
        if isinstance(block, TableBlock):
            heads = [(c.title, c.align) for c in block.columns]
            show_table(heads, [[cell.plain() for cell in row.cells] for row in block.rows])
        else:
            console().print(text_long(block.plain().lstrip("# ")))
        console().print()


def show_error(error: WorkbenchError, locale: str | None = None) -> None:
    """Print what is wrong: a line for one problem, a table for many."""
    out = console(error=True)
    problems = error.problems
    if len(problems) <= 3:
        for problem in problems:
            out.print(text_long(f"{Message('Error').text(locale)}: {problem.text(locale)}"))
        return
    head = Message("{n} problems were found. Nothing was loaded.", n=len(problems)).text(locale)
    out.print(text_long(head))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (Message("Where"), Message("What is wrong"), Message("Got"), Message("What to do")):
        table.add_column(name.text(locale), overflow="fold")
    for problem in problems[:MOST_PROBLEMS]:
        what = problem.what.text(locale)
        if problem.expected:
            what += "; " + Message(
                "expected {expected}", expected=problem.expected.text(locale)
            ).text(locale)
        fix = problem.fix.text(locale) if problem.fix else ""
        table.add_row(
            text(problem.place.text(locale)), text(what), text(shorten(problem.got)), text(fix)
        )
    out.print(table)
    rest = len(problems) - MOST_PROBLEMS
    if rest > 0:
        line = Message(
            "... and {n} more. Write them all with: workbench check STUDY --problems FILE.csv",
            n=rest,
        )
        out.print(text_long(line.text(locale)))


def text_long(value: str) -> Text:
    """Return a text of any length that can't steer the terminal."""
    return Text("".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in value))


class ProgressLine:
    """One line of progress on a terminal; nothing elsewhere.

    Parameters
    ----------
    total : int
        Reports to render.
    locale : str, optional
        Language in which it speaks.
    """

    def __init__(self, total: int, locale: str | None = None) -> None:
        from tqdm import tqdm

        # Its monitor is a thread, and a process that forks workers must have none.
        tqdm.monitor_interval = 0
        self.tally = Tally(total)
        self.locale = locale
        self.bar: Any = tqdm(
            total=total,
            bar_format="{bar:20} {desc}",
            disable=not sys.stderr.isatty() or not total,
            dynamic_ncols=True,
        )

    def __call__(self, entry: Entry) -> None:
        """Take note of a line of the ledger."""
        if self.tally.count(entry):
            self.bar.set_description_str(self.text(), refresh=False)
            self.bar.update(1)

    def text(self) -> str:
        """Return how far it is, in words."""
        tally = self.tally
        left = tally.left or 0.0
        return Message(
            "{done} of {total} done, {failed} failed, {rate} a minute, {left} left",
            done=tally.done,
            total=tally.total,
            failed=tally.failed,
            rate=f"{tally.rate * 60:.0f}",
            left=f"{left // 60:.0f}:{left % 60:02.0f}",
        ).text(self.locale)

    def close(self) -> None:
        """Leave the line as it is."""
        self.bar.close()


class ProgressRecords:
    """Progress for machines: a JSON object on a line of its own, on standard output.

    Parameters
    ----------
    total : int
        Reports to render.
    """

    def __init__(self, total: int) -> None:
        self.tally = Tally(total)

    def __call__(self, entry: Entry) -> None:
        """Tell of a report that ended."""
        if self.tally.count(entry):
            self.tell(self.tally.event(entry))

    @staticmethod
    def tell(record: Mapping[str, Any]) -> None:
        """Print a record."""
        print(json.dumps(record, ensure_ascii=False), flush=True)  # noqa: T201

    def close(self) -> None:
        """Do nothing: each line is whole."""
