"""An outcome and what may go with it, as arrays: rows matched by unit, categories as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.linear import aliased
from workbench.stats.pairs import Floats
from workbench.stats.result import Dropped, Number, Refusal, Sentence, fingerprint, rounded
from workbench.stats.sizes import Sizes, default_sizes
from workbench.stats.wording import Labels

INTERCEPT = "(Intercept)"
Kind = Literal["number", "yes", "level"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a design: what it stands for.

    Parameters
    ----------
    name : str
        The predictor, with the level after it where it is a category (``sizeLarge``).
    term : str
        The predictor.
    kind : {"number", "yes", "level"}
        A number, a yes or no (only 0 and 1), or one level of a category against its reference.
    level, reference : str
        Of a category.
    lower, upper : float
        First and third quartile of a number, its ends where these are equal; 0 and 1 otherwise.
        Sentences compare these two: one more of a predictor may be far too little or too much.
    """

    name: str
    term: str
    kind: Kind
    level: str = ""
    reference: str = ""
    lower: float = 0.0
    upper: float = 1.0

    @property
    def shown(self) -> str:
        """The predictor, and the level of a category."""
        return f"{self.term}: {self.level}" if self.level else self.term

    @property
    def step(self) -> float:
        """Distance that sentences speak of, in units of the predictor."""
        return self.upper - self.lower


@dataclass(frozen=True, slots=True)
class Design:
    """Rows that have an outcome and every predictor, in the order of their codes.

    Parameters
    ----------
    outcome : Series
        As it came, without the rows left out.
    predictors : DataFrame
    matrix : array of float, shape (n, k)
        A column of ones first, then one for each entry of ``columns``.
    columns : tuple of Column
    dropped : tuple of Dropped
    warnings : tuple of Message
    """

    outcome: pd.Series
    predictors: pd.DataFrame
    matrix: Floats
    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    warnings: tuple[Sentence, ...]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients, the intercept first."""
        return (INTERCEPT, *(column.name for column in self.columns))

    @property
    def terms(self) -> tuple[str, ...]:
        """Predictors, in the order of their columns."""
        return tuple(dict.fromkeys(column.term for column in self.columns))

    def places(self, term: str) -> list[int]:
        """Return which columns of the matrix belong to a predictor."""
        return [j for j, column in enumerate(self.columns, 1) if column.term == term]

    @property
    def fingerprint(self) -> str:
        """Hash of what is compared."""
        return fingerprint(
            map(str, self.outcome.index), map(str, self.outcome), self.matrix.ravel()
        )


def design_of(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    labels: Labels,
    *,
    reference: Mapping[str, object] | None = None,
    beside: tuple[pd.Series | None, ...] = (),
) -> Design:
    """Return the design of an outcome and its predictors.

    Parameters
    ----------
    outcome : Series
        One value a unit, indexed by its code.
    predictors : DataFrame
        Numbers, yes/no or categories by unit. Text is a category whose levels stand in alphabetical
        order; the first level is the reference unless ``reference`` says otherwise.
    labels : Labels
    reference : mapping, optional
        Predictor -> level that the others are compared with.
    beside : tuple of Series
        Further measurements that a unit must have (clusters, frequencies).

    Raises
    ------
    ValueError
        If a code stands twice, there is no predictor, or a reference is not a level.
    """
    given = [series for series in beside if series is not None]
    if predictors.shape[1] == 0:
        raise ValueError("predictors: there is no column; expected at least one")
    for index in (outcome.index, predictors.index, *(series.index for series in given)):
        if index.has_duplicates:
            raise ValueError(f"unit {index[index.duplicated()][0]} stands twice")
    complete = _present(outcome)
    for column in predictors:
        complete = complete.intersection(_present(predictors[column]))
    for series in given:
        complete = complete.intersection(_present(series))
    units = sorted(complete, key=str)
    # Numbers that came as objects are numbers.
    rows = predictors.loc[units].infer_objects()
    found = [_columns(rows[name], (reference or {}).get(str(name))) for name in rows]
    _known(reference, rows)
    empty = [level for part in found for level in part.empty]
    measured = len(_present(outcome))
    dropped = Dropped(
        measured - len(units),
        Counted(
            "{n} of the {nouns} lacks one of the factors and is left out.",
            "{n} of the {nouns} lack one of the factors and are left out.",
            measured - len(units),
            nouns=labels.nouns,
        ),
    )
    return Design(
        outcome.loc[units],
        rows,
        np.column_stack([np.ones(len(units)), *(part.values for part in found)]),
        tuple(column for part in found for column in part.columns),
        (dropped,) if dropped.n else (),
        tuple(Message("No one is {level}; this category is left out.", level=x) for x in empty),
    )


def unsound(
    design: Design, what: Sentence, sizes: Sizes | None, n: float | None = None
) -> Refusal | None:
    """Return the refusal of too few cases for the number of factors, or of factors that repeat.

    Parameters
    ----------
    design : Design
    what : Message
        What can't be computed.
    sizes : mapping, optional
    n : float, optional
        Cases that carry information, such as those of the rarer answer; the rows if left out.
    """
    cases = design.n if n is None else n
    factors = max(len(design.columns), 1)
    needed = int((sizes or default_sizes())["regression_per_coefficient"].refuse)
    if cases < needed * factors:
        why = Counted(
            "For {factors} there is {n} case that counts; at least {needed} are needed.",
            "For {factors} there are {n} cases that count; at least {needed} are needed.",
            int(cases),
            factors=Counted("{n} factor", "{n} factors", factors),
            needed=rounded(needed * factors, 0),
        )
        most = int(cases // needed)
        instead: Sentence = Message("The groups can be described one beside the other.")
        if most:
            instead = Counted(
                "With so many cases {n} factor can be looked at.",
                "With so many cases up to {n} factors can be looked at.",
                most,
            )
        return Refusal("too_few", what, why, instead)
    alike = [str(name) for name in design.predictors if not design.places(str(name))]
    repeated = [design.columns[j - 1].shown for j in aliased(design.matrix)]
    if not (alike or repeated):
        return None
    return Refusal(
        "collinear",
        what,
        Message(
            "{factor} does not vary, or the other factors determine it.",
            factor=(alike + repeated)[0],
        ),
        Message("Leave it out, and the others can be looked at."),
    )


def thin(design: Design, sizes: Sizes | None, n: float | None = None) -> tuple[Sentence, ...]:
    """Return the warning of few cases for the number of factors, nothing where they suffice."""
    cases = design.n if n is None else n
    if cases >= (sizes or default_sizes())["regression_per_coefficient"].warn * len(design.columns):
        return ()
    text = Counted(
        "There are few cases for {n} factor: take it with care.",
        "There are few cases for {n} factors: take it with care.",
        len(design.columns),
    )
    return (text,)


def focus_of(design: Design, focus: str | None) -> str:
    """Return the factor that the question is about.

    Raises
    ------
    ValueError
        If it is not among the predictors.
    """
    names = [str(name) for name in design.predictors]
    if focus is not None and focus not in names:
        raise ValueError(f"focus: {focus} is not among the predictors {names}")
    return names[0] if focus is None else focus


def flattened(table: pd.DataFrame) -> dict[str, Number]:
    """Return a table as numbers by ``column/row``, an end of an interval as ``ci/row/low``."""
    found: dict[str, Number] = {}
    for column in table:
        head, slash, tail = str(column).partition("/")
        for row, value in table[column].items():
            # None, and not NaN, so that equal results are equal.
            found[f"{head}/{row}{slash}{tail}"] = None if pd.isna(value) else float(value)
    return found


# -- parts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one predictor, shape (n, columns), and levels that no row has."""

    values: Floats
    columns: tuple[Column, ...]
    empty: tuple[str, ...] = ()


