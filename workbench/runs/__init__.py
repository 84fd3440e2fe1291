"""Runs: planned, frozen, rendered, recorded."""
