"""The command line itself: its name and help, what commands share, and how they print."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Annotated

import typer

from workbench.language import Message, nearest_tag

app = typer.Typer(
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Score municipal diagnostics and print reports that can be checked.\n\n"
    "A *study* is a YAML file in `params/`: it names an instrument, the data, and what to make of "
    "them.\n\n"
    "```\n"
    "workbench init my-project          # a folder with an example that runs\n"
    "workbench check params/STUDY.yml   # every mistake in the data, with its row\n"
    "workbench run params/STUDY.yml     # HTML and PDF for every municipality\n"
    "```",
)

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="Path of the study's YAML file")
]
LocaleOption = Annotated[
    str | None,
    typer.Option(
        "--locale", metavar="TAG", help="Language and country of the results, such as es-MX"
    ),
]

EXIT_DONE, EXIT_CHECK, EXIT_INPUT, EXIT_SOME, EXIT_BUG = 0, 1, 2, 3, 70
EXIT_STOPPED = 130


def say(source: str, /, **values: object) -> None:
    """Print a sentence of the interface."""
    from workbench.console import console, text_long

    console().print(text_long(Message(source, **values).text(tongue())))


def tongue() -> str:
    """Return the language in which the command line speaks: WORKBENCH_LANG, English by default."""
    return nearest_tag(os.environ.get("WORKBENCH_LANG"))


def heads(*names: Message, right: Collection[int] = ()) -> list[tuple[str, str]]:
    """Return the heads of a printed table: their words, and on which side each column stands."""
    sides = ("right" if index in right else "left" for index in range(len(names)))
    return [(name.text(tongue()), side) for name, side in zip(names, sides, strict=True)]


def show(line: str) -> None:
    """Print a text as it is."""
    from workbench.console import console, text_long

    console().print(text_long(line))
