"""Smallest sizes for a comparison, from one editable table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from workbench.language import Counted, Message
from workbench.stats.result import Refusal, Sentence

_FILE = Path(__file__).with_name("sizes.yml")


@dataclass(frozen=True, slots=True)
class Size:
    """Below ``refuse`` a comparison is refused; below ``warn`` it carries a warning."""

    refuse: float
    warn: float


Sizes = Mapping[str, Size]


@lru_cache(maxsize=1)
def default_sizes() -> Sizes:
    """Return the sizes that hold where a study says nothing else."""
    table = YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))
    return {name: Size(**entry) for name, entry in table.items()}


def too_few(
    n: float, rule: str, what: Sentence, instead: Sentence, sizes: Sizes | None = None
) -> Refusal | None:
    """Return a refusal where a size lies below its limit.

    Parameters
    ----------
    n : float
    rule : str
        Entry of the table of sizes.
    what, instead : Message
        What can't be computed, and what can be done instead.
    sizes : mapping, optional
        Sizes of the study; the defaults if left out.
    """
    needed = (sizes or default_sizes())[rule].refuse
    if n >= needed:
        return None
    why = Message("There are {n}; at least {needed} are needed.", n=int(n), needed=int(needed))
    return Refusal("too_few", what, why, instead)


def few(n: float, rule: str, sizes: Sizes | None = None) -> tuple[Sentence, ...]:
    """Return a warning where a size is small, nothing where it is not."""
    limit = (sizes or default_sizes())[rule].warn
    if n >= limit:
        return ()
    text = Counted(
        "It rests on {n} case only: take it with care.",
        "It rests on {n} cases only: take it with care.",
        int(n),
    )
    return (text,)
