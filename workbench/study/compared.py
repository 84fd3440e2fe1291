"""What a study gives to its comparisons: scores by unit and wave, groups, words for sentences."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from workbench.errors import DataError, Problem, Reason, did_you_mean
from workbench.instruments.own_wave import OwnWave, levels_of_own_wave
from workbench.language import Message, Nouns
from workbench.scoring.states import NO_LEVEL
from workbench.specs.comparisons import Comparisons
from workbench.specs.instrument import Share
from workbench.stats import Labels, Size, default_sizes
from workbench.study.facade import Study
from workbench.study.participants import Listed
from workbench.study.precision import Precisions

# Groups of units that are not a column of the units table: the peers that the study declares.
PEERS = "peers"
# Where the study declares a programme.
PROGRAMME = ("comparisons", "programme")
PERCENT = ("%", "percent")
# Numbers up to this are written with three decimals: a change of 0.02 is large on a scale of 1.
SMALL_SCALE = 10.0


def part_start(data: Compared, waves: tuple[str, ...]) -> float | None:
    """Return where among waves the programme began, None where that differs or is not known.

    0.5 lies between the first and the second wave, -0.5 before all of them.
    """
    declared = data.spec.programme
    if declared is None or declared.start is not None:
        return None
    if declared.start_wave is None:
        return 0.5 if len(waves) == 2 else None
    order = [wave.id for wave in data.study.spec.waves]
    start = order.index(declared.start_wave)
    return sum(order.index(wave) < start for wave in waves) - 0.5


class Compared:
    """The data of a study in the form that comparisons take.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.spec: Comparisons = study.spec.comparisons
        self.instrument = study.instrument

    @cached_property
    def sizes(self) -> dict[str, Size]:
        """Smallest sizes: the defaults, and what the study says otherwise."""
        found = dict(default_sizes())
        unknown = [name for name in self.spec.sizes if name not in found]
        if unknown:
            place = self.study.place("comparisons", "sizes", unknown[0])
            what = Message("there is no such size")
            fix = did_you_mean(unknown[0], sorted(found))
            raise DataError(Problem(Reason.SPEC_REFERENCE, what, place, got=unknown[0], fix=fix))
        own = {n: Size(limit.refuse, limit.warn) for n, limit in self.spec.sizes.items()}
        return found | own

    @cached_property
    def precisions(self) -> Precisions:
        """How precise the scores are."""
        return Precisions(self)

    @cached_property
    def waves(self) -> tuple[str, ...]:
        """Dated waves in which something was scored, in order."""
        seen = set(map(str, self.study.scores.cases.get_level_values("wave")))
        return tuple(w.id for w in self.study.spec.waves if not w.undated and w.id in seen)

    @property
    def has_headline(self) -> bool:
        """Whether a result of the whole is given."""
        return any(self.scale(code) for code in self.instrument.headline)

    def main_node(self) -> str:
        """Return the node of the result on page one, else the first group or indicator."""
        nodes = (*self.instrument.headline, *self.instrument.nodes)
        return next((code for code in nodes if self.scale(code)), nodes[0])

    def parts(self) -> list[str]:
        """Return the nodes that are compared one by one: indicators, else groups with a result."""
        indicators = [c for c in self.instrument.indicators if self.scale(c)]
        main = set(self.instrument.headline)
        return indicators or [c for c in self.instrument.groups if c not in main and self.scale(c)]

    def decimals(self, code: str) -> int:
        """Return the decimals of a node's numbers in sentences: one of 100 points, more of 1."""
        result = self.study.scores.results[code]
        values = result.value if self._measured(code) else result.score
        if np.isnan(values).all():
            values = result.value
        spread = np.nanmax(np.abs(values), initial=0.0)
        return 3 if 0.0 < spread <= SMALL_SCALE else 1

    def node(self, code: str | None) -> str:
        """Return a node that exists; the main one by default."""
        return self.instrument.node(code or self.main_node()).code

    def scores(self, code: str, wave: str) -> pd.Series:
        """Return the numbers of a node in a wave, indexed by unit.

        Of a group they are its scores; of an indicator what was measured, in its own unit, and its
        scores only where it has no value.
        """
        names = ("value", "score") if self._measured(code) else ("score", "value")
        return self._column(code, wave, *names)

    def _measured(self, code: str) -> bool:
        """Return whether a node's numbers are what was measured, and not a score made of it."""
        node = self.instrument.nodes[code]
        return node.is_indicator and not np.isnan(self.study.scores.results[code].value).all()

    def levels(self, code: str, wave: str) -> pd.Series:
        """Return the levels of a node in a wave as an ordered category, indexed by unit."""
        ids = [level.id for level in self.instrument.levels_of(code)]
        result = self.study.scores.results[code]
        units, rows = self._rows(wave)
        names = np.array([*ids, None], dtype=object)[result.level[rows]]
        values = pd.Categorical(names, categories=ids, ordered=True)
        return pd.Series(values, index=units)

    def _rows(self, wave: str) -> tuple[pd.Index, np.ndarray]:
        """Return the units of a wave and their rows."""
        cases = self.study.scores.cases
        rows = np.flatnonzero(cases.get_level_values("wave").astype(str) == wave)
        return pd.Index(cases.get_level_values("unit")[rows].astype(str), name="unit"), rows

    def _column(self, code: str, wave: str, *names: str) -> pd.Series:
        """Return the first of some numbers of a node that is there at all."""
        result = self.study.scores.results[code]
        units, rows = self._rows(wave)
        for name in names:
            found = getattr(result, name)
            if not np.isnan(found).all():
                return pd.Series(found[rows], index=units)
        return pd.Series(np.full(len(rows), np.nan), index=units)

    def scale(self, code: str) -> str:
        """Return what a node's result is: ``number``, ``level`` or ``yes_no``; empty for none."""
        result = self.study.scores.results[code]
        levels = len(self.instrument.levels_of(code))
        spec = self.instrument.nodes[code].spec
        if getattr(spec, "kind", "") == "statement":
            return "yes_no"
        if not np.isnan(result.score).all() or not np.isnan(result.value).all():
            only = np.unique(result.value[~np.isnan(result.value)])
            if levels == 2 and set(only.tolist()) <= {0.0, 1.0}:
                return "yes_no"
            return "number" if levels == 0 or not self._is_count(code) else "level"
        if levels == 2 and (result.level != NO_LEVEL).any():
            return "yes_no"
        return "level" if (result.level != NO_LEVEL).any() else ""

    def _is_count(self, code: str) -> bool:
        """Return whether a node's number only counts elements: its level is what is reported."""
        return self.instrument.nodes[code].kind == "checklist"

    def own_wave(self, code: str) -> OwnWave | None:
        """Return whether a node's result is measured against the units of its own wave."""
        node = self.instrument.nodes[code]
        if self.scale(code) == "level":
            return "whole" if levels_of_own_wave(node) else self.instrument.own_wave.get(code)
        if self._measured(code):
            return None
        return self.instrument.own_wave.get(code)

    @cached_property
    def listed(self) -> Listed | None:
        """Participants of the programme, where a list of its own names them."""
        declared = self.spec.programme
        if declared is None or declared.listed is None:
            return None
        return Listed.read(self.study, declared.listed)

    def taking_part(self) -> pd.Series:
        """Return 1 for participants of the programme, 0 for the others, missing where not known."""
        if self.listed is not None:
            return self.listed.part
        declared = self.spec.programme
        if declared is None:
            return pd.Series(np.nan, index=self.study.units.index)
        words = self.groups(str(declared.column), (*PROGRAMME, "column"))
        part = words.astype(str).isin(declared.participants).astype(float)
        return part.where(words.notna())

    @property
    def part_names(self) -> dict[object, object]:
        """Return how participants (1) and the others (0) are called."""
        title = self.spec.programme.title if self.spec.programme else None
        if title is None:
            return {1.0: Message("participants"), 0.0: Message("others")}
        return {
            1.0: Message("with {title}", title=title),
            0.0: Message("without {title}", title=title),
        }

    def group_names(self, column: str) -> dict[object, object]:
        """Return how the groups of a column are called, in their order; empty: by their value."""
        if column != PEERS:
            return {}
        return {group: title for group, title in self.study.peers.titles.items()}

    def groups(self, column: str, path: tuple[str, ...]) -> pd.Series:
        """Return a group of the units table, or the peers, missing where a cell is empty.

        Raises
        ------
        DataError
            If the units table has no such group; the nearest is named.
        """
        units = self.study.units
        known = [*(c for c in units.columns if c != "name"), PEERS]
        if column == PEERS and PEERS not in units.columns:
            found = self.study.peers.group.astype(object)
            return found.where(found != "", None)
        if column not in known:
            what = Message("the units have no such group")
            fix = Message(
                "List the column under units: groups. {hint}", hint=did_you_mean(column, known)
            )
            place = self.study.place(*path)
            raise DataError(Problem(Reason.COLUMN_MISSING, what, place, got=column, fix=fix))
        found = units[column].astype(object)
        return found.where(found.notna() & (found.astype(str) != ""), None)

    def labels(self, code: str, before: str | None = None, after: str | None = None) -> Labels:
        """Return the words for the sentences of a node's comparisons."""
        return Labels(
            nouns=self._nouns,
            outcome=Message("the result “{title}”", title=self.instrument.nodes[code].spec.title),
            unit=self._unit(code),
            before=self.wave_title(before),
            after=self.wave_title(after),
        )

    @property
    def _nouns(self) -> object:
        """What the units are called, in the plural."""
        noun = self.study.spec.unit_noun or self.instrument.spec.unit_noun
        if noun is None:
            return Message("municipalities")
        return Nouns(noun.many, tuple(sorted(noun.gender.items())))

    def _unit(self, code: str) -> object:
        """Return what a difference of a node's numbers is counted in."""
        node = self.instrument.nodes[code]
        own = getattr(node.spec, "unit", None)
        if own is None and node.tier is not None and node.tier.unit is not None:
            # A scale, as from 0 to 1, is nothing that a difference is counted in.
            own = node.tier.unit if node.tier.unit.in_("en") in PERCENT else None
        if isinstance(node.aggregate, Share) or own is None:
            return Message("points")
        return Message("percentage points") if own.in_("en") in PERCENT else own

    def wave_title(self, wave: str | None) -> object:
        """Return the title of a wave, its id where it has none."""
        if wave is None:
            return ""
        return next((w.title or w.id for w in self.study.spec.waves if w.id == wave), wave)

    def met(self, code: str, wave: str) -> pd.Series:
        """Return whether each unit meets a requirement: 1 or 0, missing where it is not known."""
        values = self._column(code, wave, "value")
        if not values.isna().all():
            return (values > 0).astype(float).where(values.notna())
        return self.level_numbers(code, wave)

    def level_numbers(self, code: str, wave: str) -> pd.Series:
        """Return levels by their order from 0, for methods that use the order alone."""
        levels = self.levels(code, wave)
        numbers = levels.cat.codes.astype(float)
        return numbers.where(numbers >= 0)

    def bounds(self, code: str, wave: str) -> pd.DataFrame:
        """Return what each score could be where data are missing: columns ``low``, ``high``."""
        result = self.study.scores.results[code]
        units, rows = self._rows(wave)
        return pd.DataFrame({"low": result.low[rows], "high": result.high[rows]}, index=units)

    def std_errors(self, code: str, wave: str) -> pd.Series | None:
        """Return standard errors of a node's observations, None where the data give none."""
        frame = self.study.scored_observations.frame
        here = (frame["code"].astype(str) == code) & (frame["wave"].astype(str) == wave)
        some = frame.loc[here & frame["std_error"].notna(), ["unit", "std_error"]]
        if some.empty:
            return None
        return pd.Series(
            some["std_error"].to_numpy(dtype=np.float64), index=pd.Index(some["unit"].astype(str))
        )

    def direction(self, code: str) -> Literal[1, -1]:
        """Return 1 where more of a node's number is better, -1 where less is."""
        node = self.instrument.nodes[code]
        if node.is_indicator and not self._measured(code):
            return 1
        return -1 if node.sense == -1 else 1
