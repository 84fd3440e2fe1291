"""Linear mixed models: an outcome, fixed columns, and groups that differ by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.stats.mixed_errors import Errors, errors
from workbench.stats.mixed_exact import share_between
from workbench.stats.mixed_fit import Blocks, Fit, Floats, Ints, Layout, blocks, covariance, fit
from workbench.stats.result import Effect, Interval, Number, fingerprint

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a frame make a model.

    Parameters
    ----------
    outcome : str
    fixed : tuple of str
        Numbers, beside the intercept.
    groups : str
        Groups that differ by chance.
    within : str or None
        Groups inside of those.
    slope : str or None
        Fixed column whose coefficient differs between the innermost groups.
    """

    outcome: str
    fixed: tuple[str, ...]
    groups: str
    within: str | None = None
    slope: str | None = None

    @property
    def inner(self) -> str:
        """Name of the innermost groups, as lme4 writes it."""
        return self.groups if self.within is None else f"{self.within}:{self.groups}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows without gaps, in an order that does not depend on that of the input.

    Parameters
    ----------
    y : array, shape (n,)
    x : array, shape (n, p)
        The first column is of ones.
    group, inside : array of int, shape (n,)
        Positions of the group, and of the innermost group inside it (all 0 without those).
    names, inside_names : tuple
        Of the groups; of the innermost groups, with the position of their group.
    columns : Columns
    missing : int
        Rows left out for a gap.
    """

    y: Floats
    x: Floats
    group: Ints
    inside: Ints
    names: tuple[str, ...]
    inside_names: tuple[tuple[int, str], ...]
    columns: Columns
    missing: int

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y)

    @property
    def innermost(self) -> int:
        """How many groups there are at the innermost level."""
        return len(self.inside_names)

    @property
    def effects(self) -> Floats:
        """Columns whose coefficients differ between the innermost groups, shape (n, 1 or 2)."""
        if self.columns.slope is None:
            return self.x[:, :1]
        return self.x[:, [0, 1 + self.columns.fixed.index(self.columns.slope)]]

    @property
    def noise(self) -> float:
        """Share of the variance that no column and no group accounts for."""
        total = float(((self.y - self.y.mean()) ** 2).sum())
        left = np.column_stack([self.y, self.x])
        same = np.flatnonzero(np.diff(self.group) | np.diff(self.inside)) + 1
        for rows in np.split(np.arange(self.n), same):
            own = self.effects[rows]
            left[rows] -= own @ np.linalg.lstsq(own, left[rows], rcond=None)[0]
        y, x = left[:, 0], left[:, 1:]
        rest = y - x @ np.linalg.lstsq(x, y, rcond=1e-9)[0]
        return float((rest**2).sum()) / total

    @property
    def fingerprint(self) -> str:
        """Hash of what is modelled."""
        return fingerprint(self.names, self.group, self.inside, self.y, self.x.ravel())


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model with everything that is told of it.

    Parameters
    ----------
    data : Prepared
    blocks : Blocks
    reml, ml : Fit
    errors : Errors
    turn : array, shape (effects, effects)
        Leads from the random effects that were fitted to those of the columns as they came.
    """

    data: Prepared
    blocks: Blocks
    reml: Fit
    ml: Fit
    errors: Errors
    turn: Floats

    @property
    def residual(self) -> float:
        """Residual variance."""
        return self.reml.sigma2 * self.blocks.scale**2

    def coefficients(self, found: Fit) -> Floats:
        """Return the coefficients of the columns as they came."""
        beta = np.linalg.solve(self.blocks.r, found.point.beta) * self.blocks.scale
        beta[0] += self.blocks.centre
        return np.asarray(beta)

    def terms(self) -> list[tuple[str, Floats]]:
        """Return the covariance of random effects by level, outermost first."""
        full, layout = covariance(self.blocks, self.reml), self.blocks.layout
        names = [self.data.columns.groups, self.data.columns.inner]
        found = []
        for name, (start, effects, _) in zip(names, layout.terms, strict=False):
            part = full[start : start + effects, start : start + effects]
            turn = self.turn if effects == len(self.turn) else np.eye(effects)
            found.append((name, turn @ part @ turn.T))
        return found

    def interval(self, at: int, level: float) -> Interval:
        """Return the interval of a coefficient: Kenward and Roger's error and t distribution."""
        reach = float(sp.t.ppf(0.5 + level / 2, self.errors.df[at]) * self.errors.se_adjusted[at])
        centre = float(self.coefficients(self.reml)[at])
        return Interval(centre - reach, centre + reach, level, "Kenward-Roger, t")


