"""The sections of a programme's report, in the order of a funder's questions."""

from workbench.display.municipality import cover, method
from workbench.display.programme.certainty import certainty
from workbench.display.programme.change import change
from workbench.display.programme.figures_beside import figures_beside
from workbench.display.programme.outputs import outputs
from workbench.display.programme.results import results
from workbench.display.programme.stages import stages

__all__ = [
    "certainty",
    "change",
    "cover",
    "figures_beside",
    "method",
    "outputs",
    "results",
    "stages",
]
