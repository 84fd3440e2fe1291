"""A made-up nation: every municipality of the GDM with results of all indicators in two years.

    python benchmarks/made_up_nation.py DIR [--units N]        default 2469

Makes a project in DIR (new or empty) in which ``workbench run params/nacion-ejemplo.yml`` works as
in any other: units with states, populations and facts, and two reviews of the 115 indicators, down
to elements and counts, about two million rows. As in real reviews some municipalities were measured
once only, some indicators are not available or not measurable, some tables have holes, and met
elements carry their evidence. Indicators reviewed once are not looked at again when complete.
The seed is fixed: the tables are the same on every machine. Nothing of them is real.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.instruments import Instrument, load_instrument
from workbench.instruments.model import Node
from workbench.study.create import create_project
from workbench.study.yardstick import ranges_of

SEED = 20261130
STUDY = "params/nacion-ejemplo.yml"
CASE = "data/cases/nacion-ejemplo"
TEMPLATES = Path(__file__).parent / "nation"
INSTRUMENT = "data/instruments/gdm-2025-2027.yml"
WAVES = ("2025", "2026")
STATES = 32
ONLY_FIRST, ONLY_LAST = 0.06, 0.03  # shares of municipalities measured in one wave only
INCOMPLETE = 0.12  # share of municipalities whose tables have holes
UNRECORDED, LOST = 0.08, 0.05  # shares of their indicators and elements of which nothing is told
NOT_AVAILABLE = 0.03  # share of all indicators
GAIN = 0.15  # share of what is not met that is met a year later
EVIDENCE, NOTE = "Expediente de revisión", "Documento con fecha posterior a la revisión"
FIRST = ("San", "Santa", "Villa", "Río", "Cerro", "Valle", "Puerto", "Rancho", "Monte", "Agua")
SECOND = (
    "Ejemplo", "Inventado", "Añoranza", "Cigüeña", "Peñón Alto", "Nogalito", "Tres Lunas", "Ámbar",
    "Colibrí", "Alegría", "del Viento Largo", "de las Nubes", "de los Encinos Viejos", "Marimba",
    "Quetzalillo", "Ixtlahuaca Imaginaria", "de la Media Noche", "Zarzamora", "Ocotillo", "Lucero",
)  # fmt: skip
THIRD = ("", " el Grande", " el Chico", " de Arriba", " de Abajo", " de la Esperanza Fingida")


@dataclass
class Nation:
    """The units and observations of a made-up nation.

    Parameters
    ----------
    instrument : Instrument
    n : int
        Municipalities.
    """

    instrument: Instrument
    n: int
    _columns: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw who the municipalities are and how strong each is in each module."""
        self.rng = np.random.default_rng(SEED)
        self.population = np.clip(np.exp(self.rng.normal(9.6, 1.4, self.n)), 90, 1_900_000).round()
        self.measured = np.ones((len(WAVES), self.n), dtype=bool)
        chance = self.rng.random(self.n)
        self.measured[1, chance < ONLY_FIRST] = False
        self.measured[0, chance > 1 - ONLY_LAST] = False
        self.holes = self.rng.random(self.n) < INCOMPLETE
        large = (np.log(self.population) - 9.6) / 1.4
        own = self.rng.normal(0.1 + 0.25 * large, 0.5)
        modules = dict.fromkeys(code.split(".")[0] for code in self.instrument.indicators)
        self.strength = {m: own + self.rng.normal(0.0, 0.5, self.n) for m in modules}

    @cached_property
    def read(self) -> frozenset[str]:
        """Indicators from which others are computed: available, and looked at each time."""
        nodes = [self.instrument.nodes[code] for code in self.instrument.indicators]
        computed = [v.compute or "" for n in nodes if n.kind == "measure" for v in n.spec.variables]
        return frozenset(n.code for n in nodes if any(f'"{n.code}' in text for text in computed))

    @cached_property
    def units(self) -> pd.DataFrame:
        """Code, name, state, population and facts of each municipality."""
        rng, n = np.random.default_rng(SEED + 1), self.n
        state = np.sort(rng.integers(1, STATES + 1, n))
        place = pd.Series(state).groupby(state).cumcount().to_numpy() + 1
        names = [
            f"{rng.choice(FIRST)} {rng.choice(SECOND)}{rng.choice(THIRD, p=(0.5, *[0.1] * 5))}"
            for _ in range(n)
        ]
        small = self.population < 100_000
        return pd.DataFrame(
            {
                "unit": [f"{s:02d}{p:03d}" for s, p in zip(state, place, strict=True)],
                "name": names,
                "state": [f"Estado inventado {s:02d}" for s in state],
                "population": self.population.astype(int),
                "sin_deuda_bancaria": (rng.random(n) < 0.4).astype(int),
                "fuera_zona_metropolitana": (small & (rng.random(n) < 0.9)).astype(int),
                "agua_no_municipal": (rng.random(n) < 0.1).astype(int),
            }
            | {
                f"unidad_{name}": (rng.random(n) < 0.7).astype(int)
                for name in (
                    "educacion", "salud", "grupos_vulnerables", "genero", "juventud", "deporte",
                )
            }
        )  # fmt: skip

    def observations(self) -> pd.DataFrame:
        """Return the rows of both reviews: unit, wave, code, value, state, evidence, note."""
        self._columns = {k: [] for k in ("unit", "wave", "code", "value", "state", "noted")}
        for code in self.instrument.indicators:
            node = self.instrument.nodes[code]
            if node.kind == "checklist":
                self._checklist(node)
            elif self._is_recorded(node):
                self._measure(node)
        found = {k: np.concatenate(parts) for k, parts in self._columns.items()}
        met, noted = found["value"] == 1.0, found.pop("noted")
        frame = pd.DataFrame(found)
        frame["unit"] = pd.Categorical.from_codes(frame["unit"], self.units["unit"]).astype(str)
        frame["evidence"] = np.where(met, EVIDENCE, "")
        frame["note"] = np.where(noted, NOTE, "")
        return frame.sort_values(["unit", "wave"], kind="stable", ignore_index=True)

    # -- one indicator ----------------------------------------------------------------------------

    def _is_recorded(self, node: Node) -> bool:
        """Return whether anything of a measure is observed: some follow from other indicators."""
        variables = node.spec.variables
        return not variables or any(v.compute is None for v in variables)

    def _usable(self, node: Node, wave: int) -> np.ndarray:
        """Write the states of an indicator; return where its results are recorded.

        What the facts of a municipality set aside is not looked at.
        """
        looked = self.measured[wave].copy()
        for condition in node.spec.not_measurable:
            looked &= condition.when != f"year = {WAVES[wave]}"
            if condition.when in self.units:
                looked &= self.units[condition.when].to_numpy() == 0
        there = node.spec.exists_when
        if there is not None and there.when in self.units:
            looked &= self.units[there.when].to_numpy() == 1
        chance = self.rng.random(self.n)
        lost = 0.0 if node.code in self.read else NOT_AVAILABLE
        absent = looked & (chance < lost)
        self._add(node.code, wave, absent, np.full(self.n, np.nan), state="ND")
        return looked & (chance > lost + UNRECORDED * self.holes)

    def _checklist(self, node: Node) -> None:
        """Write the elements of a checklist that were looked at, met or not."""
        ids = [e.id for e in node.spec.elements]
        ease = self.rng.normal(0.4, 0.6, len(ids))[:, None]
        shared = self.rng.normal(0.0, 0.6, self.n)[None, :]
        logit = self._strength(node)[None, :] + ease + shared
        met = self.rng.random((len(ids), self.n)) < 1 / (1 + np.exp(-1.6 * logit))
        done = np.zeros(self.n, dtype=bool)
        for wave in range(len(WAVES)):
            looked = self._usable(node, wave) & ~done
            for element, row in zip(ids, met, strict=True):
                kept = looked & (self.rng.random(self.n) > LOST * self.holes)
                self._add(f"{node.code}.{element}", wave, kept, row.astype(float))
            if node.spec.review == "once" and node.code not in self.read:
                done = looked & met.all(axis=0)
            met = met | (self.rng.random(met.shape) < GAIN)

    def _measure(self, node: Node) -> None:
        """Write the result of a measure, or the two counts that it divides."""
        counted = node.spec.counted
        for wave in range(len(WAVES)):
            value, kept = self._values(node, wave), self._usable(node, wave)
            if counted is None:
                self._add(node.code, wave, kept, value)
                continue
            of = 4 + self.rng.poisson(np.minimum(self.population / 150, 3000))
            events = np.round(np.clip(value, 0, 100) / 100 * of)
            self._add(f"{node.code}.{counted[0]}", wave, kept, events)
            self._add(f"{node.code}.{counted[1]}", wave, kept, of.astype(float))

    def _values(self, node: Node, wave: int) -> np.ndarray:
        """Return results of a measure: a level by strength, and a number that gives the level."""
        strength = self._strength(node) + 0.2 * wave + self.rng.normal(0, 0.8, self.n)
        level = np.digitize(strength, [-0.2, 0.4])
        ids = [entry.id for entry in self.instrument.levels_of(node.code)]
        spec, found = node.spec, np.full(self.n, np.nan)
        for index, name in enumerate(ids):
            ranges = [r for r in ranges_of(node) if r.level == name]
            here = level == index
            if not ranges:  # two levels only: the middle one has no values
                ranges = [r for r in ranges_of(node) if r.level == ids[0]]
            chosen = ranges[int(self.rng.integers(len(ranges)))]
            away = max(abs(x) for x in (chosen.low or 0, chosen.high or 0, 5))
            low = chosen.low if chosen.low is not None else (chosen.high or 0) - away
            high = chosen.high if chosen.high is not None else low + away
            low = low if spec.minimum is None else max(low, spec.minimum)
            high = high if spec.maximum is None else min(high, spec.maximum)
            inside = 0.02 + 0.96 * self.rng.random(self.n)
            found[here] = (low + (high - low) * inside)[here]
        return np.round(found, 2)

    def _strength(self, node: Node) -> np.ndarray:
        """Return the strength of the municipalities in the module of an indicator."""
        return self.strength[node.code.split(".")[0]]

    def _add(
        self, code: str, wave: int, where: np.ndarray, value: np.ndarray, state: str = ""
    ) -> None:
        """Add a row for each of some municipalities."""
        rows = np.flatnonzero(where)
        noted = self.rng.random(len(rows)) < 0.002
        parts = {"unit": rows, "value": value[rows], "noted": noted}
        parts |= {
            name: np.full(len(rows), text, dtype=object)
            for name, text in (("wave", WAVES[wave]), ("code", code), ("state", state))
        }
        for name, part in parts.items():
            self._columns[name].append(part)


def make_nation(folder: Path, units: int = 2469) -> Path:
    """Make a project with the nation in it and return the path of its study.

    Parameters
    ----------
    folder : Path
        New or empty.
    units : int
        Municipalities; the first ones of fewer are not those of more.
    """
    list(create_project(folder))
    nation = Nation(load_instrument(folder / INSTRUMENT, INSTRUMENT), units)
    case = folder / CASE
    case.mkdir(parents=True)
    nation.units.to_csv(case / "municipios.csv", index=False)
    nation.observations().to_parquet(case / "observaciones.parquet", index=False)
    for source, target, schemas in (
        ("study.yml", STUDY, "../data/schemas"),
        ("roadmap.yml", f"{CASE}/hoja-de-ruta.yml", "../../schemas"),
    ):
        text = (TEMPLATES / source).read_text(encoding="utf-8")
        text = text.replace("../../workbench/specs/schemas", schemas, 1)
        (folder / target).write_text(text, encoding="utf-8")
    return folder / STUDY


def main() -> None:
    """Make the project that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=2469)
    given = parser.parse_args()
    study = make_nation(given.folder, given.units)
    print(f"cd {given.folder} && workbench run {study.relative_to(given.folder)}")


if __name__ == "__main__":
    main()
