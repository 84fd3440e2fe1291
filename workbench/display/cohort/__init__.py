"""The sections of a cohort's report, in the order of its questions; each returns a Section."""

from workbench.display.cohort.areas import areas
from workbench.display.cohort.certainty import certainty, method
from workbench.display.cohort.change import change
from workbench.display.cohort.outlook import next_steps, strengths
from workbench.display.cohort.ranking import ranking
from workbench.display.cohort.where import cover, groups, where

__all__ = [
    "areas",
    "certainty",
    "change",
    "cover",
    "groups",
    "method",
    "next_steps",
    "ranking",
    "strengths",
    "where",
]
