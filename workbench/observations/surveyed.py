"""What a survey gives: observations of units by the rules of its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.language import Message
from workbench.observations.disclosure import ANSWERED as ANSWERS
from workbench.observations.disclosure import ASKED, RESPONDENTS, Cell
from workbench.observations.estimates import Estimate, Floats, Ints, Sample, estimate, weighted_mean
from workbench.observations.mapping import COLUMNS
from workbench.observations.model import DataWarning
from workbench.observations.respondents import ANSWERED, NOT_ASKED, Answers, Survey
from workbench.specs.survey import Item, ShareRule

SURVEYED = (
    "unit", "wave", "code", "table", "item", "answered", "asked", "value", "std_error",
    "withheld", "hidden", "least",
)  # fmt: skip
WITHHELD, SUPPRESSED = "survey_withheld", "survey_suppressed"
SPREAD, ALONE = "survey_weights", "survey_alone"
# Warnings that say what was done with a survey: nothing in its data contradicts itself.
KINDS = frozenset({WITHHELD, SUPPRESSED, SPREAD, ALONE})
# What a result follows from: it is suppressed where one of them is.
_NEEDS = {"answered": {ANSWERS}, "asked": {ASKED}, "non_response": {ANSWERS, ASKED}}
WIDEST_WEIGHTS = 10.0  # largest weight over the smallest, beyond which few people decide


@dataclass(frozen=True)
class Deriver:
    """Turns one survey into observations.

    Parameters
    ----------
    survey : Survey
    table : int
        Its number in the study.
    threshold : int
        Counts of people from 1 to one less are suppressed.
    hidden : frozenset of Cell
        What is suppressed, so that no few people are told.
    """

    survey: Survey
    table: int
    threshold: int = 1
    hidden: frozenset[Cell] = frozenset()

    def derive(self) -> tuple[pd.DataFrame, pd.DataFrame, list[DataWarning]]:
        """Return tidy observations, what they rest on (``SURVEYED``), and what should be told."""
        rows: list[dict[str, Any]] = []
        rests: list[dict[str, Any]] = []
        warnings = list(self._spread())
        for unit, wave in self._cases():
            for row, warning in self._of_table(unit, wave):
                rows += [row] if row else []
                warnings += [warning] if warning else []
            for name, item in self.survey.spec.items.items():
                for row, rest, warning in self._of_item(unit, wave, name, item):
                    rows += [row] if row else []
                    rests += [rest] if rest else []
                    warnings += [warning] if warning else []
        return (
            _tidy(rows, self.survey.file),
            pd.DataFrame(rests, columns=list(SURVEYED)),
            list(dict.fromkeys(warnings)),
        )

    def _cases(self) -> list[tuple[str, str]]:
        """Return the units and waves in which anybody was asked to take part."""
        return sorted({*self._rows, *self._invited})

    @cached_property
    def _invited(self) -> dict[tuple[str, str], float]:
        """How many were asked to take part, by unit and wave."""
        rows = self.survey.invited.itertuples(index=False, name=None)
        return {(str(unit), str(wave)): float(n) for unit, wave, n in rows}

    @cached_property
    def _rows(self) -> dict[tuple[str, str], Ints]:
        """Rows of the respondents of each unit in each wave."""
        people = self.survey.people
        numbers, cases = pd.factorize(pd.MultiIndex.from_arrays([people["unit"], people["wave"]]))
        order = np.argsort(numbers, kind="stable")
        ends = np.cumsum(np.bincount(numbers, minlength=len(cases)))[:-1]
        return {
            (str(unit), str(wave)): rows
            for (unit, wave), rows in zip(cases, np.split(order, ends), strict=True)
        }

    def _here(self, unit: str, wave: str) -> Ints:
        """Return the rows of the respondents of a unit in a wave."""
        return self._rows.get((unit, wave), np.zeros(0, dtype=np.intp))

    # -- the whole table ---------------------------------------------------------------------------

    def _is_hidden(self, unit: str, wave: str, item: str, what: str) -> bool:
        """Return whether a number is suppressed."""
        return Cell(self.table, unit, wave, item, what) in self.hidden

    def _suppressed(self, unit: str, wave: str, code: str) -> DataWarning:
        """Return that a result is suppressed, in words that fit small and other ones alike."""
        text = Message(
            "{node} is suppressed: fewer than {n} answers, in it or in a result that could be "
            "worked out from it.",
            node=code,
            n=self.threshold,
        )
        return DataWarning(SUPPRESSED, text, unit, wave, code)

    def _of_table(
        self, unit: str, wave: str
    ) -> Iterator[tuple[dict[str, Any], DataWarning | None]]:
        """Yield how many took part, of how many."""
        asked = self._invited.get((unit, wave), np.nan)
        n = float(len(self._here(unit, wave)))
        found = {
            "respondents": n,
            "invited": asked,
            "response_rate": 100 * n / asked if asked > 0 else np.nan,
        }
        few = self._is_hidden(unit, wave, "", RESPONDENTS)
        for code, rule in self.survey.spec.gives.items():
            row = {"unit": unit, "wave": wave, "code": code, "column": ""}
            if np.isnan(found[rule]):
                continue
            if few and rule != "invited":
                yield self._instead(row), self._suppressed(unit, wave, code)
            else:
                yield row | {"value": found[rule]}, None

    def _instead(self, key: dict[str, Any]) -> dict[str, Any]:
        """Return what stands in place of a number that is not given; empty where nothing does."""
        state = self.survey.spec.withheld
        return key | {"state": state} if state else {}

    def _spread(self) -> Iterator[DataWarning]:
        """Yield that the largest weight is many times the smallest, where it is."""
        ratio = weight_ratio(self.survey)
        if ratio > WIDEST_WEIGHTS:
            text = Message(
                "{file}: the largest weight is {n} times the smallest, so that few respondents "
                "decide.",
                file=self.survey.file,
                n=float(f"{ratio:.3g}"),
            )
            yield DataWarning(SPREAD, text)

    # -- one item ----------------------------------------------------------------------------------

    def _of_item(
        self, unit: str, wave: str, name: str, item: Item
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any], DataWarning | None]]:
        """Yield what an item gives for one unit: observation, what it rests on, and a warning."""
        answers, here = self.survey.answers[name], self._here(unit, wave)
        asked = here[answers.state[here] != NOT_ASKED]
        answered = here[answers.state[here] == ANSWERED]
        n, of = len(answered), len(asked)
        if not of:
            return
        least = item.minimum or self.survey.spec.minimum
        gone = {what for what in (ANSWERS, ASKED) if self._is_hidden(unit, wave, name, what)}
        for code, rule in item.gives.items():
            key: dict[str, Any] = {"unit": unit, "wave": wave, "code": code, "column": name}
            rest = {
                "unit": unit, "wave": wave, "code": code, "table": self.table, "item": name,
                "answered": np.nan if ANSWERS in gone else n,
                "asked": np.nan if ASKED in gone else of,
                "value": np.nan, "std_error": np.nan, "withheld": False, "hidden": False,
                "least": least,
            }  # fmt: skip
            needs = _NEEDS.get(str(rule), {code, ANSWERS})
            if any(self._is_hidden(unit, wave, name, what) for what in needs):
                told = {"withheld": True, "hidden": True, "least": self.threshold}
                yield self._instead(key), rest | told, self._suppressed(unit, wave, code)
            elif rule in ("answered", "asked", "non_response"):
                counts = {"answered": n, "asked": of, "non_response": 100.0 * (of - n) / of}
                value = float(counts[str(rule)])
                yield {**key, "value": value}, rest | {"value": value}, None
            elif n < least:
                text = Message(
                    "{node} is withheld: fewer than {least} answers.", node=code, least=least
                )
                warning = DataWarning(WITHHELD, text, unit, wave, code)
                yield self._instead(key), rest | {"withheld": True}, warning
            elif rule == "quotes":
                quotes = sorted({str(x) for x in answers.answer[answered]})
                yield {**key, "text": "; ".join(f"«{x}»" for x in quotes)}, rest, None
            else:
                found = self._estimated(answers, answered, asked, rule)
                row = {**key, "value": found.value, "std_error": found.std_error}
                alone = self._alone(unit, wave, code) if found.alone else None
                yield row, rest | {"value": found.value, "std_error": found.std_error}, alone

    def _estimated(self, answers: Answers, answered: Ints, asked: Ints, rule: object) -> Estimate:
        """Return a weighted share (in percent) or mean, with its standard error if there is one."""
        rows = answered
        if isinstance(rule, ShareRule):
            rows = answered if rule.of == "answered" else asked
            y: Floats = np.where(np.isin(answers.answer[rows], rule.share), 100.0, 0.0)
        else:
            y = answers.value[rows]
        if self._sample is None:
            weight = self.survey.people["weight"].to_numpy(dtype=np.float64)
            return Estimate(weighted_mean(y, weight[rows]), np.nan)
        found = estimate(y, rows, self._sample)
        # Where all answered alike the formula gives 0, which says nothing of those not drawn.
        return found if found.std_error > 0 else Estimate(found.value, np.nan, found.alone)

    @cached_property
    def _sample(self) -> Sample | None:
        """The design of all waves, each a set of strata of its own; None if not drawn at random.

        A cluster lies in one stratum: two strata, or two waves, may number their clusters alike.
        """
        if self.survey.spec.design.sample != "random":
            return None
        people = self.survey.people
        stratum, names = _numbered(people, "wave", "stratum")
        cluster, _ = _numbered(people, "wave", "stratum", "cluster")
        size = people["size"].groupby(stratum).max().reindex(range(names))
        weight = people["weight"].to_numpy(dtype=np.float64)
        return Sample(weight, stratum, cluster, size.to_numpy(dtype=np.float64))

    def _alone(self, unit: str, wave: str, code: str) -> DataWarning:
        """Return that a result has no standard error, and why."""
        text = Message(
            "{node} has no standard error: of a stratum one cluster only took part.", node=code
        )
        return DataWarning(ALONE, text, unit, wave, code)


def weight_ratio(survey: Survey) -> float:
    """Return the largest weight over the smallest of any wave; 1 without respondents."""
    found = [own.max() / own.min() for _, own in survey.people.groupby("wave")["weight"]]
    return float(max(found, default=1.0))


def _numbered(people: pd.DataFrame, *keys: str) -> tuple[Ints, int]:
    """Return the number of each respondent's group, from 0, and how many groups there are."""
    numbers, names = pd.factorize(pd.MultiIndex.from_arrays([people[k] for k in keys]))
    return numbers, len(names)


def _tidy(rows: list[dict[str, Any]], file: str) -> pd.DataFrame:
    """Return observations as tables give them; they come from no single row."""
    empty = {"stage": "", "rater": "", "state": "", "value": np.nan, "std_error": np.nan}
    texts = {"precision": np.nan, "source": "", "note": "", "evidence": "", "text": ""}
    base = empty | texts | {"compare_only": False, "row": 0, "file": file, "sheet": None}
    found = [base | {"table": -1} | row | {"state_column": row["column"]} for row in rows]
    columns = [*COLUMNS, "text", "row", "column", "state_column", "file", "sheet", "table"]
    return pd.DataFrame(found, columns=columns)
