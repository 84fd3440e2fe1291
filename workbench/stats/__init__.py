"""Comparisons: every one returns the same kind of result, or a refusal that says why."""

from workbench.stats.change import mean_change, share_improved, typical_change
from workbench.stats.effect_several_waves import effect_several_waves
from workbench.stats.effect_staggered import effect_staggered
from workbench.stats.effect_two_waves import effect_two_waves
from workbench.stats.effect_weighted import effect_weighted
from workbench.stats.factors import factors
from workbench.stats.factors_over_waves import factors_over_waves
from workbench.stats.ordinal_factors import ordinal_factors
from workbench.stats.programme import Programme
from workbench.stats.quantile_factors import quantile_factors
from workbench.stats.result import Effect, Interval, Refusal, Result, Test, Verdict
from workbench.stats.sizes import Size, default_sizes
from workbench.stats.wording import Labels
from workbench.stats.yes_no_factors import yes_no_factors

__all__ = [
    "Effect",
    "Interval",
    "Labels",
    "Programme",
    "Refusal",
    "Result",
    "Size",
    "Test",
    "Verdict",
    "default_sizes",
    "effect_several_waves",
    "effect_staggered",
    "effect_two_waves",
    "effect_weighted",
    "factors",
    "factors_over_waves",
    "mean_change",
    "ordinal_factors",
    "quantile_factors",
    "share_improved",
    "typical_change",
    "yes_no_factors",
]
