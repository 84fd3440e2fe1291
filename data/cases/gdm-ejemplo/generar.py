"""Make the worked example: a municipality that does not exist, two waves, declared and reviewed.

Run from the project folder: ``python data/cases/gdm-ejemplo/generar.py``. The seed is fixed, so
that the tables come out the same.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from workbench import load_instrument
from workbench.instruments import Instrument

SEED = 20260115
UNIT = "99001"
HERE = Path(__file__).parent
INSTRUMENT = Path("data/instruments/gdm-2025-2027.yml")

# Share of elements met in the first review, by module; the second review adds to it.
STRENGTH = {"1": 0.85, "2": 0.9, "3": 0.55, "4": 0.6, "5": 0.35, "6": 0.5, "7": 0.45, "8": 0.75}
GAIN = 0.18
OPTIMISM = 0.12

# Suppositions of this municipality: outside a metropolitan zone, without bank debt.
NOT_MEASURABLE = {"3.4.1", "3.4.2", "3.4.3", "2.3.1", "2.3.4"}

# Variables by wave: (2025, 2026). None leaves a variable without data.
VARIABLES: dict[str, tuple[float | None, float | None]] = {
    "1.1.4.v1": (16, 15),
    "1.1.5.v1": (372, 346),
    "1.1.6.v1": (46800, 46800),
    "1.1.7.v1": (11, 15),
    "1.1.7.v2": (31, 29),
    "1.3.3.v1": (14, 9),
    "1.3.3.v2": (14, 14),
    "1.4.3.v1": (118, 231),
    "1.4.3.v2": (372, 346),
    "2.1.4.v1": (18250000, 21900000),
    "2.1.4.v2": (61400000, 62100000),
    "2.1.5.v1": (4380000, None),
    "2.1.5.v2": (4510000, None),
    "2.1.5.n1": (None, 6220000),
    "2.1.5.n2": (None, 7150000),
    "2.1.6.v1": (2950000, None),
    "2.1.6.v2": (2910000, None),
    "2.1.6.n1": (None, 4014000),
    "2.1.6.n2": (None, 4160000),
    "2.1.7.v1": (3120000, None),
    "2.1.7.v2": (3060000, None),
    "2.2.4.v1": (61400000, 62100000),
    "2.2.4.v2": (108900000, 117400000),
    "2.2.5.v1": (31200000, 38900000),
    "2.2.5.v2": (108900000, 117400000),
    "2.2.5.v3": (30100000, 31200000),
    "2.2.5.v4": (104300000, 108900000),
    "2.3.2.v1": (4870000, 2610000),
    "2.3.2.v2": (111200000, 119800000),
    "2.3.3.v1": (108900000, 117400000),
    "2.3.3.v2": (111200000, 119800000),
    "2.4.3.v1": (1460, 1988),
    "2.4.3.v2": (2210, 2230),
    "3.3.6.v1": (1.84, 1.84),
    "3.3.6.v2": (1.91, 1.84),
    "4.4.1.v1": (46200, 44100),
    "4.4.1.v2": (44100, 41300),
    "4.4.2.v1": (0, 0),
    "4.4.2.v2": (0, 0),
    "4.4.3.v1": (640, 612),
    "4.4.3.v2": (612, 575),
    "4.4.4.v1": (218, 209),
    "4.4.4.v2": (209, 204),
    "4.4.5.v1": (310000, 402000),
    "4.4.5.v2": (1180000, 1195000),
    "4.4.6.v1": (9120, 9780),
    "4.4.6.v2": (11240, 11390),
    "4.4.7.v1": (3.1, 3.2),
    "4.4.7.v2": (3.2, 3.55),
    "4.4.8.v1": (1840, 2105),
    "4.4.8.v2": (2610, 2630),
    "4.4.9.v1": (1, 1),
    "4.4.10.v1": (182, 164),
    "4.4.10.v2": (214, 219),
    "5.3.4.v1": (1310, 1385),
    "5.3.4.v2": (1385, 1240),
    "7.1.4.v1": (1420, None),
    "7.1.4.v2": (1466, None),
    "7.2.3.v1": (388, 391),
    "7.2.3.v2": (391, 391),
    "8.1.3.v1": (6, 3),
    "8.1.3.v2": (61, 74),
    "8.1.4.v1": (41, 50),
    "8.1.4.v2": (54, 54),
}
ALWAYS_MET = {"1.1.1", "2.1.1", "2.2.1", "2.2.3", "8.3.1"}
EVIDENCE = {"revision": "Expediente de revisión", "diagnostico": "", "actualizacion": ""}

Ticks = dict[str, dict[str, int]]


def review_ticks(instrument: Instrument, rng: random.Random) -> tuple[Ticks, Ticks]:
    """Return the elements met in the reviews of 2025 and 2026."""
    first: Ticks = {}
    second: Ticks = {}
    for code in instrument.indicators:
        spec = instrument.nodes[code].spec
        if spec.kind != "checklist" or code in NOT_MEASURABLE:
            continue
        strength = 1.0 if code in ALWAYS_MET else STRENGTH[code[0]]
        first[code] = {e.id: int(rng.random() < strength) for e in spec.elements}
        second[code] = {k: v if v else int(rng.random() < GAIN * 2) for k, v in first[code].items()}
    return first, second


def declared(ticks: Ticks, rng: random.Random) -> Ticks:
    """Return what the municipality said of itself: the review's ticks and some more."""
    return {
        c: {k: v or int(rng.random() < OPTIMISM) for k, v in t.items()} for c, t in ticks.items()
    }


