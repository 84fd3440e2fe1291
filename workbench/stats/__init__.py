"""Comparisons: every one returns the same kind of result, or a refusal that says why."""

from workbench.stats.against_reference import against_reference_group
from workbench.stats.alpha import several_raters
from workbench.stats.association import association
from workbench.stats.bootstrap import bootstrap, trimmed_mean
from workbench.stats.change import mean_change, share_improved, typical_change
from workbench.stats.consistency import internal_consistency
from workbench.stats.effect_several_waves import effect_several_waves
from workbench.stats.effect_staggered import effect_staggered
from workbench.stats.effect_two_waves import effect_two_waves
from workbench.stats.effect_weighted import effect_weighted
from workbench.stats.factors import factors
from workbench.stats.factors_over_waves import factors_over_waves
from workbench.stats.families import adjust, adjusted_p, many_tests
from workbench.stats.fleiss import fleiss_kappa
from workbench.stats.funnel import funnel
from workbench.stats.intraclass import intraclass_correlation
from workbench.stats.mixed_refusals import refused
from workbench.stats.no_change import detectable_change, no_change
from workbench.stats.ordinal_factors import ordinal_factors
from workbench.stats.peers import peer_position, peer_standings, third_of
from workbench.stats.permutation import permutation_test, sign_flip_test
from workbench.stats.populations import two_populations
from workbench.stats.precision import measurement_error
from workbench.stats.programme import Programme
from workbench.stats.proportions import two_proportions
from workbench.stats.quantile_factors import quantile_factors
from workbench.stats.rank_sets import ranges_apart
from workbench.stats.ranking import rank_ranges
from workbench.stats.rates import observed_expected, standardised_rates
from workbench.stats.ratings import Marks
from workbench.stats.reliable import reliable_change
from workbench.stats.requirements import cochrans_q, requirement_change
from workbench.stats.result import Effect, Interval, Refusal, Result, Test, Verdict
from workbench.stats.several_groups import several_groups
from workbench.stats.shrinkage import shrunken_scores
from workbench.stats.sizes import Size, default_sizes
from workbench.stats.spread import spread
from workbench.stats.stability import convergence, stability
from workbench.stats.survey import survey_estimate
from workbench.stats.survey_design import SurveyDesign
from workbench.stats.target import mean_against_target, share_against_target
from workbench.stats.trajectories import mixed_model, trajectories, variance_between
from workbench.stats.transitions import level_transitions
from workbench.stats.two_groups import two_groups
from workbench.stats.two_raters import two_raters
from workbench.stats.two_raters_numeric import two_raters_numeric
from workbench.stats.unit_target import unit_against_target
from workbench.stats.waves import several_waves
from workbench.stats.wording import Labels
from workbench.stats.yes_no_factors import yes_no_factors

__all__ = [
    "Effect",
    "Interval",
    "Labels",
    "Marks",
    "Programme",
    "Refusal",
    "Result",
    "Size",
    "SurveyDesign",
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
    "effect_several_waves",
    "effect_staggered",
    "effect_two_waves",
    "effect_weighted",
    "factors",
    "factors_over_waves",
    "fleiss_kappa",
    "funnel",
    "internal_consistency",
    "intraclass_correlation",
    "level_transitions",
    "many_tests",
    "mean_against_target",
    "mean_change",
    "measurement_error",
    "mixed_model",
    "no_change",
    "observed_expected",
    "ordinal_factors",
    "peer_position",
    "peer_standings",
    "permutation_test",
    "quantile_factors",
    "ranges_apart",
    "rank_ranges",
    "refused",
    "reliable_change",
    "requirement_change",
    "several_groups",
    "several_raters",
    "several_waves",
    "share_against_target",
    "share_improved",
    "shrunken_scores",
    "sign_flip_test",
    "spread",
    "stability",
    "standardised_rates",
    "survey_estimate",
    "third_of",
    "trajectories",
    "trimmed_mean",
    "two_groups",
    "two_populations",
    "two_proportions",
    "two_raters",
    "two_raters_numeric",
    "typical_change",
    "unit_against_target",
    "variance_between",
    "yes_no_factors",
]
