"""Command that hands a study on to other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import LocaleOption, StudyArgument, app, say


@app.command()
def export(
    study: StudyArgument,
    to: Annotated[
        str, typer.Option("--to", metavar="FORM", help="xlsx, csv, parquet, or package: both")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="PATH", help="File .xlsx, or a folder for tables")
    ],
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", metavar="CODE", help="Unit to write; all by default. May be repeated"
        ),
    ] = None,
    locale: LocaleOption = None,
) -> None:
    """Hand a study on: a workbook that recomputes the scores, or tables with a data package.

    In the workbook every score is a formula over the answers and the weights, beside the result of
    the workbench. The tables are answers, scores with their limits, the instrument and a
    dictionary; datapackage.json says what each file and column is.

    ```
    workbench export params/gdm-ejemplo.yml --to xlsx --out gdm.xlsx
    workbench export params/gdm-slp-2025.yml --to xlsx --unit 24024 --out mexquitic.xlsx
    workbench export params/pefa-subnacional-ejemplo.yml --to package --out pefa/
    ```
    """
    from workbench.interchange.export import export as write
    from workbench.study import Study

    for path in write(Study.open(study, locale=locale), to, out, unit or []):
        say("made {path}", path=path)