def prepared(frame: pd.DataFrame, columns: Columns) -> Prepared:
    """Return the rows of a model.

    Raises
    ------
    ValueError
        If the slope is none of the fixed columns.
    """
    if columns.slope is not None and columns.slope not in columns.fixed:
        raise ValueError(f"slope {columns.slope!r} is none of the fixed columns {columns.fixed}")
    labels = [name for name in (columns.groups, columns.within) if name is not None]
    used = frame[[*labels, columns.outcome, *columns.fixed]].dropna()
    used = used.astype(dict.fromkeys(labels, "str")).sort_values(
        [*labels, *columns.fixed, columns.outcome], kind="stable", ignore_index=True
    )
    numbers = used[[columns.outcome, *columns.fixed]].to_numpy(dtype=np.float64)
    group, names = pd.factorize(used[columns.groups], sort=True)
    inner = used[columns.within] if columns.within else used[columns.groups]
    keys = sorted(set(zip(group.tolist(), inner.tolist(), strict=True)))
    first = {g: i for i, (g, _) in reversed(list(enumerate(keys)))}
    position = {key: i - first[key[0]] for i, key in enumerate(keys)}
    inside = np.array(
        [position[key] for key in zip(group.tolist(), inner.tolist(), strict=True)], dtype=np.int64
    )
    ones = np.ones((len(used), 1))
    return Prepared(
        numbers[:, 0],
        np.hstack([ones, numbers[:, 1:]]),
        group.astype(np.int64),
        inside,
        tuple(map(str, names)),
        tuple(keys),
        columns,
        len(frame) - len(used),
    )


def fitted(data: Prepared) -> Model:
    """Return the model of prepared rows.

    Notes
    -----
    The column of random slopes is centred and scaled for the fit, which changes nothing but makes
    it steady, and turned back after it.
    """
    layout, effects, turn = _random(data)
    rows = [np.flatnonzero(data.group == g) for g in range(len(data.names))]
    z = [_columns_of(effects[at], data.inside[at], layout) for at in rows]
    sums = blocks(data.y, data.x, z, rows, layout)
    reml = fit(sums)
    return Model(data, sums, reml, fit(sums, reml=False), errors(sums, reml), turn)


def _random(data: Prepared) -> tuple[Layout, Floats, Floats]:
    """Return the layout, the columns of effects of one innermost group, and the way back."""
    effects, turn = data.effects.copy(), np.eye(1)
    if data.columns.slope is not None:
        mean, sd = float(effects[:, 1].mean()), float(effects[:, 1].std())
        effects[:, 1] = (effects[:, 1] - mean) / sd
        turn = np.array([[1.0, -mean / sd], [0.0, 1 / sd]])
    k = effects.shape[1]
    if data.columns.within is None:
        return Layout(k), effects, turn
    return Layout(1, k, int(data.inside.max()) + 1), effects, turn


def _columns_of(effects: Floats, inside: Ints, layout: Layout) -> Floats:
    """Return the columns of random effects of one group."""
    if not layout.inner:
        return effects
    found = np.zeros((len(effects), layout.q))
    found[:, 0] = 1.0
    at = np.arange(len(effects))
    for effect in range(layout.inner):
        found[at, 1 + layout.inner * inside + effect] = effects[:, effect]
    return found


# -- what is told of a model --------------------------------------------------------------------


def numbers(model: Model, level: float) -> dict[str, Number]:
    """Return the numbers of a model by name."""
    data, free = model.data, len(model.blocks.layout.diagonal) + model.blocks.p + 1
    found: dict[str, Number] = {
        "n_obs": data.n,
        "n_groups": len(data.names),
        "n_innermost": data.innermost,
        "is_singular": model.reml.singular,
        "reml_loglik": model.reml.loglik,
        "ml_loglik": model.ml.loglik,
        "ml_aic": -2 * model.ml.loglik + 2 * free,
        "ml_bic": -2 * model.ml.loglik + float(np.log(data.n)) * free,
        "residual_variance": model.residual,
    }
    if data.columns.slope is None:
        shares = _shares(model)
        found["icc"] = shares[0]
        if len(shares) > 1:
            found["icc_innermost"] = sum(shares)
    if (exact := lasting(model, level)) is not None:
        found |= {"icc_F": exact.statistic, "icc_p": exact.p}
        if exact.share.interval is not None:
            found |= {"icc_low": exact.share.interval.low, "icc_high": exact.share.interval.high}
    return found


