"""Answers read by what a code may hold; every mistake becomes a problem with its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from workbench.errors import Place, Problem, Reason, did_you_mean
from workbench.forms.opening import RawCell
from workbench.forms.questions import Form, Question
from workbench.forms.wording import Meaning, Wording, default_tag, fold, vocabulary
from workbench.instruments import Instrument
from workbench.language import Message, as_locale
from workbench.observations.checks import Allowed
from workbench.specs.rendering import RESERVED_UNITS, UNIT_PATTERN

_NUMBER = re.compile(r"^[+\-\u2212]?(\d+(\.\d*)?|\.\d+)([eE][+\-]?\d{1,3})?$")
MAX_WAVE = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a number, a state or level, or only a note or evidence.

    Parameters
    ----------
    code : str
    value : float or None
    state : str
    note, evidence : str
    place : Place
        Cell of the answer.
    """

    code: str
    value: float | None
    state: str
    note: str
    evidence: str
    place: Place


@dataclass(frozen=True, slots=True)
class Filled:
    """One form filled in: who, when, and the answers.

    Parameters
    ----------
    unit, wave, stage : str
    answers : tuple of Answer
    place : Place
        Cell of the unit's code.
    """

    unit: str
    wave: str
    stage: str
    answers: tuple[Answer, ...]
    place: Place


