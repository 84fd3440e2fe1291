"""The file format of a run's manifest: who, what, from what, with what choices, giving what."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from workbench.specs.common import Spec


class FileHash(Spec):
    """A file with its hash."""

    path: str
    sha256: str
    bytes: int


class Choices(Spec):
    """What was chosen beside the inputs."""

    locale: str
    formats: tuple[str, ...]
    units: tuple[str, ...] | None = Field(default=None, description="None for all")
    seed: int
    stages: tuple[str, ...]
    reference_waves: tuple[str, ...]


class Software(Spec):
    """With what the run was made."""

    package: str
    version: str
    code_sha256: str
    lock_sha256: str | None
    python: str


class ReportEntry(Spec):
    """One report of the run."""

    key: str
    kind: Literal["unit", "cohort"]
    title: str
    run_id: str = Field(description="Run under whose inputs it was rendered")
    view_sha256: str
    files: tuple[FileHash, ...]


class Manifest(Spec):
    """A run: its inputs and choices (whose hash is its id) and its outputs."""

    format: Literal["workbench-manifest-1"] = "workbench-manifest-1"
    run_id: str
    study: str
    title: str
    author: str
    author_is: Literal["person", "organization"] = "person"
    date: dt.date
    licence: str | None
    instrument: str
    instrument_version: str
    assumptions: tuple[str, ...]
    inputs: tuple[FileHash, ...]
    choices: Choices
    software: Software
    data: tuple[FileHash, ...]
    reports: tuple[ReportEntry, ...]
