"""Commands on forms: write them, and read them back filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import LocaleOption, app, say, tongue


@app.command()
def capture(
    instrument: Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Id of an instrument")],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="PATH", help="File .xlsx, or a folder for a form a unit"),
    ],
    units: Annotated[
        list[str] | None,
        typer.Option(
            "--units", metavar="FILE_OR_STUDY", help="Who is asked; a blank form if left out"
        ),
    ] = None,
    wave: Annotated[str, typer.Option("--wave", help="Measurement, as in the study")] = "",
    stage: Annotated[str, typer.Option("--stage", help="Stage of the instrument")] = "",
    format_: Annotated[
        str, typer.Option("--format", help="xlsx, or xlsform for KoboToolbox and ODK")
    ] = "xlsx",
    layout: Annotated[
        str, typer.Option("--layout", help="For xlsx: one-per-unit, or rows: units in rows")
    ] = "one-per-unit",
    photos: Annotated[
        bool, typer.Option("--photos", help="For xlsform: ask for a photo of the evidence")
    ] = False,
    locale: LocaleOption = None,
) -> None:
    """Write the forms that people fill in: workbooks, or an XLSForm for phones.

    A workbook shows levels and results at once. `workbench ingest` reads all of them back.

    ```
    workbench capture gdm-2025-2027 --out form.xlsx
    workbench capture gdm-2025-2027 --units params/mine.yml --wave 2026 --out forms/
    workbench capture pefa-2016 --units units.csv --layout rows --out table.xlsx
    workbench capture cimtra-municipal --format xlsform --wave 2026 --out survey.xlsx
    ```
    """
    from workbench.forms import CaptureOptions
    from workbench.study import capture as forms

    options = CaptureOptions(
        format=format_, layout=layout, locale=locale, wave=wave, stage=stage, photos=photos
    )
    for path in forms.capture(instrument, units or [], out, options):
        say("made {path}", path=path)


@app.command()
def ingest(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES", help="Filled-in forms, exports of surveys")
    ],
    instrument: Annotated[
        str, typer.Option("--instrument", metavar="ID", help="Instrument of the forms")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE.csv", help="Table of observations to write")
    ],
    problems: Annotated[
        Path | None,
        typer.Option("--problems", metavar="FILE.csv", help="Write every mistake to a table"),
    ] = None,
    marked: Annotated[
        Path | None,
        typer.Option("--marked", metavar="DIR", help="Copies of the files, mistakes marked"),
    ] = None,
) -> None:
    """Read filled-in forms into one table of observations that a study can use.

    Exit code 2 if anything must be mended: then nothing is written but the mistakes. Send the
    marked copies back; each wrong cell says what to do.

    ```
    workbench ingest forms/*.xlsx --instrument gdm-2025-2027 --out data/observations.csv
    workbench ingest kobo.csv --instrument pefa-2016 --out data/pefa.csv --marked to-mend/
    ```
    """
    from workbench.study.capture import ingest_files

    found = ingest_files(files, instrument, out, problems=problems, marked=marked, locale=tongue())
    say(
        "{n} forms, {rows} observations in {path}.",
        n=len(found.forms), rows=sum(len(f.answers) for f in found.forms), path=out,
    )  # fmt: skip
