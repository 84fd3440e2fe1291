"""Makes the answers of a survey that never took place: 150 people and companies, all invented.

Run from the project folder: ``python data/cases/encuesta-ejemplo/generar.py``.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

HERE = Path(__file__).parent
HEAD = (
    "folio", "nombre", "correo", "grupo", "estrato", "dependencia", "factor", "resultado",
    "p1", "p2", "p3", "p4", "p5", "p6", "comentario",
)  # fmt: skip
# Stratum: group, offices drawn, people drawn in each, how many each stands for.
STRATA = {
    "federal": ("servidores", 8, 8, 12.5),
    "estatal": ("servidores", 6, 6, 30.0),
    "empresas": ("empresas", 50, 1, 18.0),
}
OUTCOMES = {
    "servidores": (("completa", 80), ("parcial", 8), ("rechazo", 7), ("no localizada", 5)),
    "empresas": (("completa", 62), ("parcial", 4), ("rechazo", 20), ("no localizada", 14)),
}
USE = {
    "servidores": (("si", 58), ("a_veces", 22), ("no", 15), ("ns", 3), ("nr", 2)),
    "empresas": (("si", 34), ("a_veces", 26), ("no", 34), ("ns", 4), ("nr", 2)),
}
FOLLOW = (("si", 24), ("a_veces", 20), ("no", 50), ("ns", 4), ("nr", 2))
TRUST = {
    "servidores": ((1, 8), (2, 18), (3, 34), (4, 26), (5, 9), ("ns", 5)),
    "empresas": ((1, 14), (2, 26), (3, 32), (4, 18), (5, 5), ("ns", 5)),
}
FOUND = (("si", 40), ("no", 52), ("ns", 8))
TRAINED = {"servidores": (("si", 46), ("no", 52), ("nr", 2)), "empresas": (("si", 20), ("no", 80))}
USEFUL = ((1, 10), (2, 22), (3, 34), (4, 24), (5, 10))
REMARKS = ("", "", "", "La persona de la ventanilla ayudó.", "El sistema se cae por la tarde.")


def drawn(rng: random.Random, chances: tuple[tuple[object, int], ...]) -> str:
    """Return one of some answers, each with its chance."""
    answers, weights = zip(*chances, strict=True)
    return str(rng.choices(answers, weights)[0])


def row(rng: random.Random, number: int, stratum: str, office: int) -> dict[str, object]:
    """Return one person or company."""
    group, _, _, weight = STRATA[stratum]
    outcome = drawn(rng, OUTCOMES[group])
    found: dict[str, object] = {
        "folio": f"F{number:03d}",
        "nombre": f"Persona {number:03d}",
        "correo": f"persona{number:03d}@ejemplo.invalid",
        "grupo": group,
        "estrato": stratum,
        "dependencia": f"{stratum[:3]}-{office:02d}",
        "factor": weight,
        "resultado": outcome,
    }
    if outcome in ("rechazo", "no localizada"):
        return found
    found["p1"] = drawn(rng, USE[group])
    found["p2"] = drawn(rng, FOLLOW)
    found["p3"] = drawn(rng, TRUST[group])
    found["p4"] = drawn(rng, FOUND) if group == "empresas" else "no aplica"
    if outcome == "completa":
        found["p5"] = drawn(rng, TRAINED[group])
        found["p6"] = drawn(rng, USEFUL) if found["p5"] == "si" else ""
        found["comentario"] = rng.choice(REMARKS)
    return found


def main() -> None:
    """Write the table."""
    rng = random.Random(20250630)
    rows = []
    for stratum, (_, offices, people, _) in STRATA.items():
        for office in range(1, offices + 1):
            rows += [row(rng, len(rows) + i + 1, stratum, office) for i in range(people)]
    with (HERE / "respuestas.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEAD, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
