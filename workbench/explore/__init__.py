"""Exploring a study: other choices, and what moves with them. Its logic needs no widgets."""

from workbench.explore.exploration import Exploration, explore
from workbench.explore.saving import save_choice

__all__ = ["Exploration", "explore", "save_choice"]
