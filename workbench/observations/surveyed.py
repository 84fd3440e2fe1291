"""What a survey gives: observations of units by the rules of its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Message
from workbench.observations.estimates import Estimate, Floats, Sample, estimate, weighted_mean
from workbench.observations.mapping import COLUMNS
from workbench.observations.model import DataWarning
from workbench.observations.respondents import ANSWERED, NOT_ASKED, Answers, Survey
from workbench.specs.survey import Item, ShareRule

SURVEYED = (
    "unit", "wave", "code", "table", "item", "answered", "asked", "value", "std_error",
    "withheld",
)  # fmt: skip
WITHHELD, SPREAD, ALONE = "survey_withheld", "survey_weights", "survey_alone"
# Warnings that say what was done with a survey: nothing in its data contradicts itself.
KINDS = frozenset({WITHHELD, SPREAD, ALONE})
WIDEST_WEIGHTS = 10.0  # largest weight over the smallest, beyond which few people decide
_Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Deriver:
    """Turns one survey into observations.

    Parameters
    ----------
    survey : Survey
    table : int
        Its number in the study.
    """

    survey: Survey
    table: int

    def derive(self) -> tuple[pd.DataFrame, pd.DataFrame, list[DataWarning]]:
        """Return tidy observations, what they rest on (``SURVEYED``), and what should be told."""
        rows: list[dict[str, Any]] = []
        rests: list[dict[str, Any]] = []
        warnings = list(self._spread())
        for unit, wave in self._cases():
            rows += self._of_table(unit, wave)
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
        some = [self.survey.people[["unit", "wave"]], self.survey.invited[["unit", "wave"]]]
        pairs = pd.concat(some).drop_duplicates()
        return sorted(map(tuple, pairs.astype(str).to_numpy().tolist()))

    def _here(self, unit: str, wave: str) -> _Bools:
        """Return the respondents of a unit in a wave."""
        people = self.survey.people
        here: _Bools = ((people["unit"] == unit) & (people["wave"] == wave)).to_numpy(dtype=bool)
        return here

    # -- the whole table ---------------------------------------------------------------------------

    def _of_table(self, unit: str, wave: str) -> Iterator[dict[str, Any]]:
        """Yield how many took part, of how many."""
        invited = self.survey.invited
        own = invited.loc[(invited["unit"] == unit) & (invited["wave"] == wave), "invited"]
        asked = float(own.sum()) if len(own) else np.nan
        n = float(self._here(unit, wave).sum())
        found = {
            "respondents": n,
            "invited": asked,
            "response_rate": 100 * n / asked if asked > 0 else np.nan,
        }
        for code, rule in self.survey.spec.gives.items():
            if not np.isnan(found[rule]):
                yield {"unit": unit, "wave": wave, "code": code, "value": found[rule], "column": ""}

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
        asked = here & (answers.state != NOT_ASKED)
        answered = here & (answers.state == ANSWERED)
        n, of = int(answered.sum()), int(asked.sum())
        if not of:
            return
        least = item.minimum or self.survey.spec.minimum
        for code, rule in item.gives.items():
            key: dict[str, Any] = {"unit": unit, "wave": wave, "code": code, "column": name}
            rest = {
                **key, "table": self.table, "item": name, "answered": n, "asked": of,
                "value": np.nan, "std_error": np.nan, "withheld": False,
            }  # fmt: skip
            del rest["column"]
            if rule in ("answered", "asked", "non_response"):
                counts = {"answered": n, "asked": of, "non_response": 100.0 * (of - n) / of}
                value = float(counts[str(rule)])
                yield {**key, "value": value}, rest | {"value": value}, None
            elif n < least:
                state = self.survey.spec.withheld
                text = Message(
                    "{node} is withheld: {n} answers, and it is given from {least} on.",
                    node=code, n=n, least=least,
                )  # fmt: skip
                warning = DataWarning(WITHHELD, text, unit, wave, code)
                row = {**key, "state": state} if state else {}
                yield row, rest | {"withheld": True}, warning
            elif rule == "quotes":
                quotes = sorted({str(x) for x in answers.answer[answered]})
                yield {**key, "text": "; ".join(f"«{x}»" for x in quotes)}, rest, None
            else:
                found = self._estimated(answers, answered, asked, rule, wave)
                row = {**key, "value": found.value, "std_error": found.std_error}
                told = self._alone(unit, wave, code) if found.alone else None
                yield row, rest | {"value": found.value, "std_error": found.std_error}, told

    def _estimated(
        self, answers: Answers, answered: _Bools, asked: _Bools, rule: object, wave: str
    ) -> Estimate:
        """Return a weighted share (in percent) or mean, with its standard error if there is one."""
        y: Floats
        if isinstance(rule, ShareRule):
            y = np.where(np.isin(answers.answer, rule.share), 100.0, 0.0)
            where = answered if rule.of == "answered" else asked
        else:
            y, where = answers.value, answered
        weight = self.survey.people["weight"].to_numpy(dtype=np.float64)
        sample = self._samples.get(wave)
        if sample is None:
            return Estimate(weighted_mean(y, weight, where), np.nan)
        rows = (self.survey.people["wave"] == wave).to_numpy(dtype=bool)
        found = estimate(y[rows], where[rows], sample)
        # Where all answered alike the formula gives 0, which says nothing of those not drawn.
        return found if found.std_error > 0 else Estimate(found.value, np.nan, found.alone)

    @cached_property
    def _samples(self) -> dict[str, Sample]:
        """The sample of each wave, where it was drawn at random."""
        if self.survey.spec.design.sample != "random":
            return {}
        return {
            str(wave): _sample(own) for wave, own in self.survey.people.groupby("wave", sort=False)
        }

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


def _sample(people: pd.DataFrame) -> Sample:
    """Return the design of the respondents of one wave."""
    stratum, names = pd.factorize(people["stratum"])
    # A cluster lies in one stratum: two strata may number their clusters alike.
    cluster = pd.factorize(pd.MultiIndex.from_arrays([people["stratum"], people["cluster"]]))[0]
    size = people["size"].groupby(stratum).max().reindex(range(len(names)))
    weight = people["weight"].to_numpy(dtype=np.float64)
    return Sample(weight, stratum, cluster, size.to_numpy(dtype=np.float64))


def _tidy(rows: list[dict[str, Any]], file: str) -> pd.DataFrame:
    """Return observations as tables give them; they come from no single row."""
    empty = {"stage": "", "rater": "", "state": "", "value": np.nan, "std_error": np.nan}
    texts = {"precision": np.nan, "source": "", "note": "", "evidence": "", "text": ""}
    base = empty | texts | {"compare_only": False, "row": 0, "file": file, "sheet": None}
    found = [base | {"table": -1} | row | {"state_column": row["column"]} for row in rows]
    columns = [*COLUMNS, "text", "row", "column", "state_column", "file", "sheet", "table"]
    return pd.DataFrame(found, columns=columns)
