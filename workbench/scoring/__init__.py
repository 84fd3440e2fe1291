"""The small scoring module: calibrate, score, explain. It needs numpy and pandas alone."""

from workbench.scoring.calibrate import Calibration, calibrate
from workbench.scoring.explain import Explanation, explain
from workbench.scoring.ranks import Ranks, rank_units
from workbench.scoring.score import Prepared, prepare, score
from workbench.scoring.scores import Scores

__all__ = [
    "Calibration",
    "Explanation",
    "Prepared",
    "Ranks",
    "Scores",
    "calibrate",
    "explain",
    "prepare",
    "rank_units",
    "score",
]
