"""Mistakes in the arguments of the command line, in sentences that can be translated.

Typer says them in English only; its sentences are few, and are known here by their form.
"""

from __future__ import annotations

import re
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message, marked

# What typer says, and the same with fields; the first that fits is taken.
_FORMS = (
    (
        r"No such option: (?P<name>\S+) \(Possible options: (?P<names>.*)\)",
        marked("No such option: {name} (possible options: {names})"),
    ),
    (r"No such option: (?P<name>\S+)", marked("No such option: {name}")),
    (
        r"No such command (?P<name>'.*')\. Did you mean (?P<names>.*)",
        marked("No such command {name}. Did you mean {names}?"),
    ),
    (r"No such command (?P<name>'.*')", marked("No such command {name}")),
    (r"Missing argument (?P<name>'.*')", marked("Missing argument {name}")),
    (r"Missing option (?P<name>'.*')", marked("Missing option {name}")),
    (r"Missing command", marked("Missing command")),
    (
        r"Got unexpected extra arguments?(?:\(s\))? \((?P<names>.*)\)",
        marked("Unexpected arguments: {names}"),
    ),
    (r"Option (?P<name>'.*') requires an argument", marked("Option {name} requires a value")),
    (r"Option (?P<name>'.*') does not take a value", marked("Option {name} takes no value")),
    (r"Invalid value for (?P<name>'.*?'): .*", marked("Invalid value for {name}")),
)
_VALUES = (
    (r"greater than or equal to (?P<low>\S+)", marked("a number of {low} or more")),
    (r"less than or equal to (?P<high>\S+)", marked("a number of {high} or less")),
    (r"valid integer", marked("a whole number")),
    (r"valid number", marked("a number")),
)


def usage_error(error: Any) -> WorkbenchError:
    """Return a mistake in the arguments as an error of ours; typer found the nearest name.

    Parameters
    ----------
    error : typer's UsageError
    """
    said = str(error.format_message()).rstrip(".?")
    command = error.ctx.command_path if error.ctx is not None else "workbench"
    return WorkbenchError(
        Problem(
            Reason.PARAMETER_UNKNOWN,
            _translatable(said),
            Place("workbench"),
            expected=_expected(said),
            fix=Message("See {command} --help.", command=command),
        )
    )


def _translatable(said: str) -> Message:
    """Return a sentence of typer with its fields apart; as it is, where its form is unknown."""
    for form, text in _FORMS:
        found = re.fullmatch(form, said, flags=re.DOTALL)
        if found:
            return Message(text, **found.groupdict())
    return Message("{detail}", detail=said)


def _expected(said: str) -> Message | None:
    """Return what a value should have been, None where the sentence does not tell."""
    for form, text in _VALUES:
        found = re.search(form, said)
        if found and said.startswith("Invalid value"):
            return Message(text, **found.groupdict())
    return None
