"""Hashes of files, texts and of the code itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
CODE_SUFFIXES = {".py", ".j2", ".css", ".typ", ".po", ".ttf", ".js"}


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text as UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha256_of_json(value: Any) -> str:
    """Return the SHA-256 of plain values, whatever the order of their keys."""
    return sha256_of_text(
        json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    )


@lru_cache(maxsize=1)
def code_sha256() -> str:
    """Return the hash of everything in the package that can change a report."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.suffix in CODE_SUFFIXES and "project" not in inside.parts[:1]:
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def run_id_of(
    *,
    inputs: Mapping[str, str],
    locale: str,
    parameters: Mapping[str, str],
    notebooks: Mapping[str, str],
    code: str,
    lock: str | None,
) -> str:
    """Return the id of a run: a hash of what it is made from and of what was chosen.

    Parameters
    ----------
    inputs, notebooks : mapping of str to str
        SHA-256 by path in the project.
    locale : str
    parameters : mapping of str to str
        Given to the notebooks beside those of the study.
    code : str
        Hash of the package.
    lock : str or None
        Hash of the locked versions.
    """
    content = {
        "inputs": dict(inputs),
        "locale": locale,
        "parameters": dict(parameters),
        "notebooks": dict(notebooks),
        "code": code,
        "lock": lock,
    }
    return sha256_of_json(content)[:16]
