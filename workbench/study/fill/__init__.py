"""Outlines filled in from a table of titles and rules."""

from workbench.study.fill.instrument import Filled, fill_outline, write_blank

__all__ = ["Filled", "fill_outline", "write_blank"]