@dataclass(frozen=True, slots=True)
class Lasting:
    """The share of variance between groups with its exact interval, and the test that it is zero.

    There is no interval where groups are more alike than chance gives.
    """

    share: Effect
    statistic: float
    p: float


def lasting(model: Model, level: float) -> Lasting | None:
    """Return the share between groups where it has an exact interval: one level, no slopes."""
    if model.data.columns.within is not None or model.data.columns.slope is not None:
        return None
    low, high, statistic, p = share_between(model.data.y, model.data.x, model.data.group, level)
    interval = Interval(low, high, level, "Wald, exact") if high > 0 else None
    return Lasting(Effect("icc", _shares(model)[0], interval), statistic, p)


def _shares(model: Model) -> list[float]:
    """Return the share of the variance at each level, without the residual."""
    variances = [float(part[0, 0]) for _, part in model.terms()]
    total = sum(variances) + model.residual
    return [variance / total for variance in variances]


def effects(model: Model, level: float) -> tuple[Effect, ...]:
    """Return the shares of variance by level; none where a slope makes them depend on the wave."""
    if model.data.columns.slope is not None:
        return ()
    exact = lasting(model, level)
    if exact is not None:
        return (exact.share,)
    shares = _shares(model)
    return (Effect("icc", shares[0]), Effect("icc_innermost", sum(shares)))


def tables(model: Model, level: float) -> dict[str, pd.DataFrame]:
    """Return the coefficients, variances and predicted effects of groups."""
    return {
        "fixed": _fixed(model, level),
        "variance": _variances(model),
        "blup": _predicted(model),
    }


def _fixed(model: Model, level: float) -> pd.DataFrame:
    """Return the coefficients, with their errors by each convention."""
    found, own = model.coefficients(model.reml), model.errors
    z = found / own.se
    ends = [model.interval(i, level) for i in range(len(found))]
    return pd.DataFrame(
        {
            "estimate": found,
            "low": [end.low for end in ends],
            "high": [end.high for end in ends],
            "se": own.se,
            "wald_z": z,
            "wald_z_p": 2 * sp.norm.sf(np.abs(z)),
            "df_satterthwaite": own.df_satterthwaite,
            "p_satterthwaite": 2 * sp.t.sf(np.abs(z), own.df_satterthwaite),
            "df_kenward_roger": own.df,
            "se_kenward_roger": own.se_adjusted,
            "p_kenward_roger": 2 * sp.t.sf(np.abs(found / own.se_adjusted), own.df),
            "ml_estimate": model.coefficients(model.ml),
        },
        index=pd.Index([INTERCEPT, *model.data.columns.fixed], name="name"),
    )


def _variances(model: Model) -> pd.DataFrame:
    """Return variances, covariances and the residual variance, as lme4 lists them."""
    rows: list[tuple[str, str | None, str | None, float, float]] = []
    for group, part in model.terms():
        names = [INTERCEPT, model.data.columns.slope or ""][: len(part)]
        sd = np.sqrt(np.diag(part))
        rows += [(group, name, None, part[i, i], sd[i]) for i, name in enumerate(names)]
        if len(part) > 1:
            product = float(sd[0] * sd[1])
            together = float(part[0, 1]) / product if product else np.nan
            rows.append((group, names[0], names[1], part[0, 1], together))
    rows.append(("Residual", None, None, model.residual, float(np.sqrt(model.residual))))
    return pd.DataFrame(rows, columns=["group", "var1", "var2", "vcov", "sdcor"])


def _predicted(model: Model) -> pd.DataFrame:
    """Return the predicted random effects of all groups, of the innermost ones too."""
    layout, data = model.blocks.layout, model.data
    scaled = model.reml.point.effects * model.blocks.scale
    names = [INTERCEPT, *([data.columns.slope] if data.columns.slope else [])]
    outer = scaled[:, : layout.outer]
    if not layout.inner:
        return pd.DataFrame(
            outer @ model.turn.T, index=pd.Index(data.names, name="group"), columns=names
        )
    own = pd.DataFrame(outer, index=pd.Index(data.names, name="group"), columns=names[:1])
    first = {g: i for i, (g, _) in reversed(list(enumerate(data.inside_names)))}
    inner = np.array(
        [
            scaled[g, (at := 1 + layout.inner * (i - first[g])) : at + layout.inner]
            for i, (g, _) in enumerate(data.inside_names)
        ]
    )
    labels = [f"{name}:{data.names[g]}" for g, name in data.inside_names]
    index = pd.Index(labels, name="group")
    return pd.concat([own, pd.DataFrame(inner @ model.turn.T, index=index, columns=names)])
