"""Commands on projects and instruments: make one, list them, fill in an outline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import LocaleOption, app, heads, say, show, tongue
from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message, as_locale


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to make; it must be new or empty")
    ],
) -> None:
    """Make a project folder with an example study that runs.

    It holds `params/`, `notebooks/`, `data/` and `outputs/`; change the example into your own
    study.

    ```
    workbench init my-project
    cd my-project
    workbench run params/gdm-ejemplo.yml
    ```
    """
    from workbench.study.create import create_project

    for path in create_project(folder):
        say("made {path}", path=path)
    say("Next: cd {folder} && workbench run params/gdm-ejemplo.yml", folder=folder)


@app.command()
def instruments(
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="Show one instrument whole")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="OLDER NEWER", help="Set two versions side by side"),
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """List the instruments: what each measures, how complete its definition is, what is assumed.

    ```
    workbench instruments
    workbench instruments gdm-2025-2027
    workbench instruments --compare gdm-ciclo-anterior gdm-2025-2027
    ```
    """
    from workbench.study.catalogue import (
        compare_instruments,
        describe_instrument,
        instrument_rows,
    )

    tag = as_locale(locale or tongue()).tag
    if compare is not None:
        from workbench.console import show_section
        from workbench.display.versions import versions

        show_section(versions(compare_instruments(*compare, Path.cwd()), tag))
        return
    if name is not None:
        for line in describe_instrument(name, Path.cwd(), tag):
            show(line)
        return
    from workbench.console import show_table

    names = heads(
        Message("id"), Message("title"), Message("version"), Message("completeness"),
        Message("groups"), Message("indicators"), Message("assumed"), Message("publisher"),
        right=(4, 5, 6),
    )  # fmt: skip
    show_table(names, instrument_rows(Path.cwd(), tag))


@app.command()
def fill(
    instrument: Annotated[
        str, typer.Argument(metavar="OUTLINE", help="Id of an instrument known by structure only")
    ],
    table: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="Titles and rules: csv, xlsx, ods or parquet"),
    ] = None,
    name: Annotated[str, typer.Option("--id", metavar="ID", help="Id of the copy")] = "",
    title: Annotated[str | None, typer.Option("--title", help="Title of the copy")] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Where titles and rules come from")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.yml", help="data/instruments/ID.yml by default"),
    ] = None,
    blank: Annotated[
        Path | None,
        typer.Option("--blank", metavar="FILE", help="Write the table to fill in: .csv or .xlsx"),
    ] = None,
) -> None:
    """Fill in an outline from a table of titles and rules, as a copy under an id of its own.

    Exit code 2 if anything in the table must be mended: then nothing is written.

    ```
    workbench fill iso-18091 --blank titles.xlsx
    workbench fill iso-18091 titles.xlsx --id my-iso --source "ISO 18091:2019, annex A"
    ```
    """
    from workbench.study.capture import open_instrument
    from workbench.study.fill import fill_outline, write_blank

    outline = open_instrument(instrument)
    if blank is not None:
        say("made {path}: {n} rows to fill in", path=blank, n=write_blank(outline, blank))
        return
    if table is None or not name:
        what = Message("give the table and --id, or --blank for a table to fill in")
        raise WorkbenchError(Problem(Reason.PARAMETER_VALUE, what, Place("fill")))
    found = fill_outline(
        outline, table, name=name, root=Path.cwd(), out=out, title=title, source=source
    )
    say(
        "made {path}: {n} indicators; the outline has {all}.",
        path=found.path, n=len(found.instrument.indicators), all=len(outline.indicators),
    )  # fmt: skip
