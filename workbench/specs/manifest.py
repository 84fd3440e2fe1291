"""The file format of a run's manifest: who, what, from what, with what choices, giving what."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import ConfigDict, Field

from workbench.specs.common import Spec


class FileHash(Spec):
    """A file with its hash."""

    path: str
    sha256: str
    bytes: int


class InstrumentUsed(Spec):
    """An instrument by which the run scored: the study's own, or that of an earlier study."""

    id: str
    version: str
    file: str = Field(description="Path in the project; its hash stands among the inputs")


class Choices(Spec):
    """What was chosen beside the inputs."""

    locale: str
    formats: tuple[str, ...]
    seed: int
    stages: tuple[str, ...]
    reference_waves: tuple[str, ...]
    parameters: dict[str, str] = Field(default={}, description="Given to the notebooks beside")


class Software(Spec):
    """With what the run was made."""

    package: str
    version: str
    code_sha256: str
    lock_sha256: str | None
    python: str
    machine: str = Field(
        description="System, processor and its widest instructions: others may move last digits"
    )
    libraries: dict[str, str] = Field(description="Version of each library that the package names")


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

    model_config = ConfigDict(serialize_by_alias=True)

    schema_file: Literal["manifest.schema.json"] = Field(
        default="manifest.schema.json",
        alias="$schema",
        description="JSON schema of this file, which lies beside it",
    )
    format: Literal["workbench-manifest-1"] = "workbench-manifest-1"
    run_id: str
    study: str
    study_file: str = Field(default="", description="Path of the study in the project")
    title: str
    author: str
    author_is: Literal["person", "organization"] = "person"
    date: dt.date
    licence: str | None
    instruments: tuple[InstrumentUsed, ...] = Field(description="The study's own first")
    assumptions: tuple[str, ...]
    inputs: tuple[FileHash, ...]
    restricted: tuple[str, ...] = Field(
        default=(), description="Inputs that are not handed on: only their hashes are"
    )
    notebooks: tuple[FileHash, ...] = Field(default=(), description="That the reports were made by")
    lock: FileHash | None = Field(default=None, description="Locked versions of the environment")
    choices: Choices
    software: Software
    data: tuple[FileHash, ...]
    pages: tuple[FileHash, ...] = Field(
        default=(),
        description="Index of the reports, list of those that failed, and their notebooks",
    )
    reports: tuple[ReportEntry, ...]
    crate: FileHash | None = Field(default=None, description="The run as an RO-Crate")

    @property
    def files(self) -> dict[str, FileHash]:
        """Every file of the run that the manifest names, by path."""
        listed = [*self.data, *self.pages, *(f for r in self.reports for f in r.files)]
        listed += [self.crate] if self.crate else []
        return {file.path: file for file in listed}

    @property
    def sources(self) -> tuple[FileHash, ...]:
        """Every file of the project that the run was made from."""
        return (*self.inputs, *self.notebooks, *((self.lock,) if self.lock else ()))
