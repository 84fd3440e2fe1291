"""The sections of a municipal report, in the order of its questions; each returns a Section."""

from workbench.display.municipality.areas import areas
from workbench.display.municipality.certainty import certainty, method
from workbench.display.municipality.change import change
from workbench.display.municipality.next_steps import next_steps
from workbench.display.municipality.peers import peers
from workbench.display.municipality.strengths import strengths
from workbench.display.municipality.where import cover, where

__all__ = [
    "areas",
    "certainty",
    "change",
    "cover",
    "method",
    "next_steps",
    "peers",
    "strengths",
    "where",
]
