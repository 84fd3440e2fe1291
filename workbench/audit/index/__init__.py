"""An index in matrix form: its structure, its data step by step, and what other choices give."""

from workbench.audit.index.index import Index
from workbench.audit.index.structure import Node, Structure

__all__ = ["Index", "Node", "Structure"]
