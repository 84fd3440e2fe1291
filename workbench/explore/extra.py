"""Widgets are an extra: without them a clear sentence, and never a traceback of imports."""

from __future__ import annotations

from importlib.util import find_spec

from workbench.errors import Problem, Reason, WorkbenchError
from workbench.language import Message

NEEDED = ("ipywidgets", "anywidget", "itables")


def require_widgets() -> None:
    """Refuse to show controls where what draws them is not installed.

    Raises
    ------
    WorkbenchError
        With what to install.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        what = Message("the controls need {names}", names=", ".join(missing))
        fix = Message(
            "Install them: pip install 'municipal-workbench[lab]'. Without them, overview(explore("
            "study)) shows the same as a table."
        )
        raise WorkbenchError(Problem(Reason.EXTRA_MISSING, what, fix=fix))
