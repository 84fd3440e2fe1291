"""Instruments: their files loaded with line numbers, their formulas, the graph of their nodes."""

from workbench.instruments.load import load_instrument
from workbench.instruments.model import Assumption, Instrument, Node, Observable

__all__ = ["Assumption", "Instrument", "Node", "Observable", "load_instrument"]
