"""What scoring refuses before it starts."""

from __future__ import annotations

from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.instruments import Instrument
from workbench.language import Message


def refuse_outline(instrument: Instrument) -> None:
    """Raise if only the structure of an instrument is known.

    Raises
    ------
    ScoringError
        For instruments with ``completeness: outline``, or without any indicator.
    """
    if instrument.spec.completeness == "outline" or not instrument.indicators:
        problem = Problem(
            Reason.INSTRUMENT_OUTLINE,
            Message("{name} is an outline: its items are not known", name=instrument.id),
            Place(instrument.name),
            fix=Message(
                "Fill in its items, as a copy under another id: workbench fill {name} --blank "
                "items.xlsx writes the table for them.",
                name=instrument.id,
            ),
        )
        raise ScoringError(problem)
