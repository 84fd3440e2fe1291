"""The sections of a report of a comparison: the answer, its picture, and why it was made so."""

from workbench.display.compared.answer import answer
from workbench.display.compared.common import ComparedView
from workbench.display.compared.cover import cover, method
from workbench.display.compared.notes import choice, notes
from workbench.display.compared.picture import picture

__all__ = ["ComparedView", "answer", "choice", "cover", "method", "notes", "picture"]
