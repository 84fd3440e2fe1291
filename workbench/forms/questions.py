"""What a form asks: every code that data can be about, with the answers that it may have.

The same questions are drawn as a workbook, as rows and columns, and as an XLSForm, and answers in
any of them are read by the same rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from workbench.errors import InstrumentError, Place, Problem, Reason
from workbench.instruments import Instrument, Node, Observable
from workbench.instruments.model import parts_of
from workbench.language import Message
from workbench.observations.checks import Allowed, allowed_for
from workbench.specs.common import Text
from workbench.specs.instrument import (
    Benchmark,
    Category,
    Checklist,
    Element,
    Grade,
    Measure,
    State,
    Statement,
    Variable,
)

Answer = Literal["yes_no", "number", "choice", "none"]
Words = Text | Message | str
# Aggregations whose result is a level, not a number.
_LEVEL_METHODS = ("weakest_link", "lookup_table", "single", "conditions")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose.

    Parameters
    ----------
    id : str
        Level, option or number as data hold it.
    title : Text or Message or str
    value : float or None
        Number that the answer stands for; None for a word.
    """

    id: str
    title: Words
    value: float | None = None


YES_NO = (Choice("1", Message("Yes"), 1.0), Choice("0", Message("No"), 0.0))


@dataclass(frozen=True, slots=True)
class Question:
    """One code that is asked for.

    Parameters
    ----------
    code : str
    owner : str
        Indicator that it belongs to; its own code for others.
    role : str
        indicator, node, element, variable, input or fact.
    answer : {"yes_no", "number", "choice", "none"}
        ``none``: answered by its parts; only a state can be given.
    title : Text
    allowed : Allowed
        Numbers and words that data may hold.
    choices : tuple of Choice
        Answers to choose from; empty for free numbers.
    states : tuple of State
        Reasons why there may be no value.
    unit, condition : Text or None
    year_offset : int or None
    at_most : str or None
        Code that this number can't exceed.
    optional : bool
        Computed where it is left blank.
    """

    code: str
    owner: str
    role: str
    answer: Answer
    title: Text
    allowed: Allowed
    choices: tuple[Choice, ...] = ()
    states: tuple[State, ...] = ()
    unit: Text | None = None
    condition: Text | None = None
    year_offset: int | None = None
    at_most: str | None = None
    optional: bool = False

    @property
    def state_in_answer(self) -> bool:
        """Whether a state is one of the answers: elements are met, not met, or not measurable."""
        return self.role == "element"


@dataclass(frozen=True, slots=True)
class Heading:
    """A group of the instrument inside a section."""

    code: str
    title: Text
    depth: int


