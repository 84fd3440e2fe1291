"""What was recorded in words: states, levels and answers, and the notes beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from workbench.instruments import Instrument
from workbench.observations import Observations

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Recorded:
    """Words and notes of the observations that were scored, by unit, wave and indicator.

    Parameters
    ----------
    observations : Observations
    """

    observations: Observations

    @property
    def instrument(self) -> Instrument:
        """The instrument observed."""
        return self.observations.instrument

    @cached_property
    def words(self) -> dict[Key, str]:
        """Options, levels and states recorded as words."""
        frame = self.observations.frame
        worded = (frame["state"].astype(str) != "") & frame["code"].isin(self.instrument.indicators)
        some = frame.loc[worded, ["unit", "wave", "code", "state"]].astype(str)
        return {(u, w, c): s for u, w, c, s in some.itertuples(index=False, name=None)}

    @cached_property
    def notes(self) -> dict[Key, str]:
        """Notes on an indicator or its parts, or on a group."""
        frame = self.observations.frame
        some = frame.loc[frame["note"].astype(str) != "", ["unit", "wave", "code", "note"]]
        found: dict[Key, str] = {}
        for u, w, c, note in some.astype(str).itertuples(index=False, name=None):
            key = (u, w, self.instrument.observables[c].owner)
            if note not in found.get(key, "").split("; "):
                found[key] = f"{found[key]}; {note}" if key in found else note
        return found
