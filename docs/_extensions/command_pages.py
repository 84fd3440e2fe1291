"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from workbench.cli import app

KINDS = {"str": "text", "int": "number", "float": "number"}


def command_page() -> str:
    """Return the page: each command with its text, arguments and options."""
    group = typer.main.get_command(app)
    parts = ["# Command line", (group.help or "").strip()]
    parts.append("`--help` after any command prints the same in a terminal.")
    for name, command in group.commands.items():
        parts += [f"## workbench {name}", (command.help or "").strip()]
        rows = list(_rows(command))
        if rows:
            head = "| argument or option | value | meaning |\n|---|---|---|"
            parts.append("\n".join([head, *rows]))
    return "\n\n".join(parts) + "\n"


def _rows(command: Any) -> Iterator[str]:
    """Yield a row for each parameter that a user can give."""
    for parameter in command.params:
        meaning = getattr(parameter, "help", None) or ""
        notes = []
        if parameter.required:
            notes.append("required")
        if _is_option(parameter) and _says_default(parameter):
            notes.append(f"default: `{parameter.default}`")
        if notes:
            meaning += f" ({', '.join(notes)})"
        yield f"| {_names(parameter)} | {_value(parameter)} | {_cell(meaning)} |"


def _is_option(parameter: Any) -> bool:
    """Return whether a parameter is an option; typer brings classes of its own for both."""
    return parameter.param_type_name == "option"


def _names(parameter: Any) -> str:
    """Return how a parameter is written."""
    if _is_option(parameter):
        return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    return f"`{parameter.metavar or (parameter.name or '').upper()}`"


def _value(parameter: Any) -> str:
    """Return what stands for the value; nothing for a switch and for an argument."""
    if not _is_option(parameter) or parameter.is_flag:
        return ""
    if parameter.metavar:
        return _cell(f"`{parameter.metavar}`")
    kind = str(parameter.bare_type())
    if choices := re.findall(r"'(\w+)'", kind):  # typing.Literal['one', 'other']
        return " or ".join(f"`{choice}`" for choice in choices)
    return KINDS.get(kind.split(" ")[0], _cell(f"`{kind}`"))


def _says_default(option: Any) -> bool:
    """Return whether a default tells something: nothing, no and an empty list do not."""
    return isinstance(option.default, (str, int, float)) and not option.is_flag


def _cell(text: str) -> str:
    """Return a text that fits in a cell."""
    return " ".join(text.split()).replace("|", "\\|")
