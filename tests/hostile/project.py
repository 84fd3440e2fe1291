"""A study in which every text that a stranger may give is hostile."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.hostile.texts import EVERYTHING, LED, SHOWN, UNSEEN
from tests.support import Project

# Reports are made of these; all other units stand in the tables of the cohort and of the site.
REPORTED = ("U000", "U001")
TITLES = list(SHOWN.values())
NAMES = [t for t in EVERYTHING.values() if t not in (SHOWN["long"], SHOWN["long word"])]
NAMES = [SHOWN["end of an attribute"], SHOWN["read"], SHOWN["long"], *NAMES]
TWICE = ("Le\u00f3n", "Leo\u0301n")  # one name in two normal forms


def table(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as csv, quoted so that every text stays whole."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()


def text(number: int) -> str:
    """Return one of the texts that are shown, in turn."""
    return TITLES[number % len(TITLES)]


def hostile(path: Path) -> Project:
    """Return the project, not written yet."""
    names = list(dict.fromkeys([*NAMES, *TWICE]))
    codes = [f"U{n:03d}" for n in range(len(names))]
    units = [("unit", "name", "population", "grupo", "persona")]
    units += [
        (code, name, 1000 + n, text(n // 8) if n % 5 else UNSEEN["override"], "PERSONA")
        for n, (code, name) in enumerate(zip(codes, names, strict=True))
    ]
    items = [f"i{n:02d}" for n in range(len(TITLES))]
    rows: list[Sequence[object]] = [("unit", "wave", "code", "value", "nota", "prueba", "fuente")]
    said: list[Sequence[object]] = [("unit", "wave", "code", "dicho")]
    notes = [*EVERYTHING.values()]
    for n, code in enumerate(codes):
        for wave in ("2024", "2025"):
            for m, item in enumerate(items):
                value = (n * 7 + m * 13 + int(wave)) % 101
                if (n + m) % 11:
                    told = notes[(n + m) % len(notes)]
                    rows.append((code, wave, item, value, told, told, told))
                    said.append((code, wave, item, notes[(n + m + 5) % len(notes)]))
    project = Project(path, instrument(items), table(units), table(rows), study())
    extra = {"data/dicho.csv": table(said), "data/hoja.yml": roadmap(items)}
    for name, content in extra.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content, encoding="utf-8")
    return project


def instrument(items: Sequence[str]) -> str:
    """Return an instrument whose titles, levels, groups and sources are hostile."""
    tiers = [{"id": "total", "title": text(0), "plural": text(1), "aggregate": {"method": "arithmetic"}},
             {"id": "area", "title": text(2), "plural": text(3), "aggregate": {"method": "arithmetic"}}]  # fmt: skip
    areas = [f"a{n}" for n in range(6)]
    levels = [
        {"id": name, "title": text(n + 4), "colour": name}
        for n, name in enumerate(("red", "yellow", "green"))
    ]
    tree: dict[str, Any] = {
        "id": "prueba", "version": "1", "title": text(9), "publisher": text(10), "completeness": "partial",
        "completeness_note": text(11), "gaps": TITLES[:8],
        "sources": [{"id": "s", "title": text(12), "publisher": text(13), "url": 'https://example.org/"><script>', "terms": text(14), "note": text(15)}],
        "scales": [{"id": "semaforo", "levels": levels}],
        "states": [{"id": "ND", "title": text(16), "effect": "not_available"}],
        "tiers": tiers, "headline": ["total"], "unit_noun": {"one": text(33), "many": text(34)},
        "indicator_title": text(35), "indicator_plural": text(36),
        "nodes": [{"code": "total", "tier": "total", "title": text(17)},
                  *({"code": a, "tier": "area", "parent": "total", "title": text(18 + n)} for n, a in enumerate(areas))],
        "indicators": [{"code": c, "kind": "score", "parent": areas[n % len(areas)], "title": TITLES[n]} for n, c in enumerate(items)],
    }  # fmt: skip
    tree["tiers"][0]["levels"] = {
        "scale": "semaforo",
        "bands": [
            {"level": "red", "when": "< 40"},
            {"level": "yellow", "when": ">= 40 and < 60"},
            {"level": "green", "when": ">= 60"},
        ],
    }
    return json.dumps(tree, ensure_ascii=False)


def study() -> str:
    """Return a study whose own words are hostile."""
    columns = {key: {"column": name} for key, name in (
        ("wave", "wave"), ("code", "code"), ("value", "value"), ("note", "nota"), ("evidence", "prueba"), ("source", "fuente"),
    )}  # fmt: skip
    tree: dict[str, Any] = {
        "id": "estudio", "title": text(0), "description": text(1), "author": text(2), "date": "2025-01-31",
        "licence": text(5), "instrument": "prueba",
        "sources": [{"id": "x", "title": text(3), "url": "http://example.org/?a=1&b='\"<x>", "note": text(4)}],
        "units": {"file": "data/units.csv", "population": "population", "groups": {"grupo": text(6)}},
        "waves": [{"id": "2024", "title": text(7), "year": 2024}, {"id": "2025", "title": text(8), "year": 2025}],
        "peers": {"by": "population", "bands": [{"id": "b", "title": text(9)}], "source": text(10)},
        "observations": [
            {"file": "data/observations.csv", **columns},
            {"file": "data/dicho.csv", "wave": {"column": "wave"}, "code": {"column": "code"}, "text": {"column": "dicho"}},
        ],
        "notes": [{"text": t} for t in TITLES] + [{"text": text(3), "unit": "U001"}],
        "roadmap": {"U000": "data/hoja.yml"},
        "privacy": {"texts": ["nota", "prueba", "dicho"]},
    }  # fmt: skip
    return json.dumps(tree, ensure_ascii=False)


def roadmap(items: Sequence[str]) -> str:
    """Return a roadmap whose tasks and offices are hostile."""
    tasks = [
        {"id": f"t{n}", "title": t, "responsible": text(n + 7), "start": "2025-02-01", "end": f"2025-{3 + n % 9:02d}-01",
         "note": text(n + 3), "indicators": [items[n % len(items)]],
         "milestones": [{"title": text(n + 11), "date": "2025-02-15"}]}
        for n, t in enumerate(TITLES)
    ]  # fmt: skip
    tree = {
        "unit": "U000",
        "title": text(4),
        "source": text(5),
        "notes": TITLES[:5],
        "tasks": tasks,
    }
    return json.dumps(tree, ensure_ascii=False)


assert not set(LED) & set(SHOWN)
