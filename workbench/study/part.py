"""What all parts of a view have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a view: frozen, and nothing in it but what it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")
