"""The command line: it reads arguments, calls the study or a run, and prints what came.

Commands are listed in the order in which their modules are imported.
"""

from workbench.cli import catalogue, forms, studies, reports, export, proof  # noqa: F401, I001
from workbench.cli.app import app
from workbench.cli.main import execute, main

__all__ = ["app", "execute", "main"]