def rows_of(
    instrument: Instrument, wave: int, stage: str, ticks: Ticks, skip: set[str]
) -> list[list[object]]:
    """Return the rows of one stage of one wave."""
    year, rows = str(2025 + wave), []
    theme_71 = {c for c in instrument.indicators if c.startswith("7.1.")} if wave else set()
    for code in instrument.indicators:
        if code in theme_71 or code in skip:
            continue
        if code in NOT_MEASURABLE:
            rows.append([UNIT, year, stage, code, "", "NM", "Constancia"])
            continue
        for element, met in ticks.get(code, {}).items():
            rows.append(
                [UNIT, year, stage, f"{code}.{element}", met, "", EVIDENCE[stage] if met else ""]
            )
        for full, values in VARIABLES.items():
            value = values[wave]
            if full.rpartition(".")[0] == code and value is not None:
                rows.append(
                    [UNIT, year, stage, full, f"{value:g}" if value < 1e6 else int(value), "", ""]
                )
    return rows


def main() -> None:
    """Write both tables."""
    instrument = load_instrument(INSTRUMENT)
    rng = random.Random(SEED)
    first, second = review_ticks(instrument, rng)
    complete = {c for c, t in first.items() if all(t.values())}
    once = {c for c in complete if instrument.nodes[c].spec.review == "once"}
    rows = [
        *rows_of(instrument, 0, "diagnostico", declared(first, rng), set()),
        *rows_of(instrument, 0, "revision", first, set()),
        *rows_of(instrument, 1, "actualizacion", declared(second, rng), set()),
        *rows_of(instrument, 1, "revision", second, once),
    ]
    with (HERE / "observaciones.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["unit", "wave", "stage", "code", "value", "state", "evidence"])
        writer.writerows(rows)
    facts = {
        "unit": UNIT,
        "name": "San Ejemplo del Valle",
        "state": "Estado ficticio",
        "population": 41250,
        "unidad_educacion": 1,
        "unidad_salud": 1,
        "unidad_grupos_vulnerables": 1,
        "unidad_genero": 1,
        "unidad_juventud": 0,
        "unidad_deporte": 1,
    }
    with (HERE / "municipio.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(facts)
        writer.writerow(facts.values())


if __name__ == "__main__":
    main()
