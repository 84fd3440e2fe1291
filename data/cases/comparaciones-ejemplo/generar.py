"""Write made-up municipalities of three regions, twelve of which join a programme in 2023."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
REGIONS = ("Costa", "Sierra", "Valle")
WAVES = ("2021", "2022", "2023", "2024")
# Start and change a year of a share of 10,000, what the region adds, and what the programme does.
SHARES = {
    "agua1": (6600, 110, 350, 500),
    "agua2": (3400, -60, -150, 0),
    "hac1": (2300, 30, 180, 0),
    "hac2": (5800, -15, -60, 0),
}
# Start and change a year for each inhabitant.
RATES = {"seg1": (0.0019, 0.00002), "seg2": (0.0018, 0.0)}


def main() -> None:
    """Write both tables."""
    rng = np.random.default_rng(20241231)
    units: list[list[object]] = [["unit", "name", "population", "region", "programa"]]
    rows: list[list[object]] = [["unit", "wave", "code", "value"]]
    for i in range(30):
        code, region = f"98{i + 1:03d}", i % 3
        takes_part = i % 5 < 2
        people = int(rng.integers(6_000, 90_000))
        part = "sí" if takes_part else "no"
        units.append([code, f"Municipio inventado {i + 1:02d}", people, REGIONS[region], part])
        own = {name: rng.normal(0, 500) for name in SHARES}
        for year, wave in enumerate(WAVES):
            for name, (start, step, add, effect) in SHARES.items():
                gain = effect * max(0, year - 1) * takes_part
                noise = rng.normal(0, 120)
                value = start + own[name] + step * year + add * region + gain + noise
                rows += [[code, wave, f"{name}.a", round(value)], [code, wave, f"{name}.b", 10000]]
            for name, (level, step) in RATES.items():
                count = rng.poisson((level + step * year) * people)
                rows += [[code, wave, f"{name}.a", count], [code, wave, f"{name}.b", people]]
    for name, table in (("municipios", units), ("observaciones", rows)):
        with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)


if __name__ == "__main__":
    main()