def _present(series: pd.Series) -> pd.Index:
    """Return the units with a value: neither missing nor infinite."""
    good = series.notna()
    if pd.api.types.is_numeric_dtype(series.dtype):
        good &= np.isfinite(series.astype("float64").fillna(np.inf))
    return series.index[good]


def _columns(series: pd.Series, reference: object) -> _Part:
    """Return the columns of one predictor."""
    name = str(series.name)
    if pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.is_numeric_dtype(series.dtype):
        values: Floats = np.asarray(series, dtype=np.float64)
        if set(np.unique(values)) <= {0.0, 1.0}:
            return _Part(values[:, None], (Column(name, name, "yes"),))
        lower, upper = float(np.quantile(values, 0.25)), float(np.quantile(values, 0.75))
        if lower == upper:
            lower, upper = float(values.min()), float(values.max())
        return _Part(values[:, None], (Column(name, name, "number", "", "", lower, upper),))
    return _levels(series, name, reference)


def _levels(series: pd.Series, name: str, reference: object) -> _Part:
    """Return a column for each level of a category but its reference."""
    values = series.astype(str).to_numpy(dtype=str)
    there = sorted(set(values))
    declared = there
    if isinstance(series.dtype, pd.CategoricalDtype):
        declared = [str(level) for level in series.cat.categories]
    empty = tuple(level for level in declared if level not in there)
    levels = [level for level in declared if level in there]
    first = str(reference) if reference is not None else next(iter(levels), "")
    if reference is not None and first not in levels:
        raise ValueError(f"reference of {name}: {first} is not a level; there are {levels}")
    others = [level for level in levels if level != first]
    columns = tuple(Column(f"{name}{level}", name, "level", level, first) for level in others)
    dummies = np.array([values == level for level in others], dtype=np.float64)
    return _Part(dummies.reshape(len(others), len(values)).T, columns, empty)


def _known(reference: Mapping[str, object] | None, predictors: pd.DataFrame) -> None:
    """Raise if a reference is given for what is not a predictor."""
    unknown = set(reference or {}) - {str(name) for name in predictors}
    if unknown:
        raise ValueError(f"reference: {sorted(unknown)} are not among the predictors")
