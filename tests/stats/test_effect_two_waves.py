"""Did participants change more: two waves, against R, and what must be refused or warned of."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import Labels, Programme, Result, Verdict, effect_two_waves

Reference = Callable[[str], Case]


def waves(effect: float = 5.0, n: int = 60) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return two waves of n units, half of which took part."""
    rng = np.random.default_rng(17)
    codes = [f"{i:05d}" for i in range(n)]
    treated = pd.Series(np.arange(n) % 2 == 0, index=codes)
    before = pd.Series(rng.normal(50, 10, n), index=codes)
    return before, before + rng.normal(2, 3, n) + effect * treated, treated


def without_nan(result: Result) -> None:
    """Check that no text of a result holds a NaN."""
    for text in (result.sentence("en"), *result.notes("en")):
        assert "nan" not in text.lower()
        assert "—" not in text


def test_difference_of_changes_agrees_with_r(reference: Reference) -> None:
    case = reference("did22_waves_a")
    towns = case.data().set_index("mun_code")
    result = effect_two_waves(towns["score_base"], towns["score_followup"], towns["participant"])
    case.agree(dict(result.details))
    assert result.estimate == pytest.approx(case.expected["did"])
    assert result.interval is not None
    assert result.interval.low == pytest.approx(case.expected["welch_ci_low"])
    assert result.test is not None
    assert result.test.p == pytest.approx(case.expected["welch_p"])
    assert result.verdict is Verdict.UNDETERMINED
    assert (
        "neither show nor rule out an effect of the programme on the score of the participants "
        "(estimate 2.1, probably −1.4 to 5.6 points), assuming that without it both groups would "
        "have changed alike." in result.sentence("en")
    )


def test_it_is_welch_on_the_changes() -> None:
    before, after, treated = waves()
    change = after - before
    result = effect_two_waves(before, after, treated)
    other = sp.ttest_ind(change[treated], change[~treated], equal_var=False)
    assert result["welch_t"] == pytest.approx(other.statistic)
    assert result["welch_p"] == pytest.approx(other.pvalue)


@pytest.mark.parametrize(
    ("effect", "margin", "verdict", "words"),
    [
        (5.0, None, Verdict.POSITIVE, "points upward (probably between"),
        (-5.0, None, Verdict.NEGATIVE, "points downward (probably between"),
        (0.0, None, Verdict.UNDETERMINED, "neither show nor rule out"),
        (0.0, 5.0, Verdict.NEGLIGIBLE, "No appreciable effect"),
    ],
)
def test_an_effect_is_said_with_its_assumption_in_the_same_sentence(
    effect: float, margin: float | None, verdict: Verdict, words: str
) -> None:
    result = effect_two_waves(*waves(effect), margin=margin)
    assert result.verdict is verdict
    assert words in result.sentence("en")
    for sentence in result.sentence("en").split(". "):
        if "effect" in sentence:
            assert "assuming that without it both groups would have changed alike" in sentence
    without_nan(result)


def test_what_the_groups_are_called_is_for_the_study() -> None:
    words = Programme("the towns of the network", "the other towns")
    result = effect_two_waves(*waves(), groups=words, labels=Labels(outcome="the water index"))
    assert "on the water index of the towns of the network is" in result.sentence("en")


def test_groups_unlike_at_the_start_are_warned_of() -> None:
    before, after, treated = waves()
    result = effect_two_waves(before + 20 * treated, after + 20 * treated, treated)
    assert any("standard deviations apart" in note for note in result.notes("en"))
    assert not any("deviations apart" in n for n in effect_two_waves(*waves()).notes("en"))


def test_two_questions_with_two_answers_are_both_shown() -> None:
    rng = np.random.default_rng(2)
    codes = [f"{i:05d}" for i in range(200)]
    treated = pd.Series(np.arange(200) < 100, index=codes)
    # Each group keeps its own mean (Lord 1967): no change in either, but a gap at the same start.
    level = np.where(treated, 60.0, 40.0)
    before = pd.Series(level + rng.normal(0, 5, 200), index=codes)
    after = pd.Series(level + 0.3 * (before - level) + rng.normal(0, 3, 200), index=codes)
    result = effect_two_waves(before, after, treated)
    assert result.verdict is Verdict.UNDETERMINED
    assert result["ancova_ci_HC3_low"] > 0
    note = next(note for note in result.notes("en") if "Two questions" in note)
    assert "do not say which question is the right one" in note


def test_a_programme_assigned_to_clusters_has_their_errors() -> None:
    before, after, treated = waves()
    states = pd.Series([f"s{i // 6}" for i in range(60)], index=before.index)
    result = effect_two_waves(before, after, treated, clusters=states)
    assert result["n_clusters"] == 10
    assert str(result.method) == "difference in differences"
    assert result["se"] == result["se_change_CR2"]
    few = effect_two_waves(before, after, treated, clusters=states.replace({"s9": None}).dropna())
    assert few.n == 54


def test_one_cluster_with_the_programme_is_refused() -> None:
    before, after, _ = waves()
    states = pd.Series([f"s{i % 8}" for i in range(60)], index=before.index)
    result = effect_two_waves(before, after, states == "s1", clusters=states)
    assert result.refusal is not None
    assert result.refusal.reason == "one_cluster"
    assert result["did"] if "did" in result.details else result["mean_change_treated"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda b, a, t: (b, a, t & (t.index < "00007")), "too_few"),
        (lambda b, a, t: (b, a[:0], t), "too_few"),
        (lambda b, a, t: (b, b + 3, t), "no_variation"),
        (lambda b, a, t: (b, a, ~(t & False)), "too_few"),
        (lambda b, a, t: (b, a, t[:0]), "too_few"),
    ],
    ids=["few participants", "no common units", "all alike", "no others", "not known"],
)
def test_what_cannot_be_computed_is_refused(change: Callable[..., object], reason: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = effect_two_waves(*change(*waves()))  # type: ignore[misc]
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert result.estimate is None
    without_nan(result)


def test_order_and_names_of_units_are_of_no_account() -> None:
    before, after, treated = waves()
    one = effect_two_waves(before, after, treated)
    two = effect_two_waves(before[::-1], after.sample(frac=1, random_state=1), treated)
    assert dict(one.details) == dict(two.details)
    renamed = [series.rename(index=lambda code: f"x{code}") for series in (before, after, treated)]
    assert effect_two_waves(*renamed).estimate == pytest.approx(one.estimate)


def test_swapping_the_groups_swaps_the_sign() -> None:
    before, after, treated = waves()
    one, two = effect_two_waves(before, after, treated), effect_two_waves(before, after, ~treated)
    assert two.estimate == pytest.approx(-float(one.estimate or 0))
    assert two["se"] == pytest.approx(one["se"])


def test_baselines_that_do_not_vary_leave_the_rest() -> None:
    before, after, treated = waves()
    result = effect_two_waves(before * 0 + 50, after - before + 50, treated)
    assert result.refusal is None
    assert "ancova_effect" not in result.details
    without_nan(result)


def test_who_took_part_must_be_yes_or_no() -> None:
    before, after, treated = waves()
    with pytest.raises(ValueError, match="expected 0 or 1"):
        effect_two_waves(before, after, treated.map({True: "yes", False: "no"}))
    unknown = treated.astype(object)
    unknown.iloc[:4] = None
    assert sum(part.n for part in effect_two_waves(before, after, unknown).dropped) == 4
