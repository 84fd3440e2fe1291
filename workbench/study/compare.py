"""The chooser: which comparison answers a question, what the data allow, and what was not chosen.

It looks at the data and not at the answers: how many waves there are, whether the same units were
measured, whether the result is a number, a level or a yes, which groups and programme the study
declares. Whatever it picks, it says why, and what else there would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import get_args

import pandas as pd

from workbench.errors import Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message, as_locale
from workbench.specs.comparisons import Question
from workbench.stats import Refusal, Result
from workbench.stats.result import Sentence
from workbench.study.compared import Compared
from workbench.study.facade import Study

POINTS = "points"
QUESTIONS: tuple[Question, ...] = get_args(Question)


@dataclass(frozen=True, slots=True)
class Answer:
    """One result among those that answer a question.

    Parameters
    ----------
    node : str
        What was compared.
    why : Message
        Why this comparison was made.
    result : Result
    beside : bool
        Whether it stands beside the main answer, as a check or another way to look at it.
    about : Message or None
        What it looks at, where the name of the comparison does not say it.
    """

    node: str
    why: Sentence
    result: Result
    beside: bool = False
    about: Sentence | None = None


@dataclass(frozen=True, slots=True)
class NotChosen:
    """A comparison that was not made, and why."""

    what: Sentence
    why: Sentence


@dataclass(frozen=True)
class Comparison:
    """The answers to one question of a study.

    Parameters
    ----------
    question : str
    answers : tuple of Answer
        The main ones first.
    not_chosen : tuple of NotChosen
    waves : tuple of str
        Those that were looked at, in order.
    by : str or None
        Column of the units table whose groups were compared.
    locale : str
        Language tag of the study, in which a notebook shows it.
    """

    question: str
    answers: tuple[Answer, ...]
    not_chosen: tuple[NotChosen, ...] = ()
    waves: tuple[str, ...] = ()
    by: str | None = None
    locale: str = "en"

    @property
    def result(self) -> Result:
        """The main result."""
        return self.answers[0].result

    def sentence(self, locale: str) -> str:
        """Return the main answers in plain words."""
        return " ".join(a.result.sentence(locale) for a in self.answers if not a.beside)

    def choice(self, locale: str) -> list[str]:
        """Return which comparisons were made and why, then which were not, and why."""
        tag = as_locale(locale).tag
        made = [f"{a.result.method.text(tag)}: {a.why.text(tag)}" for a in self.answers]
        return [*made, *(f"{n.what.text(tag)}: {n.why.text(tag)}" for n in self.not_chosen)]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a result, with its node."""
        rows = [a.result.to_frame().assign(node=a.node, beside=a.beside) for a in self.answers]
        frame = pd.concat(rows, ignore_index=True)
        return frame[["node", *(c for c in frame.columns if c != "node")]]


@dataclass
class Choice:
    """What is asked, and what has been chosen so far.

    Parameters
    ----------
    data : Compared
    question : str
    node : str
    waves : tuple of str
        Waves that were asked for; those of the study by default.
    by, unit : str or None
    """

    data: Compared
    question: Question
    node: str
    waves: tuple[str, ...]
    by: str | None = None
    unit: str | None = None
    answers: list[Answer] = field(default_factory=list)
    not_chosen: list[NotChosen] = field(default_factory=list)

    def take(
        self,
        result: Result,
        why: Sentence,
        *,
        node: str | None = None,
        beside: bool = False,
        about: Sentence | None = None,
    ) -> None:
        """Take a result as an answer."""
        self.answers.append(Answer(node or self.node, why, result, beside, about))

    def leave(self, what: Sentence, why: Sentence) -> None:
        """Say that a comparison was not made."""
        self.not_chosen.append(NotChosen(what, why))

    def refuse(self, reason: str, what: Sentence, why: Sentence, instead: Sentence) -> None:
        """Answer with a refusal."""
        result = Result(
            self.question, "change", 0, Message(""), refusal=Refusal(reason, what, why, instead)
        )
        self.take(result, why)


def refuse_own_waves(choice: Choice) -> None:
    """Answer that a result measured against each wave's own units is not compared over waves."""
    choice.refuse(
        "own_wave",
        Message("The results of two waves cannot be subtracted."),
        Message(
            "The instrument measures this result each time against the units of that time, so a "
            "difference also tells of the others."
        ),
        Message("Compare what it is made of, or the places."),
    )


Chooser = Callable[[Choice], None]


def compare(
    study: Study,
    question: str | None = None,
    *,
    node: str | None = None,
    waves: Iterable[str] | None = None,
    by: str | None = None,
    unit: object = None,
) -> Comparison:
    """Answer a question of a study by the comparison that fits its data.

    Parameters
    ----------
    study : Study
    question : str, optional
        ``change``, ``indicators``, ``groups``, ``programme``, ``target``, ``peers``, ``chance``,
        ``rank`` or ``agreement``; found from the data if left out.
    node : str, optional
        Code; the result on page one by default.
    waves : iterable of str, optional
        Waves to look at, the dated ones by default. Of a change the first and the last count.
    by : str, optional
        Group of the units table; as the study declares by default.
    unit : str, optional
        Code of the unit that is compared with its peers.

    Returns
    -------
    Comparison
        Refused questions are answered by a refusal, which says what can be done instead.

    Raises
    ------
    WorkbenchError
        If the question, node, wave, group or unit does not exist; the nearest is named.
    """
    from workbench.study.choices import CHOOSERS

    data = Compared(study)
    picked = tuple(waves) if waves is not None else data.waves
    _known(picked, tuple(w.id for w in study.spec.waves), Reason.WAVE_UNKNOWN, "waves")
    asked = question or _question(data, picked, unit)
    _known((asked,), QUESTIONS, Reason.PARAMETER_VALUE, "question")
    code = None if unit is None else study.unit_code(unit)
    choice = Choice(data, asked, data.node(node), picked, by, code)  # type: ignore[arg-type]
    CHOOSERS[choice.question](choice)
    answers = [_finished(data, choice.question, answer) for answer in choice.answers]
    left = tuple(choice.not_chosen)
    tag = study.locale.tag
    return Comparison(choice.question, tuple(answers), left, picked, choice.by, tag)


def _question(data: Compared, waves: tuple[str, ...], unit: object) -> Question:
    """Return the question that the data suggest."""
    if unit is not None:
        return "peers"
    if data.spec.programme is not None and len(waves) > 1:
        return "programme"
    if len(waves) > 1:
        return "change" if data.scale(data.main_node()) and data.has_headline else "indicators"
    return "groups" if data.spec.groups else "rank"


def _known(given: tuple[str, ...], known: tuple[str, ...], reason: Reason, name: str) -> None:
    """Refuse names that do not exist."""
    for value in given:
        if value not in known:
            what = Message("there is no {value} among {known}", value=value, known=", ".join(known))
            fix = did_you_mean(value, known)
            raise WorkbenchError(Problem(reason, what, Place(name), got=value, fix=fix))


def _finished(data: Compared, question: str, answer: Answer) -> Answer:
    """Return an answer with its decimals, and whether the study asked for it beforehand."""
    asked = any(h.question == question and h.node == answer.node for h in data.spec.hypotheses)
    result = replace(
        answer.result,
        decimals=data.decimals(answer.node) if answer.result.unit == POINTS else 1,
        confirmatory=asked and not answer.beside,
    )
    return replace(answer, result=result)
