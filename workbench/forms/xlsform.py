"""The XLSForm of an instrument, for KoboToolbox and ODK: survey, choices and settings.

Names are derived from codes and lead back to them: ``q`` and the code for an answer, ``s`` for the
reason why there is none, ``n``, ``e`` and ``p`` for note, evidence and photo of an indicator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbench.forms.questions import Choice, Form, Heading, Question, Section
from workbench.forms.respondents import Respondent
from workbench.forms.sheets import cell_at, put_text
from workbench.forms.wording import Wording, languages_of
from workbench.forms.xml_names import encode
from workbench.forms.xpath import NotSimple, shown_unless, xpath_text
from workbench.instruments.formula import Formula
from workbench.language import Message, marked
from workbench.language.catalogue import full_tags, language_of

FIXED = (
    "type",
    "name",
    "required",
    "relevant",
    "constraint",
    "calculation",
    "appearance",
    "parameters",
)
SAID = ("label", "hint", "constraint_message")
STATE_LABEL = marked("{code}: if there is no value, why")
NOTE_LABEL = marked("{code}: note")
EVIDENCE_LABEL = marked("{code}: evidence")
PHOTO_LABEL = marked("{code}: photo of the evidence")
Line = dict[str, str]


def draw_xlsform(
    form: Form, wording: Wording, asked: Sequence[Respondent], *, photos: bool = False
) -> Workbook:
    """Return the XLSForm as a workbook.

    Parameters
    ----------
    form : Form
    wording : Wording
        Its language is shown first, if the titles exist in it.
    asked : sequence of Respondent
        Units to choose from; wave and stage of the first are fixed where they are given.
    photos : bool
        Whether to ask for a photo of the evidence of each indicator.
    """
    return _Survey(form, wording, photos).draw(asked)


@dataclass
class _Survey:
    """Collects the lines of the three sheets."""

    form: Form
    wording: Wording
    photos: bool
    lines: list[Line] = field(default_factory=list)
    choices: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        languages = languages_of(self.form.instrument)
        wordings = {x: Wording(self.form.instrument, full_tags().get(x, x)) for x in languages}
        own = language_of(self.wording.tag)
        if own in wordings:
            wordings[own] = self.wording
        self.wordings = {_language_name(x): w for x, w in wordings.items()}
        self.first = _language_name(own if own in wordings else languages[0])

    def draw(self, asked: Sequence[Respondent]) -> Workbook:
        """Return the workbook."""
        self._start(asked)
        for index, section in enumerate(self.form.sections, start=1):
            self._section(section, index)
        book = Workbook()
        survey = book.active
        assert isinstance(survey, Worksheet)  # noqa: S101  # a new workbook has one sheet
        survey.title = "survey"
        said = [f"{key}::{language}" for key in SAID for language in self.wordings]
        _write(survey, [*FIXED, *said], self.lines)
        labels = [f"label::{language}" for language in self.wordings]
        rows = [
            {
                "list_name": name,
                "name": id_,
                **{f"label::{k}": _plain(t) for k, t in titles.items()},
            }
            for name, items in self.choices.items()
            for id_, titles in items
        ]
        _write(book.create_sheet("choices"), ["list_name", "name", *labels], rows)
        spec = self.form.instrument.spec
        settings = {
            "form_title": _plain(self.wording.of(spec.title)),
            "form_id": encode(spec.id),
            "version": f"{spec.version}-{self.form.fingerprint}",
            "default_language": self.first,
            "instance_name": "concat(${wb_unit}, ' ', ${wb_wave})",
        }
        _write(book.create_sheet("settings"), list(settings), [settings])
        return book

    # -- who and when -----------------------------------------------------------------------------

    def _start(self, asked: Sequence[Respondent]) -> None:
        """Ask who is measured and when; state which instrument this is."""
        spec = self.form.instrument.spec
        for name, text in (
            ("wb_instrument", spec.id), ("wb_version", spec.version),
            ("wb_fingerprint", self.form.fingerprint), ("wb_locale", self.wording.tag),
        ):  # fmt: skip
            self._add("calculate", name, calculation=xpath_text(text))
        wave = asked[0].wave if asked else ""
        stage = asked[0].stage if asked else ""
        self._begin("wb_start", Message("Start"), appearance="field-list")
        units = [
            (r.unit, {k: f"{r.unit} {r.name}" for k in self.wordings}) for r in asked if r.unit
        ]
        title = Message("Code of the {noun}, as text")
        if units:
            self.choices["wb_units"] = units
            self._add(
                "select_one wb_units", "wb_unit", Message("Which {noun}?"), required="yes",
                appearance="minimal",
            )  # fmt: skip
        else:
            self._add("text", "wb_unit", title, required="yes")
            self._add("text", "wb_name", Message("Name"))
        if wave:
            self._add("calculate", "wb_wave", calculation=xpath_text(wave))
        else:
            self._add("text", "wb_wave", Message("Measurement"), required="yes")
        if stage:
            self._add("calculate", "wb_stage", calculation=xpath_text(stage))
        elif spec.stages:
            items = tuple(Choice(s.id, s.title) for s in spec.stages)
            self._add(
                f"select_one {self._list(items)}", "wb_stage", Message("Stage"), required="yes"
            )
        self._add("text", "wb_author", Message("Filled in by"))
        self._end()
        if self.form.facts:
            self._begin("wb_facts", Message("Facts of the {noun}"), appearance="field-list")
            for fact in self.form.facts:
                self._question(fact, "")
            self._end()

    # -- questions --------------------------------------------------------------------------------

    def _section(self, section: Section, index: int) -> None:
        """Write one main area as a group, with a group for each theme inside."""
        name = f"g{encode(section.code)}" if section.code else f"wb_section{index}"
        self._begin(name, section.title)
        depths: list[int] = []
        questions: list[Question] = []
        for entry in (*section.rows, None):
            if questions and (not isinstance(entry, Question) or entry.code == entry.owner):
                self._indicator(questions)
                questions = []
            if isinstance(entry, Question):
                questions.append(entry)
            elif isinstance(entry, Heading):
                while depths and depths[-1] >= entry.depth:
                    depths.pop()
                    self._end()
                depths.append(entry.depth)
                self._begin(f"g{encode(entry.code)}", entry.title, code=entry.code)
        for _ in depths:
            self._end()
        self._end()

    def _indicator(self, questions: list[Question]) -> None:
        """Write an indicator as one screen: its state, its parts, a note, evidence."""
        whole, name = questions[0], encode(questions[0].code)
        self._begin(f"i{name}", whole.title, code=whole.code, appearance="field-list")
        relevant = self._relevant(whole.code)
        for question in questions:
            self._question(question, relevant)
        code = whole.code
        self._add("text", f"n{name}", Message(NOTE_LABEL, code=code), appearance="multiline")
        self._add("text", f"e{name}", Message(EVIDENCE_LABEL, code=code), appearance="multiline")
        if self.photos:
            photo = Message(PHOTO_LABEL, code=code)
            self._add("image", f"p{name}", photo, parameters="max-pixels=1600")
        self._end()

    def _question(self, question: Question, relevant: str) -> None:
        """Write one question and, where it needs one, the question why there is no answer."""
        name = encode(question.code)
        title = {k: f"{question.code} {w.of(question.title)}" for k, w in self.wordings.items()}
        hint = {k: w.hint(question) for k, w in self.wordings.items()}
        states = tuple(Choice(s.id, s.title) for s in question.states)
        if question.choices:
            list_ = self._list((*question.choices, *states))
            self._add(f"select_one {list_}", f"q{name}", title, hint=hint, relevant=relevant)
            return
        if question.answer == "number":
            constraint = _constraint(question)
            expected = Message("Enter {expected}.", expected=question.allowed.expected())
            self._add(
                "integer" if question.allowed.whole else "decimal", f"q{name}", title, hint=hint,
                relevant=relevant, constraint=constraint, refused=expected if constraint else None,
            )  # fmt: skip
        if states:
            blank = f"${{q{name}}} = ''" if question.answer == "number" else ""
            shown = " and ".join(part for part in (relevant, blank) if part)
            self._add(
                f"select_one {self._list(states)}", f"s{name}",
                Message(STATE_LABEL, code=question.code), relevant=shown,
            )  # fmt: skip

    def _relevant(self, code: str) -> str:
        """Return when the questions of an indicator are shown: unless a fact sets it aside."""
        nodes = self.form.instrument.nodes
        suppositions = [
            f for n, f in sorted(nodes[code].formulas.items()) if n.startswith("not_measurable[")
        ]
        required: list[Formula] = []
        waiting, seen = [code], set()
        while waiting:
            above = waiting.pop()
            if above not in seen:
                seen.add(above)
                formula = nodes[above].formulas.get("exists_when")
                required += [formula] if formula is not None else []
                waiting.extend(nodes[above].parents)
        booleans = frozenset(f.code for f in self.form.facts if f.answer == "yes_no")
        return shown_unless(suppositions, required, self._reference, booleans)

    def _reference(self, name: str) -> str:
        """Return the reference of the question about a fact."""
        if name not in {fact.code for fact in self.form.facts}:
            raise NotSimple
        return f"${{q{encode(name)}}}"

    # -- lines ------------------------------------------------------------------------------------

    def _list(self, items: tuple[Choice, ...]) -> str:
        """Return the name of a list of choices, made once."""
        rows = [
            (item.id, {k: w.of(item.title) or item.id for k, w in self.wordings.items()})
            for item in items
        ]
        for name, known in self.choices.items():
            if known == rows:
                return name
        name = f"list{len(self.choices) + 1}"
        self.choices[name] = rows
        return name

    def _begin(self, name: str, title: object, *, code: str = "", appearance: str = "") -> None:
        """Open a group."""
        words = {k: f"{code} {w.of(title)}".strip() for k, w in self.wordings.items()}  # type: ignore[arg-type]
        self._add("begin_group", name, words, appearance=appearance)

    def _end(self) -> None:
        """Close a group."""
        self._add("end_group", "")

    def _add(
        self,
        kind: str,
        name: str,
        label: Message | dict[str, str] | None = None,
        *,
        hint: dict[str, str] | None = None,
        refused: Message | None = None,
        **columns: str,
    ) -> None:
        """Add a line to the survey."""
        line: Line = {"type": kind, "name": name, **columns}
        for key, words in (("label", label), ("hint", hint), ("constraint_message", refused)):
            for language, wording in self.wordings.items():
                text = words[language] if isinstance(words, dict) else wording.of(words)
                line[f"{key}::{language}"] = _plain(text)
        self.lines.append(line)


def _constraint(question: Question) -> str:
    """Return what a number must fulfil."""
    allowed, parts = question.allowed, []
    if np.isfinite(allowed.low):
        parts.append(f". >= {allowed.low:.15g}")
    if np.isfinite(allowed.high):
        parts.append(f". <= {allowed.high:.15g}")
    if question.at_most is not None:
        other = f"${{q{encode(question.at_most)}}}"
        parts.append(f"({other} = '' or . <= {other})")
    return " and ".join(parts)


def _plain(text: str) -> str:
    """Return a text in which nothing refers to another question."""
    return " ".join(text.split()).replace("${", "$ {")


def _language_name(language: str) -> str:
    """Return the name of a language as XLSForms write it: ``Español (es)``."""
    import babel

    name = babel.Locale.parse(language).get_display_name(language) or language
    return f"{name.capitalize()} ({language})"


def _write(sheet: Worksheet, header: Sequence[str], lines: Iterable[Line]) -> None:
    """Write a sheet, leaving out columns in which nothing stands."""
    rows = list(lines)
    columns = [h for h in header if any(row.get(h) for row in rows)]
    for n, name in enumerate(columns, start=1):
        put_text(cell_at(sheet, 1, n), name)
    for n, row in enumerate(rows, start=2):
        for m, name in enumerate(columns, start=1):
            if row.get(name):
                put_text(cell_at(sheet, n, m), row[name])
