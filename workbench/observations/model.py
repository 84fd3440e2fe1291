"""Observations: what was seen in each unit and wave, checked, tidy and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from workbench.instruments import Instrument
from workbench.language import Message

if TYPE_CHECKING:
    from workbench.observations.respondents import Survey


@dataclass(frozen=True, slots=True)
class DataWarning:
    """A defect of the data that stops nothing and must not be hidden.

    Parameters
    ----------
    kind : str
        Short name, ``tally_total`` or ``reported_differs``.
    message : Message
        What was found.
    unit, wave, node : str
        Where; empty for everywhere.
    """

    kind: str
    message: Message
    unit: str = ""
    wave: str = ""
    node: str = ""


def no_texts() -> pd.DataFrame:
    """Return an empty frame of texts."""
    return pd.DataFrame(columns=["unit", "wave", "stage", "rater", "code", "text"])


@dataclass(frozen=True)
class Observations:
    """Checked observations of units in waves.

    Parameters
    ----------
    instrument : Instrument
    units : DataFrame
        Index ``unit``; columns ``name``, ``population``, groups, facts.
    waves : tuple of str
        Waves in order of time.
    wave_facts : mapping of str to mapping of str to float
        Facts that hold for a whole wave, such as ``year``.
    frame : DataFrame
        Tidy rows: ``unit, wave, stage, rater, code, state, value, std_error, precision, source,
        note, evidence, compare_only``. Keys are categoricals; texts may be empty.
    texts : DataFrame
        What sources say in words: ``unit, wave, stage, rater, code, text``.
    surveys : tuple of Survey
        Answers of respondents and the design behind them, for comparisons.
    surveyed : DataFrame
        What observations made of answers rest on; see ``workbench.observations.surveyed``.
    warnings : tuple of DataWarning
    unlisted_elements : {"missing", "not_met"}
        What an element without a record is, where others of its checklist are recorded.
    """

    instrument: Instrument
    units: pd.DataFrame
    waves: tuple[str, ...]
    wave_facts: Mapping[str, Mapping[str, float]]
    frame: pd.DataFrame
    texts: pd.DataFrame = field(default_factory=no_texts)
    surveys: tuple[Survey, ...] = ()
    surveyed: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[DataWarning, ...] = ()
    unlisted_elements: Literal["missing", "not_met"] = "missing"

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages that occur, in the order of the instrument."""
        present = set(self.frame["stage"].unique()) - {""}
        order = [stage.id for stage in self.instrument.spec.stages]
        return tuple(s for s in order if s in present)

    def at_stage(self, stages: tuple[str, ...]) -> Observations:
        """Return, for each unit and wave, the rows of the first of ``stages`` that it has.

        A stage is taken whole: mixing reviewed and self-declared answers of one measurement would
        make a score that nobody gave. Rows without a stage hold for every stage.
        """
        if not stages:
            return self
        frame = self.frame
        rank = frame["stage"].map({s: i for i, s in enumerate(stages)}).astype(float)
        best = rank.groupby([frame["unit"], frame["wave"]], observed=True).transform("min")
        keep = (frame["stage"] == "") | (rank == best)
        kept = frame if keep.all() else frame.loc[keep].reset_index(drop=True)
        columns = ["unit", "wave", "stage"]
        there = kept[columns].drop_duplicates()
        chosen = set(zip(*(there[k].astype(str) for k in columns), strict=True))
        keys = zip(*(self.texts[k] for k in columns), strict=True)
        said = [not stage or (unit, wave, stage) in chosen for unit, wave, stage in keys]
        return replace(self, frame=kept, texts=self.texts.loc[said].reset_index(drop=True))

    def of_rater(self, rater: str) -> Observations:
        """Return the observations of one rater, and those that name none."""
        keep = self.frame["rater"].astype(str).isin(["", rater])
        return replace(
            self,
            frame=self.frame.loc[keep].reset_index(drop=True),
            texts=self.texts.loc[self.texts["rater"].isin(["", rater])].reset_index(drop=True),
        )

    def of_units(self, units: list[str]) -> Observations:
        """Return the observations of some units."""
        keep = self.frame["unit"].isin(units)
        return replace(
            self,
            units=self.units.loc[self.units.index.isin(units)],
            frame=self.frame.loc[keep].reset_index(drop=True),
            texts=self.texts.loc[self.texts["unit"].isin(units)].reset_index(drop=True),
        )

    def of_waves(self, waves: tuple[str, ...]) -> Observations:
        """Return the observations of some waves."""
        keep = self.frame["wave"].isin(waves)
        return replace(
            self,
            waves=tuple(w for w in self.waves if w in waves),
            frame=self.frame.loc[keep].reset_index(drop=True),
            texts=self.texts.loc[self.texts["wave"].isin(waves)].reset_index(drop=True),
        )

    @property
    def cases(self) -> pd.MultiIndex:
        """Unit and wave of every case observed, by wave and unit."""
        counted = self.frame.loc[~self.frame["compare_only"], ["unit", "wave"]]
        pairs = counted.drop_duplicates()
        wave = pairs["wave"].map({w: i for i, w in enumerate(self.waves)}).astype(int)
        pairs = pairs.assign(order=wave, unit=pairs["unit"].astype(str))
        pairs = pairs.sort_values(["order", "unit"], kind="stable")
        return pd.MultiIndex.from_arrays(
            [
                pairs["unit"].to_numpy(dtype=object),
                pairs["wave"].astype(str).to_numpy(dtype=object),
            ],
            names=["unit", "wave"],
        )

    def n_units(self) -> int:
        """Return the number of units with at least one observation."""
        return int(self.frame["unit"].nunique())
