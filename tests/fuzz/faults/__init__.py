"""Faults by kind: structure, type, encoding, size, nesting, truncation, hostile text."""

from tests.fuzz.faults import archive, columns, plain, table, tree  # noqa: F401
from tests.fuzz.faults.registry import FAULTS, KINDS

__all__ = ["FAULTS", "KINDS"]
