"""One study as it is looked at: a result, a wave, a cohort, and choices that could be others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason, ScoringError, did_you_mean
from workbench.explore.ranges import Ranges, ranges_over_weights
from workbench.instruments.chosen import Freedom, freedom_of, scale_is_free
from workbench.language import Locale, Message
from workbench.scoring import Ranks, rank_units
from workbench.scoring.results import NodeResult
from workbench.scoring.states import NO_LEVEL, Floats
from workbench.specs.choices import PEERS, Choices, Cohort
from workbench.study import Study
from workbench.study.chosen import HELD, held_by_source, reported_nodes, units_of_cohort
from workbench.study.info import study_info
from workbench.study.tallies import parts_known
from workbench.study.views import LevelInfo, StudyInfo


@dataclass(frozen=True, eq=False)
class Exploration:
    """What is looked at. It is never changed: every choice gives a new one.

    Parameters
    ----------
    base : Study
        As its file has it.
    study : Study
        Under the choices made.
    node : str
        The result that is looked at.
    wave : str
    cohort : Cohort or None
        Units among which places are given; all if left out.
    """

    base: Study
    study: Study
    node: str
    wave: str
    cohort: Cohort | None = None

    # -- what may be chosen -----------------------------------------------------------------------

    @property
    def locale(self) -> Locale:
        """Language of everything that is said."""
        return self.base.locale

    @cached_property
    def info(self) -> StudyInfo:
        """What all views of the study share."""
        return study_info(self.base)

    @property
    def results(self) -> tuple[str, ...]:
        """Groups with a result, those of page one first."""
        instrument, found = self.base.instrument, self.base.scores.results
        nodes = dict.fromkeys((*instrument.headline, *instrument.groups))
        return tuple(code for code in nodes if _has_result(found[code]))

    @property
    def waves(self) -> tuple[str, ...]:
        """Waves in which something was observed, in order."""
        seen = set(map(str, self.base.scores.cases.get_level_values("wave")))
        return tuple(w.id for w in self.base.spec.waves if w.id in seen)

    @cached_property
    def cohorts(self) -> dict[str, Cohort]:
        """Every group of units that the study knows, by what it is called."""
        found, tag = {}, self.locale.tag
        for column, title in self.base.spec.units.groups.items():
            for value in sorted(set(self.base.units[column].dropna().astype(str)) - {""}):
                name = f"{title.in_(tag)}: {value}"
                found[name] = Cohort(by=column, values=(value,))
        if self.base.spec.peers is not None:
            there = set(self.base.peers.group)
            for group, title in self.base.peers.titles.items():
                if group in there and group != "all":
                    name = self.locale.text("Peers: {name}", name=title.in_(tag))
                    found[name] = Cohort(by=PEERS, values=(group,))
        return found

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups that make up the result, itself first."""
        instrument = self.base.instrument
        below = [c for c in instrument.groups if self.node in instrument.above[c]]
        return (self.node, *below)

    def freedom(self, group: str) -> Freedom:
        """Return what may be chosen otherwise in a group, and why the rest may not."""
        given = reported_nodes(self.base.scores)
        if held_by_source(self.base.instrument, group, given):
            return Freedom(HELD, HELD, HELD)
        return freedom_of(self.base.instrument, group)

    @property
    def scale_fixed(self) -> Message | None:
        """Why indicators can't have another scale; None where they can."""
        given = reported_nodes(self.base.scores)
        held = held_by_source(self.base.instrument, self.node, given)
        return scale_is_free(self.base.instrument) or (HELD if held else None)

    def weights(self, group: str) -> dict[str, float]:
        """Return the weights of the parts of a group as they are chosen."""
        nodes = self.study.instrument.nodes
        return {part: nodes[part].weight_under(group) for part in nodes[group].children}

    # -- choosing ---------------------------------------------------------------------------------

    def choose(
        self,
        *,
        node: str | None = None,
        wave: str | None = None,
        cohort: Cohort | str | None = "",
        **choices: Any,
    ) -> Exploration:
        """Return what is seen with another choice; all else stays.

        Parameters
        ----------
        node, wave : str, optional
        cohort : Cohort or None
            None for all units.
        **choices
            As a study file writes them, ``weights={"total": {"staff": 2}}``: by group, and added to
            those that are made already; ``normalise=None`` takes one back.

        Raises
        ------
        WorkbenchError
            If a choice can't be made: it is named, and this stays as it is.
        """
        found = replace(
            self,
            node=_known(node or self.node, self.results, "node"),
            wave=_known(wave or self.wave, self.waves, "wave"),
            cohort=self.cohort if cohort == "" else cohort,  # type: ignore[arg-type]
        )
        if choices:
            study = self.base.what_if(**_merged(self.study.spec.choices, choices))
            _ = study.scores  # what can't be computed is told here, before anything is shown
            found = replace(found, study=study)
        if found.cohort is not None:
            units_of_cohort(self.base, found.cohort)
        return found

    def reset(self) -> Exploration:
        """Return what is seen under the choices of the study's file."""
        return replace(self, study=self.base)

    @property
    def choices(self) -> Choices:
        """Choices as a study file says them, cohort and wave among them."""
        until = self.wave if self.wave != self.waves[-1] else self.base.spec.choices.until
        update = {"cohort": self.cohort or self.base.spec.choices.cohort, "until": until}
        return self.study.spec.choices.model_copy(update=update)

    @property
    def is_changed(self) -> bool:
        """Whether any rule is another than in the study's file."""
        return self.study is not self.base

    # -- what is seen -----------------------------------------------------------------------------

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows of the units of the wave and cohort in the scores."""
        cases = self.base.scores.cases
        there = cases.get_level_values("wave").astype(str) == self.wave
        if self.cohort is not None:
            inside = units_of_cohort(self.base, self.cohort)
            there = there & cases.get_level_values("unit").astype(str).isin(inside)
        return np.flatnonzero(there)

    @cached_property
    def units(self) -> list[str]:
        """Units that are looked at."""
        return [str(u) for u in self.base.scores.cases.get_level_values("unit")[self.rows]]

    @property
    def levels(self) -> tuple[LevelInfo, ...]:
        """Levels of the result, worst first; empty where it has none."""
        scale = self.base.instrument.nodes[self.node].scale
        return self.info.scales.get(scale, ()) if scale else ()

    def ranks(self, study: Study) -> Ranks:
        """Return the places of the units in a study, with what missing data leave open."""
        result = study.scores.results[self.node]
        score, low, high = (getattr(result, x)[self.rows] for x in ("score", "low", "high"))
        return rank_units(score, low, high, direction=study.instrument.nodes[self.node].sense)

    @cached_property
    def ranges(self) -> Ranges | Message:
        """Places that other weights would give; why not, where none is free."""
        return ranges_over_weights(self.study, self.node, self.rows, self.ranks(self.study).rank)

    @property
    def has_places(self) -> bool:
        """Whether the result is a number, by which units can be put in order."""
        return bool(~np.isnan(self.study.scores.results[self.node].score[self.rows]).all())

    @cached_property
    def table(self) -> pd.DataFrame:
        """What is seen, one row a unit, the best first.

        Index ``unit``; columns ``name``, ``score, level, place, low, high`` (the range of the
        place: see :attr:`basis`), ``data_low, data_high`` (places that missing data leave open),
        ``score_before, level_before, place_before`` under the study's own choices, ``moved``
        (places gained), ``coverage``.
        """
        now, before = self._of(self.study), self._of(self.base)
        ranks, earlier = self.ranks(self.study), self.ranks(self.base)
        ends = self.ranges if isinstance(self.ranges, Ranges) else Ranges(ranks.best, ranks.worst)
        known = np.nan if self.basis == "" else 1.0  # no place without its range
        frame = pd.DataFrame(
            {
                "name": [self.base.names.get(u, u) for u in self.units],
                "score": now.score[self.rows],
                "level": now.level[self.rows],
                "place": ranks.rank * known,
                "low": ends.low * known,
                "high": ends.high * known,
                "data_low": ranks.best,
                "data_high": ranks.worst,
                "score_before": before.score[self.rows],
                "level_before": before.level[self.rows],
                "place_before": earlier.rank * known,
                "moved": (earlier.rank - ranks.rank) * known,
                "coverage": now.coverage[self.rows],
            },
            index=pd.Index(self.units, name="unit"),
        )
        if self.has_places:
            return frame.iloc[np.lexsort((frame["name"], np.nan_to_num(ranks.rank, nan=np.inf)))]
        return frame.sort_values(["level", "name"], ascending=[False, True], kind="stable")

    def _of(self, study: Study) -> NodeResult:
        """Return the result that is looked at."""
        return study.scores.results[self.node]

    @cached_property
    def basis(self) -> str:
        """What the range of a place rests on: ``weights``, ``data``, or empty without a range.

        Missing data leave nothing open that could be told where a source reports bare results.
        """
        if not self.has_places:
            return ""
        if isinstance(self.ranges, Ranges):
            return "weights"
        there = ~np.isnan(self._of(self.study).score[self.rows])
        known = parts_known(self.study.scores, self.node, self.rows[there])
        return "data" if known.all() else ""

    def level_counts(self, column: str = "level") -> list[int]:
        """Return how many units have each level, worst first."""
        found = self.table[column].to_numpy()
        return [int((found == place).sum()) for place in range(len(self.levels))]

    @property
    def without_level(self) -> int:
        """Units without a level."""
        return int((self.table["level"] == NO_LEVEL).sum())

    def title(self, code: str) -> str:
        """Return the title of a node."""
        return self.base.instrument.title(code, self.locale.tag)

    def of_unit(self, code: str, unit: str) -> tuple[Floats, int]:
        """Return the score and the level of a node for a unit of the wave."""
        row = self.study.scores.row(unit, self.wave)
        result = self.study.scores.results[code]
        return result.score[row], int(result.level[row])


def explore(
    study: Study | str | Path,
    *,
    node: str | None = None,
    wave: str | None = None,
    locale: str | None = None,
) -> Exploration:
    """Begin to explore a study.

    Parameters
    ----------
    study : Study, str or Path
        Or the path of its file.
    node : str, optional
        Result that is looked at; that of page one by default.
    wave : str, optional
        The last dated one by default.
    locale : str, optional
        As of :meth:`Study.open`.

    Raises
    ------
    WorkbenchError
        If the study can't be read, has no such result or wave, or nothing was observed.
    """
    opened = study if isinstance(study, Study) else Study.open(study, locale=locale)
    bare = Exploration(opened, opened, "", "")
    if not bare.results:
        what = Message("no group of the study has a result to explore")
        fix = Message(
            "Its indicators stand in its reports: workbench run {path}.", path=opened.path.name
        )
        raise ScoringError(Problem(Reason.NOTHING_OBSERVED, what, fix=fix))
    dated = [w for w in bare.waves if w not in opened.undated]
    default = (dated or list(bare.waves))[-1]
    first = replace(bare, node=bare.results[0], wave=default)
    return first.choose(node=node, wave=wave)


def _known(value: str, known: tuple[str, ...], name: str) -> str:
    """Return a value that is among those known."""
    if value not in known:
        what = Message("there is no result or wave {name}", name=value)
        raise DataError(
            Problem(Reason.PARAMETER_VALUE, what, Place(name), fix=did_you_mean(value, known))
        )
    return value


def _merged(old: Choices, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return choices with others added: by group where they are made by group."""
    found = old.model_dump(mode="json", exclude_defaults=True)
    for name, value in new.items():
        if isinstance(value, Mapping):
            merged = {**found.get(name, {}), **value}
            found[name] = {code: what for code, what in merged.items() if what is not None}
        else:
            found[name] = value
    return found


def _has_result(result: NodeResult) -> bool:
    """Return whether any unit has a score or a level."""
    return bool((~np.isnan(result.score)).any() or (result.level != NO_LEVEL).any())
