"""What the sections of an audit share: the audit, titles, and numbers as printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import pandas as pd

from workbench.display import blocks as b
from workbench.display.parts import named, noun_of
from workbench.display.values import NO_VALUE
from workbench.language import Locale, Noun, as_locale
from workbench.study.audit import Audit
from workbench.study.views import CohortView, StudyInfo

# Rows of a table or picture, so that letters keep their size; what there is beyond is counted.
MOST_ROWS = 24


@dataclass(frozen=True)
class AuditView:
    """An audit in the language of its study."""

    found: Audit

    @property
    def locale(self) -> Locale:
        """Language of the texts."""
        return as_locale(self.found.study.locale)

    @cached_property
    def cohort(self) -> CohortView:
        """What the report of all units says: rules that are assumed, defects, notes."""
        return self.found.study.cohort_view()

    @property
    def info(self) -> StudyInfo:
        """What all views of the study share."""
        return self.cohort.info

    @property
    def noun(self) -> Noun:
        """What the units are called."""
        return noun_of(self.info)

    def title(self, code: str) -> str:
        """Return the title of a node."""
        study = self.found.study
        title = study.instrument.nodes[code].spec.title
        return title.in_(study.locale.tag, study.instrument.spec.language)

    @property
    def wave(self) -> str:
        """Title of the wave, its id where it has none."""
        study = self.found.study
        spec = next((w for w in study.spec.waves if w.id == self.found.wave), None)
        return spec.title.in_(study.locale.tag) if spec and spec.title else self.found.wave

    def step(self, question: str, *numbers: int) -> b.Heading:
        """Return the heading of a section, with the steps of the Handbook that it is of."""
        locale = self.locale
        text = locale.count(
            "{question} (step {numbers})",
            "{question} (steps {numbers})",
            len(numbers),
            question=question,
            numbers=locale.listing([locale.integer(n) for n in numbers]),
        )
        return b.Heading(text)

    def section(self, blocks: Iterable[b.Block | None]) -> b.Section:
        """Return blocks as a section in the language of the study."""
        return b.Section(blocks, self.found.study.locale.tag, self.found.study.foreign)

    def listed(self, codes: Iterable[str], most: int = 6) -> str:
        """Return the titles of some nodes as a list, the first of them where they are many."""
        return named([self.title(code) for code in codes], most, self.locale)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, with their index, as plain values by column."""
    found: list[dict[str, Any]] = frame.reset_index().to_dict("records")  # type: ignore[assignment]
    return found


def more_rows(shown: int, n: int, locale: Locale) -> str:
    """Return how many rows of a table are not shown; empty where all are."""
    if n <= shown:
        return ""
    return locale.text("The first {n}, of {all}.", n=locale.integer(shown), all=locale.integer(n))


def number_cell(value: float, locale: Locale, decimals: int = 2) -> b.Cell:
    """Return a number as a cell; a dash where there is none."""
    if value != value:
        return b.cell(NO_VALUE)
    return b.cell(locale.number(value, decimals), number=float(value))


def share_cell(value: float, locale: Locale) -> b.Cell:
    """Return a share as a percentage in a cell; a dash where there is none."""
    if value != value:
        return b.cell(NO_VALUE)
    return b.cell(locale.percent(100 * value, 0), number=float(value))


def wide(view: AuditView) -> int:
    """Return in how many places half of the ranges fit."""
    # Ends between two places count as the next one; quantiles carry noise of binary arithmetic.
    return ceil(round(view.found.width, 6))


def plain(text: str, style: str = "normal") -> b.Paragraph:
    """Return a paragraph."""
    return b.Paragraph(b.as_rich(text), style)
