"""Options of the analyses: what they can be, and where they would change nothing."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.errors import Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message


def require_option(name: str, given: object, allowed: Iterable[str]) -> None:
    """Refuse a choice that an option does not have.

    Raises
    ------
    ScoringError
        The nearest is named.
    """
    known = list(allowed)
    if given in known:
        return
    what = Message("{name}: there is no such choice", name=name)
    expected = Message("one of {names}", names=", ".join(known))
    fix = did_you_mean(str(given), known)
    raise ScoringError(
        Problem(Reason.PARAMETER_VALUE, what, got=str(given), expected=expected, fix=fix)
    )


def refuse_idle(name: str, why: Message) -> None:
    """Refuse an option that would change nothing.

    Parameters
    ----------
    name : str
    why : Message
        What the option belongs to, as "it is of pairs within groups".

    Raises
    ------
    ScoringError
    """
    what = Message("{name} would change nothing here: {why}", name=name, why=why)
    fix = Message("Leave it out.")
    raise ScoringError(Problem(Reason.PARAMETER_UNKNOWN, what, fix=fix))
