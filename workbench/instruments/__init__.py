"""Instruments: their files loaded with line numbers, their formulas, the graph of their nodes."""

from workbench.instruments.load import load_instrument
from workbench.instruments.model import Assumption, Instrument, Node, Observable
from workbench.instruments.versions import compare_versions

__all__ = [
    "Assumption",
    "Instrument",
    "Node",
    "Observable",
    "compare_versions",
    "load_instrument",
]
