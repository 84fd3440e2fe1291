"""What a study may publish of the people behind it: the smallest cell, and texts by name."""

from __future__ import annotations

from pydantic import Field

from workbench.specs.common import Spec

# Ours: no rule of a statistical office is quoted. Five is common among them; more hides more.
FEWEST = 5


class Privacy(Spec):
    """What keeps respondents from being known again in what is published."""

    threshold: int = Field(
        default=FEWEST,
        ge=1,
        description="Counts of people from 1 to one less than this are suppressed, and whatever "
        "they could be worked out from; 1 suppresses nothing",
    )
    texts: tuple[str, ...] = Field(
        default=(),
        description="Columns of what people wrote that may be published: answers in words, notes",
    )
