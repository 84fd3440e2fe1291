"""A study as plain tables with a Data Package: what each file is, its columns, keys and hashes.

The descriptor follows the Data Package standard, version 2 (https://datapackage.org/standard/), in
the part that version 1 has as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import pandas as pd

from workbench.interchange.tables import KEYS, LINKS, TITLES, own_meanings, tables_of
from workbench.language import Locale
from workbench.observations.csv_texts import csv_text
from workbench.runs.crate import MEDIA
from workbench.runs.dictionary import dictionary, meaning_of
from workbench.runs.freeze import parquet_bytes
from workbench.study import Study
from workbench.study.info import package_version

DESCRIPTOR = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
FORMATS: Mapping[str, tuple[str, ...]] = {
    "csv": ("csv",),
    "parquet": ("parquet",),
    "package": ("csv", "parquet"),
}
_LICENCE_ID = re.compile(r"^[-A-Za-z0-9._]+$")
_DAY = re.compile(r"date$")


def package(
    study: Study, run_id: str | None, to: str, units: Iterable[str] = ()
) -> dict[str, bytes]:
    """Return the files of a data package, by name.

    Parameters
    ----------
    study : Study
    run_id : str or None
        Id of the run that these inputs give, where it has one.
    to : {"csv", "parquet", "package"}
        Formats of the tables; a package has both.
    units : iterable of str, optional
        Units that are written; all of them by default.
    """
    tables = tables_of(study, tuple(units))
    tables["dictionary"] = dictionary(study, tables)
    files: dict[str, bytes] = {}
    resources = []
    for form in FORMATS[to]:
        suffix = "" if form == FORMATS[to][0] else f"-{form}"
        for name, frame in tables.items():
            content = csv_text(frame).encode() if form == "csv" else parquet_bytes(frame)
            path = f"{name}.{form}"
            files[path] = content
            resources.append(
                {
                    "name": f"{name}{suffix}",
                    "type": "table",
                    "path": path,
                    "title": study.locale.text(TITLES[name]),
                    "format": form,
                    "mediatype": MEDIA[f".{form}"],
                    **({"encoding": "utf-8"} if form == "csv" else {}),
                    "bytes": len(content),
                    "hash": f"sha256:{sha256(content).hexdigest()}",
                    "schema": _schema(study, name, frame, tables, suffix),
                }
            )
    described = _descriptor(study, run_id, resources)
    files[DESCRIPTOR] = (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()
    return files


# -- one table -------------------------------------------------------------------------------------


def _schema(
    study: Study, name: str, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], suffix: str
) -> dict[str, Any]:
    """Return the columns of a table with its keys."""
    own = own_meanings(study, name)
    fields = [_field(study.locale, name, column, frame, own) for column in map(str, frame.columns)]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    key = next((k for k in KEYS.get(name, ()) if _is_key(frame, k)), None)
    if key is not None:
        schema["primaryKey"] = list(key)
    links = [
        {
            "fields": [column],
            "reference": {"resource": f"{other}{suffix}", "fields": [theirs]},
        }
        for column, other, theirs in LINKS.get(name, ())
        if _all_there(frame[column], tables[other][theirs])
    ]
    if links:
        schema["foreignKeys"] = links
    return schema


def _is_key(frame: pd.DataFrame, key: tuple[str, ...]) -> bool:
    """Return whether columns tell every row from every other."""
    part = frame[list(key)]
    there = not (part.isna() | (part == "")).any(axis=None)
    return there and not part.duplicated().any()


def _all_there(own: pd.Series, theirs: pd.Series) -> bool:
    """Return whether every value that is there stands in the other table."""
    filled = own[own.notna() & (own != "")]
    return bool(filled.isin(theirs).all())


def _field(
    locale: Locale, table: str, column: str, frame: pd.DataFrame, own: Mapping[str, str]
) -> dict[str, Any]:
    """Return one column."""
    meaning = own.get(column) or locale.text(meaning_of(table, column))
    values = frame[column]
    kind = "string"
    if pd.api.types.is_integer_dtype(values.dtype):
        kind = "integer"
    elif pd.api.types.is_numeric_dtype(values.dtype):
        kind = "number"
    elif table == "waves" and _DAY.search(column):
        kind = "date"
    return {"name": column, "type": kind, "title": column, "description": meaning}


# -- the package -----------------------------------------------------------------------------------


def _descriptor(
    study: Study, run_id: str | None, resources: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the descriptor of the package."""
    spec, tag = study.spec, study.locale.tag
    found: dict[str, Any] = {
        "$schema": PROFILE,
        "name": re.sub(r"[^a-z0-9._-]+", "-", spec.id.lower()),
        "title": spec.title.in_(tag),
        "created": f"{spec.date.isoformat()}T00:00:00Z",
        "contributors": [{"title": spec.author.in_(tag), "roles": ["creator"]}],
    }
    if spec.description:
        found["description"] = spec.description.in_(tag)
    if spec.licence:
        named = bool(_LICENCE_ID.match(spec.licence))
        found["licenses"] = [{"name": spec.licence if named else "other", "title": spec.licence}]
    sources = list(_sources(study))
    if sources:
        found["sources"] = sources
    found["resources"] = resources
    instrument = study.instrument
    found["workbench"] = {
        "version": package_version(),
        "run_id": run_id,
        "study": spec.id,
        "example": spec.example,
        "instrument": {
            "id": instrument.id,
            "version": instrument.spec.version,
            "sha256": instrument.sha256,
        },
        "language": tag,
    }
    return found


def _sources(study: Study) -> Iterator[dict[str, str]]:
    """Yield the sources of the data and of the instrument, each once."""
    seen = set()
    for source in (*study.spec.sources, *study.instrument.spec.sources):
        title = source.title.in_(study.locale.tag)
        if (title, source.url) in seen:
            continue
        seen.add((title, source.url))
        yield {"title": title} | ({"path": source.url} if source.url else {})
