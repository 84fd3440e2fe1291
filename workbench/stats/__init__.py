"""Comparisons: every one returns the same kind of result, or a refusal that says why."""

from workbench.stats.alpha import several_raters
from workbench.stats.change import mean_change, share_improved, typical_change
from workbench.stats.consistency import internal_consistency
from workbench.stats.fleiss import fleiss_kappa
from workbench.stats.intraclass import intraclass_correlation
from workbench.stats.peers import peer_position
from workbench.stats.populations import two_populations
from workbench.stats.ranking import rank_ranges
from workbench.stats.ratings import Marks
from workbench.stats.result import Effect, Interval, Refusal, Result, Test, Verdict
from workbench.stats.shrinkage import shrunken_scores
from workbench.stats.sizes import Size, default_sizes
from workbench.stats.survey import survey_estimate
from workbench.stats.survey_design import SurveyDesign
from workbench.stats.target import mean_against_target, share_against_target
from workbench.stats.two_raters import two_raters
from workbench.stats.two_raters_numeric import two_raters_numeric
from workbench.stats.wording import Labels

__all__ = [
    "Effect",
    "Interval",
    "Labels",
    "Marks",
    "Refusal",
    "Result",
    "Size",
    "SurveyDesign",
    "Test",
    "Verdict",
    "default_sizes",
    "fleiss_kappa",
    "internal_consistency",
    "intraclass_correlation",
    "mean_against_target",
    "mean_change",
    "peer_position",
    "rank_ranges",
    "several_raters",
    "share_against_target",
    "share_improved",
    "shrunken_scores",
    "survey_estimate",
    "two_populations",
    "two_raters",
    "two_raters_numeric",
    "typical_change",
]
