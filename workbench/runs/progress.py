"""How far a run is: counted from the lines of its ledger."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from workbench.runs.ledger import SETTLED, Entry


@dataclass
class Tally:
    """Reports done and failed, how fast, and how long it will take.

    Parameters
    ----------
    total : int
        Reports to render.
    """

    total: int
    done: int = 0
    failed: int = 0
    since: float = field(default_factory=time.monotonic)

    def count(self, entry: Entry) -> bool:
        """Take note of a line; return whether a report ended with it."""
        self.done += entry.status == "done"
        self.failed += entry.status == "failed"
        return entry.status in SETTLED

    @property
    def settled(self) -> int:
        """Reports that ended, well or not."""
        return self.done + self.failed

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.since

    @property
    def rate(self) -> float:
        """Reports in a second."""
        return self.settled / self.seconds if self.settled else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at this rate; None before the first has ended."""
        return (self.total - self.settled) / self.rate if self.settled else None

    def event(self, entry: Entry) -> dict[str, Any]:
        """Return what a machine is told of a report that ended."""
        return {
            "event": "report",
            "report": entry.job,
            "status": entry.status,
            "seconds": entry.seconds,
            "reason": entry.reason,
            "done": self.done,
            "failed": self.failed,
            "total": self.total,
            "per_second": round(self.rate, 3),
            "seconds_left": None if self.left is None else round(self.left),
        }
