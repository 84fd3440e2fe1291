"""Comparisons: every one returns the same kind of result, or a refusal that says why."""

from workbench.stats.change import mean_change, share_improved, typical_change
from workbench.stats.mixed_words import Nouns
from workbench.stats.no_change import detectable_change, no_change
from workbench.stats.reliable import reliable_change
from workbench.stats.requirements import cochrans_q, requirement_change
from workbench.stats.result import Effect, Interval, Refusal, Result, Test, Verdict
from workbench.stats.sizes import Size, default_sizes
from workbench.stats.stability import convergence, stability
from workbench.stats.trajectories import mixed_model, trajectories, variance_between
from workbench.stats.transitions import level_transitions
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
    "cochrans_q",
    "convergence",
    "default_sizes",
    "detectable_change",
    "level_transitions",
    "mean_change",
    "mixed_model",
    "no_change",
    "reliable_change",
    "requirement_change",
    "several_waves",
    "share_improved",
    "stability",
    "trajectories",
    "typical_change",
    "variance_between",
]
