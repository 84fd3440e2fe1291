"""The words of a form: labels in the reader's language, and what answers in words mean."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.forms.questions import Choice, Question, Words
from workbench.instruments import Instrument
from workbench.language import Message, as_locale
from workbench.language.catalogue import catalogue_languages, language_of, nearest_tag
from workbench.specs.common import Text, noun_in
from workbench.specs.instrument import State

# What people write for yes and no, whatever the language of the form.
_YES = ("1", "sí", "si", "yes", "true", "verdadero", "x", "✓")
_NO = ("0", "no", "false", "falso")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer stands for: a number, or the id of a level, option or state."""

    value: float | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of one instrument's form in one language.

    Parameters
    ----------
    instrument : Instrument
    tag : str
        Full language tag, ``es-MX``.
    """

    instrument: Instrument
    tag: str

    def of(self, words: Words | None) -> str:
        """Return a text of the instrument or a sentence of the interface; empty for None."""
        if words is None:
            return ""
        if isinstance(words, Message):
            return self.text(words.source, **dict(words.values))
        return words if isinstance(words, str) else words.in_(self.tag, self.language)

    @property
    def language(self) -> str:
        """Language in which the instrument was written."""
        return self.instrument.spec.language

    def text(self, source: str, /, **values: object) -> str:
        """Return a sentence of the interface; ``{noun}`` in it is what the units are called."""
        if "{noun}" in source:
            noun = noun_in(self.instrument.spec.unit_noun, as_locale(self.tag), self.language)
            return noun.text(source, **values)
        return Message(source, **values).text(self.tag)

    def state(self, state: State) -> str:
        """Return how a state is shown: its id, and its title where that says more."""
        title = self.of(state.title)
        return state.id if title == state.id else f"{state.id} – {title}"

    def choices(self, question: Question) -> list[tuple[str, Meaning]]:
        """Return the labels to choose from in the answer cell, each once, with their meanings."""
        found = [(self._choice(c, question), _meaning(c)) for c in question.choices]
        if question.state_in_answer:
            found += self.states(question)
        seen = [label.casefold() for label, _ in found]
        return [
            (label if seen.count(label.casefold()) == 1 else f"{label} ({_id(m)})", m)
            for label, m in found
        ]

    def _choice(self, choice: Choice, question: Question) -> str:
        """Return the label of one answer; a numbered option keeps its number."""
        title = self.of(choice.title)
        if question.answer != "number" or title == choice.id:
            return title
        return f"{choice.id} – {title}"

    def states(self, question: Question) -> list[tuple[str, Meaning]]:
        """Return the labels of the states that a question may have."""
        return [(self.state(s), Meaning(state=s.id)) for s in question.states]

    def expected(self, question: Question) -> str:
        """Return what the answer cell takes, in words; empty where nothing is asked there."""
        if question.answer == "none":
            return ""
        labels = [label for label, _ in self.choices(question)]
        if labels:
            return ", ".join(labels)
        return question.allowed.expected().text(self.tag)

    def hint(self, question: Question) -> str:
        """Return unit, year and condition of a question, in one line."""
        parts = [
            self.of(question.unit),
            self._year(question.year_offset),
            self.of(question.condition),
        ]
        if question.optional:
            parts.append(self.text("computed if left blank"))
        return "; ".join(part for part in parts if part)

    def _year(self, offset: int | None) -> str:
        """Return which year a number is about."""
        if offset is None:
            return ""
        if offset == 0:
            return self.text("evaluated year")
        if offset == -1:
            return self.text("year before the evaluated one")
        return self.text("evaluated year {n}", n=float(offset))


def vocabulary(instrument: Instrument, question: Question, tag: str) -> dict[str, Meaning]:
    """Return everything that an answer to a question may say in words, folded, and its meaning.

    The labels of the form come first, then ids, then titles in every language: a form filled in by
    a script, or exported with labels, is read as well.
    """
    words: dict[str, Meaning] = {}

    def learn(text: str, meaning: Meaning) -> None:
        words.setdefault(fold(text), meaning)

    tags = [tag, *(t for t in languages_of(instrument) if t != tag)]
    for wording in (Wording(instrument, t) for t in tags):
        for label, meaning in (*wording.choices(question), *wording.states(question)):
            learn(label, meaning)
        if wording.tag == tag:
            for choice in question.choices:
                learn(choice.id, _meaning(choice))
            for state in question.states:
                learn(state.id, Meaning(state=state.id))
            if question.answer == "yes_no":
                for word, value in [*((w, 1.0) for w in _YES), *((w, 0.0) for w in _NO)]:
                    learn(word, Meaning(value))
        for state in question.states:
            learn(wording.of(state.title), Meaning(state=state.id))
        for choice in question.choices:
            learn(wording.of(choice.title), _meaning(choice))
    return words


def _meaning(choice: Choice) -> Meaning:
    """Return what a choice stands for."""
    return Meaning(choice.value, "" if choice.value is not None else choice.id)


def _id(meaning: Meaning) -> str:
    """Return what data hold for a meaning."""
    return meaning.state or f"{meaning.value:.15g}"


def fold(text: str) -> str:
    """Return a text without what does not tell answers apart: case and spaces."""
    return " ".join(text.split()).casefold()


def languages_of(instrument: Instrument) -> list[str]:
    """Return the languages in which every indicator has its title, that of the instrument first."""
    own = instrument.spec.language
    texts = [instrument.nodes[code].spec.title for code in instrument.indicators]
    shared = [
        language
        for language in catalogue_languages()
        if language != own and all(_has(text, language) for text in texts)
    ]
    return [own, *shared]


def _has(text: Text, language: str) -> bool:
    """Return whether a text is given in a language; a plain text is in the instrument's own."""
    return isinstance(text.root, dict) and any(language_of(tag) == language for tag in text.root)


def default_tag(instrument: Instrument) -> str:
    """Return the locale of a form that names none: the language of the instrument."""
    return nearest_tag(instrument.spec.language)
