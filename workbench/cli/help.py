"""The help of the command line in the language of who reads it."""

from __future__ import annotations

from typing import Any

from typer import rich_utils

from workbench.language import Message
from workbench.language.catalogue import SOURCE_LANGUAGE
from workbench.language.help_text import translate_help


def speak(command: Any, tag: str) -> Any:
    """Return a command that explains itself, its parts and its options in a language.

    Parameters
    ----------
    command : typer's Command or Group
    tag : str
        Full language tag.
    """
    if tag == SOURCE_LANGUAGE:
        return command
    rich_utils.ARGUMENTS_PANEL_TITLE = Message("Arguments").text(tag)
    rich_utils.OPTIONS_PANEL_TITLE = Message("Options").text(tag)
    rich_utils.COMMANDS_PANEL_TITLE = Message("Commands").text(tag)
    rich_utils.REQUIRED_LONG_STRING = f"[{Message('required').text(tag)}]"
    rich_utils.DEFAULT_STRING = f"[{Message('default: {value}', value='{}').text(tag)}]"
    _translate(command, tag)
    return command


def _translate(command: Any, tag: str) -> None:
    """Translate a command and all below it."""
    if command.help:
        command.help = translate_help(command.help, tag)
    made = command.get_help_option
    command.get_help_option = lambda context: _explained(made(context), tag)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translate_help(parameter.help, tag)
    for part in getattr(command, "commands", {}).values():
        _translate(part, tag)


def _explained(option: Any, tag: str) -> Any:
    """Return the option for help, which click makes itself, with its own help translated."""
    if option is not None:
        option.help = Message("Show this message and exit.").text(tag)
    return option
