"""Random numbers of a report: the same each time it is made."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from typing import Any


def seed_of(notebook: bytes, parameters: Mapping[str, Any]) -> int:
    """Return the seed of a report: a number made of its notebook and its parameters."""
    text = json.dumps(dict(parameters), sort_keys=True, default=str).encode()
    digest = hashlib.sha256(hashlib.sha256(notebook).digest() + text).digest()
    return int.from_bytes(digest[:4], "big")


def seed_all(seed: int) -> None:
    """Seed the generators that a notebook may use without saying so."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  the global one is what a notebook without a seed draws from


def seed_first_cell(shell: Any, seed: int) -> None:
    """Seed when the first cell begins: a kernel draws numbers itself while it starts."""

    def once(_: Any) -> None:
        shell.events.unregister("pre_run_cell", once)
        seed_all(seed)

    shell.events.register("pre_run_cell", once)
