"""The entry point of papermill's engines: ``papermill --engine workbench``.

papermill loads it while it is still being imported itself, so nothing of papermill is imported here
before it is used.
"""

from __future__ import annotations

from typing import Any


class WorkbenchEngine:
    """Executes a notebook in a forked process, or as the standard engine does where it must."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        """Execute a notebook and return it."""
        from tqdm.auto import tqdm

        from workbench.runs.forked import ForkedEngine

        # The bar of papermill would start a thread that looks after it, before the fork.
        interval, tqdm.monitor_interval = tqdm.monitor_interval, 0
        try:
            return ForkedEngine.execute_notebook(nb, kernel_name, **options)
        finally:
            tqdm.monitor_interval = interval

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the name of a notebook's kernel."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the language of a notebook."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))
