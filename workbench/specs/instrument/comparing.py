"""How measurements are compared: two with one instrument, and versions of the instrument itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from workbench.specs.common import Code, Id, Provenance, Text


class ComparedState(Provenance):
    """A state whose level says nothing of a change: beside it, nothing is compared."""

    state: str
    title: Text = Field(description="Why, as a reader of a report is told")


class ComparedParts(Provenance):
    """A group is compared only where all of its parts can be."""

    title: Text = Field(description="Why, as a reader of a report is told")


class Comparison(Provenance):
    """How two measurements with the instrument are compared, result by result.

    Levels are ordered as their scale has them, and nothing is added up. Where one of the two has no
    level, there is nothing to compare.
    """

    against: Literal["first", "previous"] = Field(
        default="first", description="The measurement with which the last one is compared"
    )
    not_comparable: tuple[ComparedState, ...] = ()
    same_parts: ComparedParts | None = Field(
        default=None, description="Left out, groups are compared whatever they are made of"
    )
    explained: bool = Field(
        default=False, description="Whether each change is to be explained by a note of the data"
    )
    remarks: tuple[Text, ...] = Field(
        default=(), description="What a reader should know of changes, printed below them"
    )


class VersionPart(Provenance):
    """A part of the instrument and what it was in another version of it."""

    code: Code
    was: Code | tuple[Code, ...] = Field(
        description="Its code in the other version; several where parts were merged. A part that "
        "was split stands under several codes"
    )
    comparable: bool | None = Field(
        default=None,
        description="Whether results may be compared; left out, where the rules are the same",
    )
    note: Text | None = None

    @property
    def before(self) -> tuple[str, ...]:
        """Codes in the other version."""
        return (self.was,) if isinstance(self.was, str) else self.was


class VersionLink(Provenance):
    """How the parts of the instrument correspond to those of another version of it."""

    of: Id = Field(description="Id of the other version, as a rule the one before")
    same_codes: Literal["none", "groups", "all"] = Field(
        default="none", description="Parts for which the same code in both is the same part"
    )
    complete: Literal["none", "groups", "all"] = Field(
        default="none",
        description="Parts of which everything is known: what corresponds to nothing was added or "
        "removed. Of the others it is not known",
    )
    parts: tuple[VersionPart, ...] = ()
    note: Text | None = None
