"""How precise the scores of a study are: as its data, the study or the instrument declare it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from workbench import stats
from workbench.errors import DataError, Problem, Reason, did_you_mean
from workbench.language import Message
from workbench.specs.precision import Reliability
from workbench.stats import Result

if TYPE_CHECKING:
    from workbench.study.compared import Compared

# Results that stand for the whole already: how many questions are behind them is not known.
GIVEN = frozenset({"score"})


class Precisions:
    """Standard errors of the scores of a study.

    Those that stand in the data count first, then what the study declares, then the instrument.

    Parameters
    ----------
    data : Compared
    """

    def __init__(self, data: Compared) -> None:
        self.data = data
        self._found: dict[str, Result] = {}
        self._observed: dict[tuple[str, str], pd.Series | None] = {}

    @cached_property
    def declared(self) -> dict[str, Reliability]:
        """What is declared of each node.

        Raises
        ------
        DataError
            If the study declares something of a node that the instrument does not have.
        """
        spec = self.data.spec
        for key in ("reliability", "targets", "margins"):
            for code in getattr(spec, key):
                if code not in self.data.instrument.nodes:
                    what = Message("there is no node {code}", code=code)
                    fix = did_you_mean(code, self.data.instrument.nodes)
                    place = self.data.study.place("comparisons", key, code)
                    raise DataError(Problem(Reason.SPEC_REFERENCE, what, place, fix=fix))
        return {**self.data.instrument.spec.reliability, **spec.reliability}

    def found(self, code: str) -> Result | None:
        """Return the standard error of a node's scores as declared, or why it can't be found.

        None where nothing is declared. Its deviation is that of the first measurement.
        """
        if code not in self.declared:
            return None
        if code not in self._found:
            self._found[code] = self._measured(code, self.declared[code])
        return self._found[code]

    def _measured(self, code: str, declared: Reliability) -> Result:
        """Return the standard error of a node's scores from what is declared."""
        data, node = self.data, self.data.instrument.nodes[code]
        if declared.std_error is not None:
            return Result(
                "measurement_error",
                "description",
                0,
                stats.precision.METHOD,
                reading="measurement",
                estimate=declared.std_error,
            )
        waves = [w for w in data.waves if data.scores(code, w).notna().any()]
        scores = data.scores(code, waves[0]) if waves else pd.Series(dtype="float64")
        items = 1 if node.is_indicator and node.kind not in GIVEN else len(node.leaves)
        return stats.measurement_error(
            scores,
            declared.value,
            sd=declared.sd,
            items=None if node.kind in GIVEN else items,
            labels=data.labels(code, waves[0] if waves else None),
            sizes=data.sizes,
        )

    def observed(self, code: str, wave: str) -> pd.Series | None:
        """Return the standard errors that stand in the data, by unit; None where there are none."""
        if (code, wave) not in self._observed:
            errors = self.data.std_errors(code, wave)
            some = None if errors is None else errors[errors > 0]
            self._observed[code, wave] = None if some is None or some.empty else some
        return self._observed[code, wave]

    def errors(self, code: str, wave: str) -> pd.Series | None:
        """Return the standard error of each unit's score; None where there is no source of error.

        Parameters
        ----------
        code, wave : str
        """
        observed = self.observed(code, wave)
        if observed is not None:
            return observed
        found = self.found(code)
        if found is None or found.estimate is None:
            return None
        scores = self.data.scores(code, wave).dropna()
        return pd.Series(found.estimate, index=scores.index)