@dataclass
class AnswerReader:
    """Reads cells of one form; collects problems instead of stopping at the first.

    Parameters
    ----------
    form : Form
    tag : str
        Locale in which the form was written.
    problems : list of Problem
        Takes what is found.
    """

    form: Form
    tag: str
    problems: list[Problem] = field(default_factory=list)
    known: dict[str, dict[str, Meaning]] = field(default_factory=dict)

    def report(
        self,
        reason: Reason,
        what: Message,
        cell: RawCell,
        *,
        code: str = "",
        expected: Message | None = None,
        fix: Message | None = None,
    ) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(Problem(reason, what, cell.place, cell.text, expected, fix, code))

    # -- who and when -----------------------------------------------------------------------------

    def unit(self, cell: RawCell) -> str:
        """Return the code of a unit; empty, with a problem, if it is none."""
        if cell.empty:
            what = Message("the form does not say which unit it is about")
            fix = Message("Write its code, as text.")
            self.report(Reason.UNIT_CODE, what, cell, fix=fix)
            return ""
        if not isinstance(cell.value, str) or cell.formula:
            what = Message("{got} is a number; codes are text", got=cell.text)
            fix = Message("Format the cell as text and write the code with its leading zeros.")
            self.report(Reason.CODE_IS_NUMBER, what, cell, fix=fix)
            return ""
        code = cell.text
        if not re.match(UNIT_PATTERN, code) or code.casefold() in RESERVED_UNITS or ".." in code:
            what = Message("this can't be the code of a unit: it names a folder of the run")
            expected = Message("letters, digits, points and hyphens, at most 64")
            self.report(Reason.UNIT_CODE, what, cell, expected=expected)
            return ""
        return code

    def wave(self, cell: RawCell) -> str:
        """Return the wave; empty, with a problem, if there is none."""
        if cell.empty or cell.formula or len(cell.text) > MAX_WAVE:
            what = Message("the form does not say which measurement it is")
            fix = Message("Write its id, as in the study: 2025, for instance.")
            self.report(Reason.WAVE_UNKNOWN, what, cell, fix=fix)
            return ""
        return cell.text

    def stage(self, cell: RawCell) -> str:
        """Return the id of the stage; empty where none is given."""
        if cell.empty:
            return ""
        stages = self.form.instrument.spec.stages
        language = self.form.instrument.spec.language
        for stage in stages:
            root = stage.title.root
            titles = root.values() if isinstance(root, dict) else [root]
            names = [stage.id, stage.title.in_(self.tag, language), *titles]
            if fold(cell.text) in {fold(name) for name in names}:
                return stage.id
        what = Message("the instrument has no such stage")
        fix = did_you_mean(cell.text, [stage.id for stage in stages])
        self.report(Reason.STAGE_UNKNOWN, what, cell, fix=fix)
        return ""

    # -- answers ----------------------------------------------------------------------------------

    def answer(
        self,
        question: Question,
        cell: RawCell,
        state_cell: RawCell | None = None,
        note: RawCell | None = None,
        evidence: RawCell | None = None,
    ) -> Answer | None:
        """Return the answer to a question; None where nothing was entered, or it is wrong."""
        before = len(self.problems)
        meaning = self._answered(question, cell)
        state = self._state(question, state_cell) if state_cell is not None else ""
        if state and (meaning.value is not None or meaning.state):
            what = Message("an answer and a reason why there is none can't stand together")
            fix = Message("Delete one of them.")
            self.report(
                Reason.STATE_NOT_ALLOWED, what, state_cell or cell, code=question.code, fix=fix
            )
        texts = [self._text(c, question) if c is not None else "" for c in (note, evidence)]
        if len(self.problems) > before:
            return None
        state = state or meaning.state
        if meaning.value is None and not state and not any(texts):
            return None
        place = cell.place if not (state_cell and state and not meaning.state) else state_cell.place
        return Answer(question.code, meaning.value, state, texts[0], texts[1], place)

    def _answered(self, question: Question, cell: RawCell) -> Meaning:
        """Return what the answer cell says."""
        if cell.formula and cell.value is None:
            what = Message("the cell holds a formula that was never computed")
            fix = Message("Open the file in a spreadsheet program and save it, or write the value.")
            self.report(Reason.VALUE_NOT_NUMBER, what, cell, code=question.code, fix=fix)
            return Meaning()
        if cell.empty:
            return Meaning()
        word = self._words(question).get(fold(cell.text))
        value = _as_number(cell.value)
        if word is not None and (word.value is None or question.answer != "number"):
            return word
        if question.answer == "none":
            what = Message("nothing is entered here: its parts are answered")
            fix = Message("Delete the entry, and answer the rows below.")
            self.report(Reason.VALUE_RANGE, what, cell, code=question.code, fix=fix)
            return Meaning()
        if value is None and word is not None:
            return word
        if value is None or question.answer == "choice":
            self._unread(question, cell)
            return Meaning()
        if not fits(question.allowed, value):
            what = Message("the value of {code} is out of range", code=question.code)
            expected = self._expected(question)
            self.report(Reason.VALUE_RANGE, what, cell, code=question.code, expected=expected)
            return Meaning()
        return Meaning(value)

    def _unread(self, question: Question, cell: RawCell) -> None:
        """Report a text that is no answer."""
        states = {fold(s.id): s.id for s in self.form.instrument.spec.states}
        if fold(cell.text) in states:
            what = Message("{code} can't have this state", code=question.code)
            self.report(
                Reason.STATE_NOT_ALLOWED, what, cell, code=question.code,
                expected=self._expected(question),
            )  # fmt: skip
            return
        if question.choices:
            labels = [label for label, _ in self.wording.choices(question)]
            what, reason = Message("this is none of the answers"), Reason.STATE_UNKNOWN
            fix = did_you_mean(cell.text, labels)
        else:
            what, reason = Message("not a number"), Reason.VALUE_NOT_NUMBER
            fix = Message("Write the number alone; put words into the note.")
        self.report(
            reason, what, cell, code=question.code, expected=self._expected(question), fix=fix
        )

    def _state(self, question: Question, cell: RawCell) -> str:
        """Return the state that a cell says; empty where it says none, or a wrong one."""
        if cell.empty:
            return ""
        word = self._words(question).get(fold(cell.text))
        if word is not None and word.state in {s.id for s in question.states}:
            return word.state
        names = [s.id for s in self.form.instrument.spec.states]
        known = {fold(self.wording.state(s)) for s in self.form.instrument.spec.states}
        known |= {fold(n) for n in names}
        what = Message("{code} can't have this state", code=question.code)
        reason, fix = Reason.STATE_NOT_ALLOWED, None
        if fold(cell.text) not in known:
            what = Message("{code} has no such level or state", code=question.code)
            reason, fix = Reason.STATE_UNKNOWN, did_you_mean(cell.text, names)
        listed = ", ".join(s.id for s in question.states)
        expected = Message("one of {names}", names=listed) if listed else Message("a blank cell")
        self.report(reason, what, cell, code=question.code, expected=expected, fix=fix)
        return ""

    def _text(self, cell: RawCell, question: Question) -> str:
        """Return a note; a formula in it is a problem, because nobody wrote what it shows."""
        if cell.formula:
            what = Message("the cell holds a formula where a text belongs")
            fix = Message("Write the text itself, or delete it.")
            self.report(Reason.FILE_FORMAT, what, cell, code=question.code, fix=fix)
            return ""
        return "".join(c for c in cell.text if c.isprintable() or c in "\n\t")

    def _expected(self, question: Question) -> Message:
        """Return what an answer may be."""
        choices = self.wording.choices(question)
        if choices:
            return Message("one of {names}", names=", ".join(label for label, _ in choices))
        return question.allowed.expected()

    @property
    def wording(self) -> Wording:
        """The words in which the form was written."""
        return Wording(self.form.instrument, self.tag)

    def _words(self, question: Question) -> dict[str, Meaning]:
        """Return what words mean in the answer to a question."""
        if question.code not in self.known:
            self.known[question.code] = vocabulary(self.form.instrument, question, self.tag)
        return self.known[question.code]

    # -- a whole form -----------------------------------------------------------------------------

    def check_limits(self, answers: Iterable[Answer]) -> None:
        """Report numbers that exceed the one of which they are a part."""
        by_code = {a.code: a for a in answers}
        for code, answer in by_code.items():
            limit = by_code.get(self.form.questions[code].at_most or "")
            if limit is None or answer.value is None or limit.value is None:
                continue
            if answer.value > limit.value:
                what = Message(
                    "{part} is larger than {whole}, of which it is a part",
                    part=code,
                    whole=limit.code,
                )
                expected = Message("at most {n}", n=limit.value)
                got = f"{answer.value:.12g}"
                self.problems.append(
                    Problem(Reason.VALUE_RANGE, what, answer.place, got, expected, code=code)
                )

    def check_filled(self, answers: Iterable[Answer], place: Place) -> None:
        """Report a form in which nothing was answered."""
        facts = {q.code for q in self.form.facts}
        if any(a.code not in facts and (a.value is not None or a.state) for a in answers):
            return
        what = Message("the form is empty")
        fix = Message("Fill it in, or leave it out.")
        self.problems.append(Problem(Reason.NOTHING_OBSERVED, what, place, fix=fix))


def _as_number(value: object) -> float | None:
    """Return the number that a cell holds, also as a plain text; None if it is none."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, int | float):
        return float(value) if np.isfinite(float(value)) else None
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        number = float(value.strip().replace("\u2212", "-"))
        return number if np.isfinite(number) else None
    return None


def fits(allowed: Allowed, value: float) -> bool:
    """Return whether a number is one that a code may hold."""
    if not allowed.numbers:
        return False
    if allowed.options is not None:
        return value in allowed.options
    return allowed.low <= value <= allowed.high and not (allowed.whole and value != np.floor(value))


def tag_of(passport: dict[str, str], instrument: Instrument) -> str:
    """Return the locale in which a form was written, if it is still known."""
    from workbench.errors import WorkbenchError

    try:
        return as_locale(passport.get("locale", "")).tag
    except WorkbenchError:
        return default_tag(instrument)
