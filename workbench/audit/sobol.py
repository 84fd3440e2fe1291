"""Which uncertain input moves a result most: Sobol indices of variance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from SALib.analyze import sobol as analysis
from SALib.sample import sobol as sampling

from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.stats.result import Number, Refusal, Result, Sentence, fingerprint, rounded

Floats = NDArray[np.float64]
Distribution = Literal["unif", "norm", "triang", "logunif", "lognorm", "truncnorm"]
FEWEST_SAMPLES = 64
SAMPLES = 4096  # OECD/JRC audits take so many at least


def sobol_indices(
    model: Callable[[Floats], Floats],
    inputs: Sequence[str],
    *,
    bounds: Sequence[Sequence[float]],
    distributions: Sequence[Distribution] | None = None,
    groups: Sequence[str] | None = None,
    samples: int = SAMPLES,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 20250101,
) -> Result:
    """Return the part of a result's variance that each uncertain input makes.

    Parameters
    ----------
    model : callable
        Takes an array of shape (rows, inputs), gives one number a row.
    inputs : sequence of str
        Independent inputs.
    bounds : sequence of (float, float)
        Of each input: lowest and highest, or what its distribution asks for (mean and deviation for
        ``norm``), as in SALib.
    distributions : sequence of str, optional
        Even between the bounds if left out.
    groups : sequence of str, optional
        Group of each input: indices are then of groups.
    samples : int
        A power of two; the model is called with samples (groups + 2) rows.
    resamples : int
        Of the bootstrap.
    level : float
    seed : int

    Returns
    -------
    Result
        Estimate: the sum of first-order indices (1 for a model that only adds). Table ``indices``:
        ``S1`` (alone), ``ST`` (with all its interactions), each with ``_conf``, ``_low``,
        ``_high`` by the bootstrap. No verdict.

    Raises
    ------
    ValueError
        If ``samples`` is no power of two or too small, or lists differ in length.

    Notes
    -----
    Scrambled Sobol sequence; estimators of Saltelli and others (2010,
    doi:10.1016/j.cpc.2009.09.018) in SALib, with intervals of normal form around the estimate.
    Small indices can come out below 0 by chance.
    """
    _check(inputs, bounds, distributions, groups, samples)
    problem: dict[str, object] = {
        "num_vars": len(inputs),
        "names": list(inputs),
        "bounds": [list(b) for b in bounds],
        "dists": list(distributions or ["unif"] * len(inputs)),
    }
    if groups is not None:
        problem["groups"] = list(groups)
    names = list(dict.fromkeys(groups or inputs))
    if len(names) == 1:
        why = Message("Only one choice can be made otherwise, so all of it is by that one.")
        return _refused("one_input", why, names, seed, resamples, {})
    # SALib takes 0 for no seed at all.
    drawn = sampling.sample(problem, samples, calc_second_order=False, seed=seed + 1)
    y = np.asarray(model(drawn), dtype=np.float64)
    details: dict[str, Number] = {
        "samples": samples,
        "evaluations": len(y),
        "mean": float(y.mean()),
        "variance": float(y.var()),
    }
    if float(np.ptp(y)) <= 1e-12 * float(np.abs(y).max(initial=0.0)):
        why = Message("None of the inputs moves it.")
        return _refused("no_variation", why, names, seed, resamples, details)
    found = analysis.analyze(
        problem,
        y,
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=level,
        seed=seed + 1,
    )
    table = pd.DataFrame(index=pd.Index(names, name="input"))
    for order in ("S1", "ST"):
        value, reach = np.asarray(found[order]), np.asarray(found[f"{order}_conf"])
        table[order], table[f"{order}_conf"] = value, reach
        table[f"{order}_low"], table[f"{order}_high"] = value - reach, value + reach
    for name in names:
        for order in ("S1", "ST"):
            details[f"{order}_{name}"] = float(table[order].to_numpy()[names.index(name)])
    most = names[int(np.argmax(table["ST"].to_numpy()))]
    at = names.index(most)
    ends = [float(table[f"ST_{end}"].to_numpy()[at]) for end in ("low", "high")]
    sentence = Message(
        "Most is moved by {name}: {share} of every 100 parts of the variation (probably between "
        "{low} and {high}).",
        name=most,
        share=rounded(100 * float(table["ST"].to_numpy()[at]), 0),
        low=rounded(100 * max(0.0, ends[0]), 0),
        high=rounded(100 * min(1.0, ends[1]), 0),
    )
    return Result(
        "sobol_indices",
        "description",
        len(names),
        Message("Sobol indices"),
        design="choices",
        reading="none",
        estimate=float(table["S1"].to_numpy().sum()),
        unit="share",
        warnings=_warnings(samples),
        sentences=(sentence,),
        details=details,
        tables={"indices": table},
        seed=seed,
        replicates=resamples,
        fingerprint=fingerprint(y),
    )


def sobol_estimates(outputs: Sequence[float] | Floats, inputs: Sequence[str]) -> pd.DataFrame:
    """Return first-order and total indices from outputs of a design that was run elsewhere.

    Parameters
    ----------
    outputs : array of float, shape (samples (inputs + 2),)
        Of the rows of a first sample, then of a second, then of the first with one column after the
        other taken from the second, as COINr's ``SA_sample`` sets them.
    inputs : sequence of str

    Returns
    -------
    DataFrame
        One row an input: ``S1``, ``ST``.

    Raises
    ------
    ScoringError
        If the outputs are not so many, or all the same.

    Notes
    -----
    As COINr's ``SA_estimate``: S1 is the mean of b (ab - a), ST half the mean of (a - ab) squared,
    both over the variance of a and b together. :func:`sobol_indices` centres the outputs first,
    which makes S1 less a matter of chance.
    """
    y = np.asarray(outputs, dtype=np.float64).ravel()
    size, rest = divmod(len(y), len(inputs) + 2)
    if rest or size < 2 or np.isnan(y).any() or np.ptp(y[: 2 * size]) == 0:
        what = Message("outputs of a design for Sobol indices, not all the same, are needed")
        expected = Message("two samples or more of {n} rows, none missing", n=len(inputs) + 2)
        raise ScoringError(
            Problem(Reason.PARAMETER_VALUE, what, got=str(len(y)), expected=expected)
        )
    a, b, ab = y[:size], y[size : 2 * size], y[2 * size :].reshape(-1, size)
    variance = y[: 2 * size].var(ddof=1)
    s1 = (b * (ab - a)).mean(axis=1) / variance
    st = ((a - ab) ** 2).mean(axis=1) / (2 * variance)
    return pd.DataFrame({"S1": s1, "ST": st}, index=pd.Index(list(inputs), name="input"))


def _warnings(samples: int) -> tuple[Sentence, ...]:
    """Return a warning where samples are fewer than customary."""
    if samples >= SAMPLES:
        return ()
    text = Message(
        "It rests on {n} samples; {enough} are customary, so the parts are rough.",
        n=rounded(samples, 0),
        enough=rounded(SAMPLES, 0),
    )
    return (text,)


def _refused(
    code: str,
    why: Message,
    names: Sequence[str],
    seed: int,
    resamples: int,
    details: dict[str, Number],
) -> Result:
    """Return a result without indices, and why there are none."""
    what = Message("What moves the result cannot be computed.")
    refusal = Refusal(code, what, why, Message("It can be stated as it is."))
    return Result(
        "sobol_indices",
        "description",
        len(names),
        Message("Sobol indices"),
        design="choices",
        reading="none",
        refusal=refusal,
        details=details,
        seed=seed,
        replicates=resamples,
    )


def _check(
    inputs: Sequence[str],
    bounds: Sequence[Sequence[float]],
    distributions: Sequence[Distribution] | None,
    groups: Sequence[str] | None,
    samples: int,
) -> None:
    """Refuse a plan that the method can't be run on."""
    if samples < FEWEST_SAMPLES or samples & (samples - 1):
        raise ValueError(
            f"samples: a power of two from {FEWEST_SAMPLES} on was expected, not {samples}"
        )
    for name, found in (("bounds", bounds), ("distributions", distributions), ("groups", groups)):
        if found is not None and len(found) != len(inputs):
            raise ValueError(f"{name}: {len(inputs)} were expected, not {len(found)}")
