"""Time of one update of the explorer on the made-up nation: a weight moved, all that follows.

    python benchmarks/explore.py DIR [--rounds N]        DIR as made_up_nation.py made it

The GDM counts and has no weights, so the nation is scored here by weighted means of the numbers of
its levels (0, 1, 2), three levels of groups up: 2,469 municipalities, 115 indicators, two waves.
One update is what moving a slider costs: the instrument under the new weights, all scores and
levels, places, the range of places over 200 draws of weights, and the table that people see. Two
sides are timed in turn: scoring the study again from its observations, and the bare work of numpy
(values times 200 sets of weights, and places by sorting).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from workbench.explore import Exploration, explore
from workbench.explore.frame import people_frame
from workbench.explore.ranges import DRAWS
from workbench.scoring import prepare

STUDY, INSTRUMENT = "nacion-ejemplo", "gdm-2025-2027"
RULE = {"method": "arithmetic", "min_availability": 0.5}


def weighted(nation: Path, folder: Path) -> Path:
    """Make a project in which the nation is scored by weighted means, and return its study."""
    yaml = YAML(typ="safe")
    instrument = yaml.load((nation / f"data/instruments/{INSTRUMENT}.yml").read_text("utf-8"))
    instrument["id"] = "nacion-pesos"
    for tier in instrument["tiers"]:
        tier["aggregate"] = RULE
    for indicator in instrument["indicators"]:
        indicator["normalise"] = {"method": "level_numbers"}
    instrument.pop("comparison", None)
    instrument.pop("versions", None)
    study = yaml.load((nation / f"params/{STUDY}.yml").read_text("utf-8"))
    study["instrument"] = "nacion-pesos"
    study.pop("comparisons", None)
    (folder / "data/instruments").mkdir(parents=True)
    (folder / "params").mkdir()
    (folder / "data/cases").symlink_to((nation / "data/cases").resolve())
    for name, content in (
        (f"data/instruments/{instrument['id']}", instrument),
        (f"params/{STUDY}", study),
    ):
        with (folder / f"{name}.yml").open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(content, file)
    return folder / f"params/{STUDY}.yml"


def timed(call: Callable[[], object]) -> float:
    """Return the seconds of a call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def update(seen: Exploration, weight: float) -> Exploration:
    """Move one weight of the result, and make all that is shown."""
    weights = dict.fromkeys(seen.weights(seen.node), 1.0)
    weights[next(iter(weights))] = weight
    moved = seen.choose(weights={seen.node: weights})
    people_frame(moved)
    return moved


def floor(values: np.ndarray, weights: np.ndarray) -> None:
    """Multiply and sort, and nothing else."""
    scores = values @ weights.T
    np.argsort(scores.T, axis=1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nation", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = explore(weighted(asked.nation, Path(folder)))
        study = seen.base
        _ = seen.table
        print(
            f"{len(seen.rows)} units, {len(study.instrument.indicators)} indicators; {seen.basis}"
        )
        rng = np.random.default_rng(1)
        values = np.nan_to_num(
            np.column_stack(
                [study.scores.results[c].score[seen.rows] for c in study.instrument.indicators]
            )
        )
        weights = rng.random((DRAWS, values.shape[1]))
        update(seen, 2.0)
        found: dict[str, list[float]] = {"update": [], "rescore": [], "floor": []}
        for number in range(asked.rounds):
            found["update"].append(timed(lambda n=number: update(seen, 3.0 + n)))
            found["rescore"].append(
                timed(
                    lambda: prepare(study.scored_observations, undated=study.undated).score(
                        study.instrument, study.calibration
                    )
                )
            )
            found["floor"].append(timed(lambda: floor(values, weights)))
    middle = {name: statistics.median(times) for name, times in found.items()}
    for name, seconds in middle.items():
        print(f"{name:8} {1000 * seconds:7.0f} ms   from {1000 * min(found[name]):.0f}")
    print(f"update / rescore {middle['update'] / middle['rescore']:.2f}")
    print(f"update / floor   {middle['update'] / middle['floor']:.1f}")


if __name__ == "__main__":
    main()
