"""A workbook that recomputes the scores of a study: answers, weights and rules as formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill

from workbench.errors import DataError, Place, Problem, Reason, ScoringError, did_you_mean
from workbench.interchange.about import about
from workbench.interchange.case import CaseWriter, Row
from workbench.interchange.places import AGREES, COLUMNS, FIRST_ROW, Asked, Names, Places
from workbench.language import Message, marked
from workbench.scoring.states import NO_LEVEL
from workbench.site.files import text_cell, timeless
from workbench.site.method import rules_in_words
from workbench.study import Study

# Half a minute to write, and more than that to open and compute in a spreadsheet.
MOST_CELLS = 1_500_000
TITLES = {
    "about": marked("Read me"),
    "scores": marked("Scores"),
    "answers": marked("Answers"),
    "tree": marked("Tree"),
    "parameters": marked("Parameters"),
    "tables": marked("Tables"),
}
WIDTHS = {
    "about": (34, 110),
    "scores": (9, 18, 9, 10, 38, 14, 9, 9, 9, 9, 9, 12, 12, 12, 8, 18, 12, 18, 12, 9, 44, 12, 12),
    "answers": (9, 22, 9, 10, 16, 60, 14, 14),
    "tree": (10, 50, 10, 10, 16, 9, 54, 54, 12),
    "parameters": (24, 16, 14, 9, 22, 44),
    "tables": (14, 20, 24, 14, 14),
}
_KINDS = {
    "scale": marked("Scale"),
    "lookup": marked("Look-up"),
    "conversion": marked("Conversion table"),
}
_SCORE_FORMAT, _DIFFERENCE_FORMAT = "0.00##", "0.0E+00"
_HEAD = Font(bold=True)
_INDENT = "   "
_HEAD_FILL = PatternFill("solid", fgColor="FFE7ECF1")
_VALUE_FILL = PatternFill("solid", fgColor="FFFFF2CC")
# A text that begins so is taken for a formula or an error, unless its cell says that it is one.
_NO_PLAIN_TEXT = ("=", "#")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def workbook(study: Study, run_id: str | None, units: Iterable[str] = ()) -> bytes:
    """Return a workbook that recomputes the scores of a study.

    Parameters
    ----------
    study : Study
    run_id : str or None
        Id of the run that these inputs give, where it has one.
    units : iterable of str, optional
        Units that are written; all of them by default.

    Raises
    ------
    WorkbenchError
        If a unit is unknown or was not observed, or there are too many cells for a spreadsheet.
    """
    rows = chosen_rows(study, tuple(units))
    places = places_of(study, rows)
    _check_size(places)
    return _Book(study, places, run_id).content()


def chosen_rows(study: Study, units: tuple[str, ...]) -> np.ndarray:
    """Return the rows of the scores of some units, by unit and then by wave.

    Raises
    ------
    WorkbenchError
        If a unit is unknown or was not observed.
    """
    observed = study.scores.cases.get_level_values("unit").astype(str).to_numpy()
    for unit in units:
        if unit not in observed:
            known = sorted(set(observed))
            what = Message("no observations of unit {unit}", unit=unit)
            fix = did_you_mean(unit, known)
            raise ScoringError(Problem(Reason.UNIT_UNKNOWN, what, Place("--unit"), fix=fix))
    wanted = np.isin(observed, units) if units else np.ones(len(observed), dtype=bool)
    found = np.flatnonzero(wanted)
    return found[np.argsort(observed[found], kind="stable")]


def places_of(study: Study, rows: np.ndarray) -> Places:
    """Return where everything stands in the workbook of some cases."""
    quoted = {key: _quoted(study.locale.text(title)) for key, title in TITLES.items()}
    names = Names(**{key: name for key, name in quoted.items() if key != "about"})
    return Places(study.scores, study.prepared.matrix, rows, names, study.locale.tag)


def _quoted(title: str) -> str:
    """Return the name of a sheet as formulas write it."""
    return title if title.isascii() and title.isalnum() else f"'{title}'"


def _check_size(places: Places) -> None:
    """Refuse a workbook that no spreadsheet opens in reasonable time."""
    n = len(places.rows)
    per_case = len(places.asked) * len(WIDTHS["answers"]) + len(places.order) * len(
        WIDTHS["scores"]
    )
    if n * per_case > MOST_CELLS:
        what = Message(
            "a workbook of {n} cells, for {cases} measurements, is more than a spreadsheet "
            "opens in reasonable time",
            n=n * per_case, cases=n,
        )  # fmt: skip
        fix = Message(
            "Name some units: --unit CODE, up to {most} measurements; or export to csv or parquet.",
            most=MOST_CELLS // per_case,
        )
        expected = Message("{most} cells at most", most=MOST_CELLS)
        raise DataError(Problem(Reason.FILE_TOO_LARGE, what, expected=expected, fix=fix))


@dataclass
class _Book:
    """Writes the sheets."""

    study: Study
    places: Places
    run_id: str | None

    def __post_init__(self) -> None:
        """Make the sheets, in the order in which they are read."""
        self.locale = self.study.locale
        self.book = Workbook(write_only=True)
        self.sheets = {key: self._sheet(key) for key in TITLES}
        self.writer = CaseWriter(self.places)
        self.values: Counter[str] = Counter()
        self.nodes = 0

    def _sheet(self, key: str) -> Any:
        """Return a new sheet with its widths, its head frozen."""
        sheet = self.book.create_sheet(self.locale.text(TITLES[key])[:31])
        for index, width in enumerate(WIDTHS[key]):
            sheet.column_dimensions[_letter(index)].width = width
        if key != "about":
            sheet.freeze_panes = {"scores": "F2", "answers": "E2"}.get(key, "A2")
        return sheet

    def content(self) -> bytes:
        """Return the workbook, the same bytes every time."""
        self._cases()
        self._tree()
        self._parameters()
        self._tables()
        for line in about(self.study, self.places, self.run_id, self.nodes, self.values):
            self.sheets["about"].append([self._wrapped(line[0], bold=True), self._wrapped(line[1])])
        out = BytesIO()
        self.book.save(out)
        return timeless(out.getvalue(), self.study.spec.date.isoformat())

    def _wrapped(self, value: str, *, bold: bool = False) -> Any:
        """Return a cell of the first sheet; a formula stays one."""
        sheet = self.sheets["about"]
        formula = value.startswith("=IF(")
        cell = WriteOnlyCell(sheet, value) if formula else text_cell(sheet, value)
        cell.alignment = _WRAPPED
        if bold:
            cell.font = _HEAD
        return cell

    def _head(self, key: str, titles: Iterable[str]) -> None:
        """Write the head of a sheet."""
        cells = []
        for title in titles:
            cell = text_cell(self.sheets[key], title, head=True)
            cell.fill, cell.alignment = _HEAD_FILL, _WRAPPED
            cells.append(cell)
        self.sheets[key].append(cells)

    def _texts(self, key: str, values: Iterable[Any]) -> list[Any]:
        """Return cells of values, of which no text acts as a formula."""
        return [self._text(key, v) if isinstance(v, str) else v for v in values]

    def _text(self, key: str, text: str) -> Any:
        """Return a text as it is, or as a cell where it could be taken for something else."""
        if text[:1] in _NO_PLAIN_TEXT or not text.isprintable():
            return text_cell(self.sheets[key], text)
        return text

    # -- cases ------------------------------------------------------------------------------------

    def _cases(self) -> None:
        """Write the answers and scores of every case."""
        locale = self.locale
        self._head("answers", (
            locale.text("Unit"), locale.text("Name"), locale.text("Measurement"),
            locale.text("Part of"), locale.text("Code"), locale.text("What is asked"),
            locale.text("Answer"), locale.text("Used where no answer is given"),
        ))  # fmt: skip
        self._head("scores", self._score_heads())
        last = FIRST_ROW + len(self.places.rows) * len(self.places.order) - 1
        red = PatternFill(bgColor="FFF4B6AC")
        wrong = CellIsRule(operator="equal", formula=["0"], fill=red)  # type: ignore[no-untyped-call]
        self.sheets["scores"].conditional_formatting.add(f"{AGREES}2:{AGREES}{last}", wrong)
        self.sheets["scores"].auto_filter.ref = f"A1:W{last}"
        answers = len(self.places.rows) * len(self.places.asked) + 1
        self.sheets["answers"].auto_filter.ref = f"A1:H{answers}"
        for row in self.places.rows.tolist():
            unit, wave = map(str, self.places.scores.cases[row])
            head = (unit, self.study.names.get(unit, ""), wave)
            self._answers(row, head)
            self._scores(row, head)

    def _answers(self, row: int, head: tuple[str, str, str]) -> None:
        """Write the answers of one case."""
        sheet = self.sheets["answers"]
        for asked in self.places.asked:
            values = (*head, *self._asked_titles[asked], self.writer.answer(row, asked))
            sheet.append([*self._texts("answers", values), self.writer.used(row, asked)])

    @cached_property
    def _asked_titles(self) -> dict[Asked, tuple[str, str, str]]:
        """What each row of answers is about: the node it is part of, code, title."""
        return {asked: self._titled(asked) for asked in self.places.asked}

    def _titled(self, asked: Asked) -> tuple[str, str, str]:
        """Return node, code and title of a row of answers."""
        instrument, locale = self.study.instrument, self.locale
        if asked.what == "fact":
            facts = {fact.id: fact.title for fact in instrument.spec.facts}
            said = instrument.text(facts.get(asked.code), locale.tag) or asked.code
            return locale.text("fact"), asked.code, said
        if asked.code in instrument.nodes:
            title = instrument.title(asked.code, locale.tag)
            if asked.what == "tally":
                return asked.code, asked.code, locale.text(
                    "{title}: indicators at {label}", title=title, label=asked.label
                )  # fmt: skip
            if asked.what == "word":
                return asked.code, asked.code, locale.text("{title}: level or state", title=title)
            return asked.code, asked.code, title
        seen = instrument.observables[asked.code]
        return seen.owner, asked.code, instrument.text(seen.part.title, locale.tag)  # type: ignore[union-attr]

    def _score_heads(self) -> tuple[str, ...]:
        """Return the heads of the scores."""
        text = self.locale.text
        return (
            text("Unit"), text("Name"), text("Measurement"), text("Code"), text("Node"),
            text("What it is"), text("Answers given"), text("Asked for, or weight that counts"),
            text("Met, or weight that is there"), text("Indicators of which anything is known"),
            text("Counts (1), or is left out (0)"), text("From answers or parts"),
            text("After the rules for missing data"), text("Score"), text("Level, 1 is the worst"),
            text("Level in words"), text("Score of the workbench"), text("Level of the workbench"),
            text("Difference"), text("Agrees (1) or not (0)"), text("Formula or value"),
            text("Least it could be (value)"), text("Most it could be (value)"),
        )  # fmt: skip

    def _scores(self, row: int, head: tuple[str, str, str]) -> None:
        """Write the nodes of one case."""
        for code, made in self.writer.rows(row).items():
            self.nodes += 1
            self.sheets["scores"].append(list(self._node(row, code, made, head)))

    def _node(self, row: int, code: str, made: Row, head: tuple[str, str, str]) -> Iterator[Any]:
        """Yield the cells of one node of one case."""
        result = self.places.scores.results[code]
        at = self.places.score_row(row, code)
        yield from self._texts("scores", (*head, *self._node_titles[code]))
        for name in COLUMNS:
            value = made.cells.get(name)
            is_value = made.why is not None and name in ("score", "level", "value")
            if is_value or name == "score":
                cell = self._number(value, _SCORE_FORMAT)
                if is_value:
                    cell.fill = _VALUE_FILL
                yield cell
            else:
                yield value
        scale = self.places.instrument.nodes[code].scale
        if scale is None:
            yield None
        else:
            titles = self.places.table("scale", scale, "C")
            yield f'=IF(ISNUMBER(O{at}),INDEX({titles},O{at}),"")'
        score, level = float(result.score[row]), int(result.level[row])
        yield None if np.isnan(score) else self._number(score, _SCORE_FORMAT)
        yield None if level == NO_LEVEL else self._text("scores", self._level(code, level))
        apart = f'=IF(AND(ISNUMBER(N{at}),ISNUMBER(Q{at})),N{at}-Q{at},"")'
        yield self._number(apart, _DIFFERENCE_FORMAT)
        same = (
            f"IF(ISNUMBER(N{at}),IF(ISNUMBER(Q{at}),"
            f"IF(ABS(N{at}-Q{at})<=1E-9*MAX(1,ABS(Q{at})),1,0),0),IF(ISNUMBER(Q{at}),0,1))"
        )
        yield f'=IF(P{at}&""=R{at}&"",{same},0)'
        yield self._text("scores", self._how(code, made))
        for limit in (float(result.low[row]), float(result.high[row])):
            yield None if np.isnan(limit) else self._number(limit, _SCORE_FORMAT)

    def _number(self, value: Any, form: str) -> Any:
        """Return a number, or a formula of one, as it is shown."""
        cell = WriteOnlyCell(self.sheets["scores"], value)
        cell.number_format = form
        return cell

    def _how(self, code: str, made: Row) -> str:
        """Return whether a node is a formula, and if not why."""
        if made.why is not None:
            why = made.why.text(self.locale.tag)
            self.values[why] += 1
            return self.locale.text("value, no formula: {why}", why=why)
        if "score" not in made.cells and "level" not in made.cells:
            return self.locale.text("no result: its parts stand side by side")
        return self.locale.text("formula")

    def _level(self, code: str, level: int) -> str:
        """Return the title of a level."""
        instrument = self.places.instrument
        return instrument.text(instrument.levels_of(code)[level].title, self.locale.tag)

    @cached_property
    def _node_titles(self) -> dict[str, tuple[str, str, str]]:
        """Code, title and kind of each node."""
        instrument, tag = self.study.instrument, self.locale.tag
        return {
            code: (
                code,
                _INDENT * self._depths[code] + instrument.title(code, tag),
                self.locale.text("indicator")
                if node.tier is None
                else instrument.text(node.tier.title, tag),
            )
            for code, node in instrument.nodes.items()
        }

    @cached_property
    def _depths(self) -> dict[str, int]:
        """How deep each node stands in the tree, where it stands first."""
        found: dict[str, int] = {}
        for depth, node in self.study.instrument.walk():
            found.setdefault(node.code, depth)
        return found

    # -- what is the same for all cases -----------------------------------------------------------

    def _tree(self) -> None:
        """Write the nodes with their weights and rules."""
        locale, instrument = self.locale, self.study.instrument
        self._head("tree", (
            locale.text("Code"), locale.text("Node"), locale.text("Part of"), locale.text("Weight"),
            locale.text("What it is"), locale.text("1 if more is better, -1 if less is"),
            locale.text("How its result is made"), locale.text("Levels by cut-points"),
            locale.text("Share of the weight that must be known"),
        ))  # fmt: skip
        rules = rules_in_words(self.scored, locale)
        for code, parent in self.places.edges:
            node = instrument.nodes[code]
            formula = node.weight_formula(parent) if parent else None
            weight = formula.source if formula else node.weight_under(parent) if parent else None
            texts = (
                code, self._node_titles[code][1], parent, weight, self._node_titles[code][2],
                node.spec.direction, *rules[code],
                getattr(node.aggregate, "min_availability", None),
            )  # fmt: skip
            self.sheets["tree"].append(self._texts("tree", texts))

    @property
    def scored(self) -> Any:
        """The instrument with the choices of the study."""
        return self.places.instrument

    def _parameters(self) -> None:
        """Write what was fitted to the reference."""
        locale = self.locale
        self._head("parameters", (
            locale.text("Node"), locale.text("Parameter"), locale.text("For"),
            locale.text("Number"), locale.text("Value"), locale.text("Title of the node"),
        ))  # fmt: skip
        for key, name, label, position, value in self.places.parameters.rows:
            title = self._node_titles[key.partition(":")[0]][1].strip()
            said = (key, name, label, position, value, title)
            self.sheets["parameters"].append(self._texts("parameters", said))

    def _tables(self) -> None:
        """Write scales, look-ups and conversion tables."""
        locale = self.locale
        self._head("tables", (
            locale.text("Kind"), locale.text("Table"), locale.text("Title, or levels of the parts"),
            locale.text("Key"), locale.text("Entry"),
        ))  # fmt: skip
        for kind, *row in self.places.tables:
            said = (locale.text(_KINDS[kind]), *row)
            self.sheets["tables"].append(self._texts("tables", said))


def _letter(index: int) -> str:
    """Return the letter of a column, from 0."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index]
