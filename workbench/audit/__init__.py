"""How solid an index is: what other reasonable choices would do to its places."""

from workbench.audit.choices import Aggregation, Choices, Missing, Normalisation
from workbench.audit.robustness import rank_robustness
from workbench.audit.sobol import sobol_indices

__all__ = [
    "Aggregation",
    "Choices",
    "Missing",
    "Normalisation",
    "rank_robustness",
    "sobol_indices",
]
