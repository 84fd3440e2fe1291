"""Comparisons: every one returns the same kind of result, or a refusal that says why."""

from workbench.stats.against_reference import against_reference_group
from workbench.stats.association import association
from workbench.stats.bootstrap import bootstrap, trimmed_mean
from workbench.stats.change import mean_change, share_improved, typical_change
from workbench.stats.families import adjust, adjusted_p, many_tests
from workbench.stats.funnel import funnel
from workbench.stats.mixed_words import Nouns
from workbench.stats.no_change import detectable_change, no_change
from workbench.stats.permutation import permutation_test, sign_flip_test
from workbench.stats.proportions import two_proportions
from workbench.stats.rates import observed_expected, standardised_rates
from workbench.stats.reliable import reliable_change
from workbench.stats.requirements import cochrans_q, requirement_change
from workbench.stats.result import Effect, Interval, Refusal, Result, Test, Verdict
from workbench.stats.several_groups import several_groups
from workbench.stats.sizes import Size, default_sizes
from workbench.stats.spread import spread
from workbench.stats.stability import convergence, stability
from workbench.stats.trajectories import mixed_model, trajectories, variance_between
from workbench.stats.transitions import level_transitions
from workbench.stats.two_groups import two_groups
from workbench.stats.waves import several_waves
from workbench.stats.wording import Labels

__all__ = [
    "Effect",
    "Interval",
    "Labels",
    "Nouns",
    "Refusal",
    "Result",
    "Size",
    "Test",
    "Verdict",
    "adjust",
    "adjusted_p",
    "against_reference_group",
    "association",
    "bootstrap",
    "cochrans_q",
    "convergence",
    "default_sizes",
    "detectable_change",
    "funnel",
    "level_transitions",
    "many_tests",
    "mean_change",
    "mixed_model",
    "no_change",
    "observed_expected",
    "permutation_test",
    "reliable_change",
    "requirement_change",
    "several_groups",
    "several_waves",
    "share_improved",
    "sign_flip_test",
    "spread",
    "stability",
    "standardised_rates",
    "trajectories",
    "trimmed_mean",
    "two_groups",
    "two_proportions",
    "typical_change",
    "variance_between",
]
