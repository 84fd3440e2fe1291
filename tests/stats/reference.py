"""Reference cases computed in R, read from their folder; tests skip with a reason without it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

RELATIVE = 1e-8
P_RELATIVE = 1e-7


@dataclass(frozen=True)
class Case:
    """One reference case: what was asked of R, what R gave, and how closely it must be met."""

    id: str
    spec: dict[str, Any]
    expected: dict[str, Any]
    tolerance: dict[str, Any]
    files: list[str]
    folder: Path

    def data(self, index: int = 0) -> pd.DataFrame:
        """Return a data file; codes of municipalities are text."""
        return pd.read_csv(self.folder / self.files[index], dtype={"mun_code": str})

    def agree(self, found: dict[str, Any], *, only: set[str] | None = None) -> None:
        """Check every number that was found against R's.

        Parameters
        ----------
        found : dict
            Numbers by R's names.
        only : set of str, optional
            Names that must be among them; all of the case by default.
        """
        wanted = set(self.expected) if only is None else only
        wanted = {name for name in wanted if not self._for_information(name)}
        assert wanted, f"nothing of {self.id} is compared"
        assert wanted <= set(found), f"not given: {sorted(wanted - set(found))}"
        for name in sorted(wanted):
            self._check(name, found[name], self.expected[name])

    def _check(self, name: str, got: Any, want: Any) -> None:
        if want is None:
            assert got is None or math.isnan(got) or math.isinf(got), (name, got)
        elif isinstance(want, bool | str):
            assert got == want, (name, got, want)
        else:
            relative, absolute = self._tolerance(name)
            assert got == pytest.approx(want, rel=relative, abs=absolute), name

    def _override(self, name: str) -> str:
        overrides = self.tolerance.get("overrides") or {}
        for key, text in dict(overrides).items():
            if name == key or name.endswith(f".{key}") or name.startswith(f"{key}."):
                return str(text)
        return ""

    def _for_information(self, name: str) -> bool:
        return self._override(name).startswith("information")

    def _tolerance(self, name: str) -> tuple[float, float]:
        floor = float(self.tolerance.get("abs_floor", 1e-9))
        override = re.match(r"(abs|rel) ([0-9.e+-]+)", self._override(name))
        if override is None:
            relative = float(self.tolerance.get("default_rel", RELATIVE))
            last = name.rpartition(".")[2]
            # Distribution functions of two libraries agree to fewer digits than statistics do.
            is_p = last == "p" or last.startswith("p_") or "_p_" in last or last.endswith("_p")
            return (max(relative, P_RELATIVE) if is_p else relative), floor
        if override[1] == "abs":
            return 0.0, float(override[2])
        return float(override[2]), floor


def read_case(folder: Path, name: str) -> Case:
    """Return a reference case of the folder of reference data."""
    found = json.loads((folder / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    return Case(
        found["id"],
        found["spec"],
        found["expected"],
        found["tolerance"],
        list(found["data"]),
        folder,
    )