@dataclass(frozen=True, slots=True)
class Section:
    """One main area of the instrument: a sheet, or a group of questions.

    Parameters
    ----------
    code : str
        Code of the area; empty for what belongs to none.
    title : Text or Message
    rows : tuple of Heading or Question
    """

    code: str
    title: Words
    rows: tuple[Heading | Question, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions without the headings."""
        return tuple(row for row in self.rows if isinstance(row, Question))


@dataclass(frozen=True)
class Form:
    """Everything that a form of an instrument asks.

    Parameters
    ----------
    instrument : Instrument
    facts : tuple of Question
    sections : tuple of Section
    """

    instrument: Instrument
    facts: tuple[Question, ...]
    sections: tuple[Section, ...] = field(default=())

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by code, facts first."""
        found = [*self.facts, *(q for section in self.sections for q in section.questions)]
        return {q.code: q for q in found}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section in which each code is asked; facts are in none."""
        return {q.code: section for section in self.sections for q in section.questions}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of what is asked and may be answered; a mended title leaves it as it is."""
        asked = [
            (
                q.code, q.answer, [(c.id, c.value) for c in q.choices], [s.id for s in q.states],
                repr(q.allowed.low), repr(q.allowed.high), q.allowed.whole, q.at_most,
            )
            for q in self.questions.values()
        ]  # fmt: skip
        text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def form_of(instrument: Instrument) -> Form:
    """Return what a form of an instrument asks.

    Raises
    ------
    InstrumentError
        If the instrument has nothing that could be asked.
    """
    facts = tuple(_fact_questions(instrument))
    sections = tuple(s for s in _sections(instrument) if s.questions)
    if not sections:
        what = Message("the instrument has no indicators to ask for")
        fix = Message("Fill in its items first.")
        problem = Problem(Reason.INSTRUMENT_OUTLINE, what, Place(instrument.name), fix=fix)
        raise InstrumentError(problem)
    return Form(instrument, facts, sections)


def _fact_questions(instrument: Instrument) -> Iterator[Question]:
    """Yield the facts of a unit as questions."""
    for fact in instrument.spec.facts:
        observable = instrument.observables[fact.id]
        yield Question(
            fact.id, fact.id, "fact", "yes_no" if fact.boolean else "number", fact.title,
            allowed_for(instrument, observable), YES_NO if fact.boolean else (), unit=fact.unit,
        )  # fmt: skip


def _sections(instrument: Instrument) -> Iterator[Section]:
    """Yield the main areas: below a single root, else the roots; each indicator stands once."""
    roots = [instrument.nodes[code] for code in instrument.roots]
    if len(roots) == 1 and not roots[0].is_indicator:
        below = [instrument.nodes[code] for code in roots[0].children]
        areas, alone = (
            [n for n in below if not n.is_indicator],
            [n for n in below if n.is_indicator],
        )
        home = roots[0]
    else:
        areas, alone = (
            [n for n in roots if not n.is_indicator],
            [n for n in roots if n.is_indicator],
        )
        home = None
    placed: set[str] = set()
    for area in areas:
        yield Section(area.code, area.spec.title, tuple(_rows(instrument, area, 0, placed)))
    rows = tuple(q for node in alone for q in _indicator(instrument, node, placed))
    title = home.spec.title if home is not None else Message("Indicators")
    yield Section(home.code if home is not None else "", title, rows)
    if instrument.spec.completeness != "published":
        title_ = Message("Results as published")
        yield Section("", title_, tuple(_node_questions(instrument)))


def _rows(
    instrument: Instrument, node: Node, depth: int, placed: set[str]
) -> Iterator[Heading | Question]:
    """Yield headings and questions below a group, leaving out what was placed before."""
    for code in node.children:
        child = instrument.nodes[code]
        if child.is_indicator:
            yield from _indicator(instrument, child, placed)
            continue
        inside = list(_rows(instrument, child, depth + 1, placed))
        if inside:
            yield Heading(code, child.spec.title, depth)
            yield from inside


def _indicator(instrument: Instrument, node: Node, placed: set[str]) -> Iterator[Question]:
    """Yield an indicator and its parts, unless it was placed before."""
    if node.code in placed:
        return
    placed.add(node.code)
    yield _whole(instrument, node)
    in_words = node.spec.in_words if isinstance(node.spec, Benchmark) else ()
    for _, part in parts_of(node.spec):
        if part.id in in_words:
            continue
        yield _part(instrument, instrument.observables[f"{node.code}.{part.id}"], node)


def _whole(instrument: Instrument, node: Node) -> Question:
    """Return the question of an indicator itself."""
    allowed = allowed_for(instrument, instrument.observables[node.code])
    spec = node.spec
    answer: Answer = "number"
    choices: tuple[Choice, ...] = ()
    if isinstance(spec, Checklist) or (isinstance(spec, Measure) and spec.formula is not None):
        answer = "none"
    elif isinstance(spec, Statement):
        answer, choices = "yes_no", YES_NO
    elif isinstance(spec, Grade) or (isinstance(spec, Benchmark) and node.scale is not None):
        answer = "choice"
        choices = tuple(Choice(x.id, x.title) for x in instrument.levels_of(node.code))
    elif isinstance(spec, Category):
        answer, choices = "choice", tuple(Choice(o.id, o.title) for o in spec.options)
    elif allowed.options is not None:
        choices = tuple(Choice(_number(x), _number(x), x) for x in allowed.options)
    return Question(
        node.code, node.code, "indicator", answer, spec.title, allowed, choices,
        _states(instrument, allowed), getattr(spec, "unit", None),
    )  # fmt: skip


def _part(instrument: Instrument, observable: Observable, node: Node) -> Question:
    """Return the question of an element, variable or input."""
    allowed = allowed_for(instrument, observable)
    states, part, code = _states(instrument, allowed), observable.part, observable.code
    if isinstance(part, Element):
        return Question(
            code, node.code, "element", "yes_no", part.title, allowed, YES_NO, states,
            condition=part.condition,
        )  # fmt: skip
    assert isinstance(part, Variable)  # noqa: S101  # parts are elements or variables
    choices = _options(part)
    optional = part.compute is not None
    return Question(
        code, node.code, observable.kind, "yes_no" if choices == YES_NO else "number", part.title,
        allowed, choices, states, part.unit, year_offset=part.year_offset, optional=optional,
        at_most=f"{node.code}.{part.at_most}" if part.at_most else None,
    )  # fmt: skip


def _options(part: Variable) -> tuple[Choice, ...]:
    """Return the numbers that a variable may be, with their titles."""
    if part.options is None:
        return ()
    if part.option_titles is None and set(part.options) == {0.0, 1.0}:
        return YES_NO
    titles: tuple[Words, ...] = part.option_titles or tuple(_number(x) for x in part.options)
    return tuple(Choice(_number(x), t, x) for x, t in zip(part.options, titles, strict=False))


def _node_questions(instrument: Instrument) -> Iterator[Question]:
    """Yield the groups whose published result can be written down."""
    for code in instrument.groups:
        node = instrument.nodes[code]
        if node.aggregate is None or node.aggregate.method == "none":
            continue
        allowed = allowed_for(instrument, instrument.observables[code])
        choices: tuple[Choice, ...] = ()
        if node.aggregate.method in _LEVEL_METHODS:
            choices = tuple(Choice(x.id, x.title) for x in instrument.levels_of(code))
        yield Question(
            code, code, "node", "choice" if choices else "number", node.spec.title, allowed,
            choices, _states(instrument, allowed), node.tier.unit if node.tier else None,
        )  # fmt: skip


def _states(instrument: Instrument, allowed: Allowed) -> tuple[State, ...]:
    """Return the states that a code may have, in the order of the instrument."""
    return tuple(s for s in instrument.spec.states if s.id in allowed.words)


def _number(value: float) -> str:
    """Return a number as data write it."""
    return f"{value:.15g}"
