"""The parts of a study that say how it is rendered: notebooks, map, what a report may use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from workbench.language import Message
from workbench.specs.common import Mistake, Name, Spec, Text

# A unit's code names its folder in a run, on every file system, so its letters are restricted.
# Windows drops a point at the end, and keeps some names for devices, with any suffix.
UNIT_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$"
RESERVED_UNITS = frozenset(
    {"cohort", "con", "prn", "aux", "nul"}
    | {f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10)}
)
UnitCode = Annotated[str, StringConstraints(pattern=UNIT_PATTERN)]
NotebookName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
SET_BY_RUN = ("study", "unit", "locale")  # parameters of every notebook
LEAST_MEMORY = 256 * 10**6  # an interpreter with its libraries needs as much


class FurtherNotebook(Spec):
    """One more notebook of a run, beside those of the units and of the cohort."""

    notebook: str = Field(description="Path from the project folder")
    of: Literal["unit", "cohort"] = Field(
        default="cohort", description="Run once for each unit, or once for all of them"
    )
    title: Text | None = Field(default=None, description="What the index calls it; its name if not")
    parameters: dict[Name, str] = Field(
        default={}, description="Further parameters of the notebook, as text"
    )


class Notebooks(Spec):
    """The notebooks of a run; none of a kind leaves that report out."""

    unit: str | None = "notebooks/municipality.ipynb"
    cohort: str | None = "notebooks/cohort.ipynb"
    more: dict[NotebookName, FurtherNotebook] = Field(
        default={}, description="Further notebooks by name; the name is a folder of the run"
    )

    @model_validator(mode="after")
    def _names(self) -> Notebooks:
        for name in self.more:
            if name.lower() in RESERVED_UNITS:
                raise Mistake(Message("this name is taken; give another"), ("more", name), got=name)
            for taken in SET_BY_RUN:
                if taken in self.more[name].parameters:
                    what = Message("{name} is set by the run itself", name=taken)
                    raise Mistake(what, ("more", name, "parameters", taken))
        return self


class Boundaries(Spec):
    """A file of areas, of which the site of the cohort draws its map."""

    file: str = Field(
        pattern=r"\.([jJ][sS][oO][nN]|([gG][eE][oO]|[tT][oO][pP][oO])[jJ][sS][oO][nN]|[gG][pP][kK][gG]|[fF][gG][bB])$",
        description="Path of a GeoJSON, TopoJSON, GeoPackage or FlatGeobuf file",
    )
    code: str = Field(description="Property of the areas that holds the code of the unit, as text")
    layer: str | None = Field(default=None, description="Layer, where the file has several")
    source: Text | None = Field(
        default=None, description="Who made the boundaries, of what year, printed under the map"
    )


class Limits(Spec):
    """What a report may use; one that needs more fails, and the others go on."""

    seconds: int = Field(default=180, ge=5, description="Longest time for one cell")
    report_seconds: int = Field(
        default=900, ge=5, description="Longest time for one report with its HTML and PDF"
    )
    memory: str = Field(
        default="2 GB",
        pattern=r"^[0-9]+(\.[0-9]+)? ?(MB|GB)$",
        description="Most memory for one report, such as 800 MB or 2 GB; 256 MB at least",
    )

    @property
    def memory_bytes(self) -> int:
        """Most memory for one report in bytes."""
        unit = 10**9 if self.memory.endswith("GB") else 10**6
        return int(float(self.memory[:-2]) * unit)

    @model_validator(mode="after")
    def _enough(self) -> Limits:
        if self.memory_bytes < LEAST_MEMORY:
            what = Message("too little for any report")
            expected = Message("256 MB or more")
            raise Mistake(what, ("memory",), got=self.memory, expected=expected)
        return self
