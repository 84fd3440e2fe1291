"""Studies that are made for a test: the ASEM index from COINr's tables, and a GDM cohort."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from workbench.audit.coinr import read_coinr
from workbench.instruments import load_instrument

PLAN = {
    "normalise": [{"method": "z_score", "mean": 50.0, "sd": 10.0}, {"method": "percentile_rank"}],
    "treat": [{"method": "shape"}],
    "impute": ["median"],
    "missing": ["available", "lowest"],
    "draws": 600,
    "sobol_samples": 64,
}


def asem_study(folder: Path, reference: Path) -> Path:
    """Write the ASEM index as a study and return its file."""
    tables = read_coinr(reference / "iData.csv", reference / "iMeta.csv")
    tree, raw = tables.structure, tables.data
    groups = [n for n in tree.nodes.values() if n.is_group]
    tiers = [
        {"id": f"t{level}", "title": f"Level {level}", "plural": f"Levels {level}", "decimals": 1,
         "aggregate": {"method": "arithmetic", "min_availability": 0.0}}
        for level in (4, 3, 2)
    ]  # fmt: skip
    instrument = {
        "id": "asem",
        "version": "1",
        "title": "ASEM Sustainable Connectivity",
        "publisher": "European Commission, Joint Research Centre",
        "completeness": "published",
        "language": "en",
        "unit_noun": {"one": {"en": "country", "es": "país"}, "many": {"en": "countries", "es": "países"}},
        "sources": [{"id": "coinr", "title": "COINr, ASEM example data"}],
        "tiers": tiers,
        "headline": [tree.top],
        "nodes": [
            {"code": n.code, "tier": f"t{n.level}", "title": n.title,
             **({"parent": next(iter(n.parents))} if n.parents else {})}
            for n in sorted(groups, key=lambda n: -n.level)
        ],
        "indicators": [
            {"code": n.code, "kind": "measure", "parent": next(iter(n.parents)), "title": n.title,
             "direction": n.direction, "normalise": {"method": "min_max", "range": [1.0, 100.0]}}
            for n in tree.nodes.values() if not n.is_group
        ],
    }  # fmt: skip
    study = {
        "id": "asem-2018",
        "title": "ASEM 2018",
        "author": "test",
        "date": "2018-12-31",
        "locale": "en",
        "instrument": "asem",
        "waves": [{"id": "2018", "year": 2018}],
        "units": {"file": "units.csv", "population": "Population",
                  "groups": {"GDP_group": "Size of the economy"}},
        "observations": [{"file": "values.csv", "wave": "2018", "columns": "codes"}],
        "comparisons": {"robustness": PLAN},
    }  # fmt: skip
    units = raw[["uCode", "uName", "Population", "GDP_group"]]
    units.set_axis(["unit", "name", "Population", "GDP_group"], axis=1).to_csv(
        folder / "units.csv", index=False
    )
    values = raw[["uCode", *tree.indicators]].rename(columns={"uCode": "unit"})
    values.to_csv(folder / "values.csv", index=False)
    return write(folder, instrument, study)


def gdm_study(folder: Path, root: Path, units: int = 40, seed: int = 7) -> Path:
    """Write a cohort of made-up results of the GDM as a study and return its file."""
    gdm = load_instrument(root / "data/instruments/gdm-2025-2027.yml")
    rng = np.random.default_rng(seed)
    codes = [f"24{i:03d}" for i in range(1, units + 1)]
    strength = rng.normal(size=units)
    rows = []
    for unit, own in zip(codes, strength, strict=True):
        for code in gdm.indicators:
            x = own + rng.normal()
            level = "optimo" if x > 0.3 else "en_proceso" if x > -0.6 else "rezago"
            rows.append((unit, code, "ND" if rng.random() < 0.02 else level))
    pd.DataFrame(rows, columns=["unit", "code", "state"]).to_csv(folder / "values.csv", index=False)
    names = [f"Municipio {i}" for i in range(1, units + 1)]
    people = rng.integers(2000, 900_000, units)
    pd.DataFrame({"unit": codes, "name": names, "population": people}).to_csv(
        folder / "units.csv", index=False
    )
    study = {
        "id": "gdm-cohort",
        "title": "Cohorte de prueba",
        "example": True,
        "author": "test",
        "date": "2026-01-15",
        "locale": "es-MX",
        "instrument": "gdm-2025-2027",
        "waves": [{"id": "2025", "year": 2025}],
        "units": {"file": "units.csv", "population": "population", "pattern": "[0-9]{5}"},
        "observations": [{"file": "values.csv", "wave": "2025", "code": {"column": "code"},
                          "state": {"column": "state"}}],
    }  # fmt: skip
    return write(folder, None, study)


def write(folder: Path, instrument: dict | None, study: dict) -> Path:
    """Write an instrument and a study into a project folder."""
    yaml = YAML()
    yaml.width = 4096
    if instrument is not None:
        path = folder / "data" / "instruments"
        path.mkdir(parents=True, exist_ok=True)
        with (path / f"{instrument['id']}.yml").open("w", encoding="utf-8") as out:
            yaml.dump(instrument, out)
    params = folder / "params"
    params.mkdir(exist_ok=True)
    path = params / f"{study['id']}.yml"
    with path.open("w", encoding="utf-8") as out:
        yaml.dump(study, out)
    return path
