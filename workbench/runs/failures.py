"""The table of the reports that failed: why, where, and how to try each again by itself."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Mapping
from pathlib import Path

from workbench.observations.csv_texts import quiet
from workbench.runs.ledger import Entry
from workbench.runs.plan import FORMATS
from workbench.runs.render import FAILED

FAILURES = "failures.csv"
COLUMNS = ("report", "reason", "cell", "signal", "attempts", "notebook", "command")


def run_command(
    study: str, locale: str | None, formats: tuple[str, ...], parameters: Mapping[str, str]
) -> list[str]:
    """Return the command that makes the same reports of a study: none of its choices is left out.

    Parameters
    ----------
    study : str
        Path from the project folder.
    locale : str or None
        None for the language of the study.
    formats : tuple of str
    parameters : mapping of str to str
        Given to the notebooks beside those of the study.
    """
    command = ["workbench", "run", study]
    if locale is not None:
        command += ["--locale", locale]
    if formats != FORMATS:
        command += ["--formats", ",".join(formats)]
    for name, value in sorted(parameters.items()):
        command += ["--param", f"{name}={value}"]
    return command


def failures_text(run: Path, ledger: Mapping[str, Entry], command: list[str]) -> str:
    """Return the failed reports as csv.

    Parameters
    ----------
    run : Path
    ledger : mapping of str to Entry
    command : list of str
        The command of the run, to which the report is added.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for key, entry in sorted(ledger.items()):
        if entry.status == "failed":
            kept = f"reports/{key}/report.{FAILED}"
            again = [*command, "--only", key, "--retry-failed", "--engine", "standard"]
            writer.writerow(
                [
                    key, quiet(entry.reason), entry.cell, entry.signal, entry.attempt,
                    kept if (run / kept).is_file() else "", shlex.join(again),
                ]
            )  # fmt: skip
    return out.getvalue()
