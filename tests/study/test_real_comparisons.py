"""Comparisons of published data agree with plain pandas and scipy on the files themselves.

The files are no part of the project: without them the tests skip. Tolerances are those of binary
arithmetic, since both sides read the same printed numbers.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from scipy import stats as sp

from workbench.study import Study
from workbench.study.compare import compare

EXACT = {"rel": 1e-9, "abs": 1e-9}


@pytest.fixture(scope="module")
def opened(root: Path, shared: Path) -> object:
    """What opens a study of ``params/comparisons`` by its name."""
    if not (shared / "realdata").is_dir():
        pytest.skip(f"published tables not found in {shared}/realdata")
    return cache(lambda name: Study.open(root / f"params/comparisons/{name}.yml", locale="en"))


def poverty(shared: Path) -> pd.DataFrame:
    """Percent in poverty by municipality and year, straight from the files."""
    folder = shared / "realdata/mexico_coneval_pobreza_2010_2015_2020"
    found = {}
    for year in ("2010", "2015", "2020"):
        path = folder / f"indicadores_de_pobreza_municipal_{year}.csv"
        rows = pd.read_csv(path, encoding="latin-1", thousands=",", na_values=["n.d"])
        rows.index = rows["clave_municipio"].astype(str).str.zfill(5)
        found[year] = rows["pobreza"].astype(float)
        found[f"population {year}"] = rows["poblacion"].astype(float)
    return pd.DataFrame(found)


def index_of(shared: Path, year: str) -> pd.Series:
    """Fiscal performance index of the new method, straight from the file."""
    path = shared / "realdata/colombia_idf_dnp/IDF_municipal_nueva_metodologia_2020_2021_2023.csv"
    rows = pd.read_csv(path, dtype=str)
    rows = rows[rows["Year"] == year].set_index("Código")
    return pd.to_numeric(rows["Nuevo IDF"], errors="coerce")


def listed(shared: Path) -> set[str]:
    """Codes of the municipalities of the programme, straight from its list."""
    book = CalamineWorkbook.from_path(shared / "realdata/colombia_idf_dnp/MunicipiosPDET.xlsx")
    rows = book.get_sheet_by_name("MunicipiosPDET").to_python()[1:]
    return {f"{int(row[3]):05d}" for row in rows}


def old_index(shared: Path) -> pd.DataFrame:
    """Fiscal performance index of the earlier method by year, straight from the workbooks."""
    files = {
        "2016": "Anexos_Desempeno_Fiscal_2016_22012018.xlsx",
        "2018": "Anexos_Desempeno_Fiscal_2018.xlsx",
        "2019": "Anexos_Desempeno_Fiscal_2019_Resultado_Oficial.xlsx",
        "2021": "IDF_2021_Metodologia_Anterior.xlsx",
    }
    found = {}
    for year, file in files.items():
        book = CalamineWorkbook.from_path(shared / "realdata/colombia_idf_dnp" / file)
        rows = book.get_sheet_by_name(f"Municipios {year}").to_python()
        frame = pd.DataFrame(rows[8:], columns=[str(c).strip() for c in rows[7]])
        frame = frame[frame["Código"].astype(str).str.fullmatch(r"\d{5}")].set_index("Código")
        index = pd.to_numeric(frame["Indicador de desempeño Fiscal 7/"], errors="coerce")
        saving = pd.to_numeric(frame["6/ Capacidad de ahorro"], errors="coerce")
        found[year] = index.where(saving.notna())
    return pd.DataFrame(found)


def test_poverty_then_and_now(opened, shared: Path) -> None:
    table = poverty(shared)
    both = table[["2010", "2020"]].dropna()
    change = both["2020"] - both["2010"]
    found = compare(opened("coneval-pobreza"), "change")
    mean, typical, share, waves = (a.result for a in found.answers)
    assert mean.n == len(both) == 2455
    assert mean.estimate == pytest.approx(change.mean(), **EXACT)
    low, high = sp.ttest_rel(both["2020"], both["2010"]).confidence_interval(0.95)
    assert (mean.interval.low, mean.interval.high) == pytest.approx((low, high), **EXACT)
    # Less is better: who fell improved.
    assert share["improved"] == (change.round(10) < 0).sum() == 1718
    assert share["worsened"] == (change.round(10) > 0).sum() == 722
    complete = table[["2010", "2015", "2020"]].dropna()
    friedman = sp.friedmanchisquare(*(complete[c] for c in complete))
    assert waves.n == len(complete)
    assert waves.test.statistic == pytest.approx(friedman.statistic, **EXACT)
    # Hodges-Lehmann: the median of all means of two changes.
    i, j = np.triu_indices(len(change))
    values = change.to_numpy()
    assert typical.estimate == pytest.approx(
        float(np.median((values[i] + values[j]) / 2)), abs=1e-6
    )


def test_poverty_by_size(opened, shared: Path) -> None:
    table = poverty(shared)[["2020", "population 2020"]].dropna()
    bands = pd.cut(
        table["population 2020"], [0, 5000, 20000, 100000, np.inf], right=False, labels=False
    )
    parts = [table.loc[bands == i, "2020"] for i in range(4)]
    result = compare(opened("coneval-pobreza"), "groups").result
    groups = result.tables["groups"]
    assert groups["n"].astype(int).tolist() == [len(p) for p in parts]
    assert groups["mean"].tolist() == pytest.approx([p.mean() for p in parts], **EXACT)
    # Games and Howell: the studentised range of the difference, by Welch's degrees of freedom.
    wanted = [
        sp.tukey_hsd(*parts, equal_var=False).pvalue[i, j] for i in range(4) for j in range(i)
    ]
    pairs = result.tables["games_howell"]
    assert sorted(pairs["p"]) == pytest.approx(sorted(wanted), abs=1e-8)
    sentence = result.sentence("es-MX")
    assert "«menos de 5,000 habitantes» está 27.5 puntos porcentuales arriba" in sentence
    assert "tiende a ser más bajo de grupo en grupo" in sentence


def test_no_effect_is_claimed_where_nothing_was_measured_before(opened, shared: Path) -> None:
    found = compare(opened("idf-pdet"), "programme")
    assert found.result.refusal.reason == "too_few"
    assert "Nothing was measured before the programme started" in found.sentence("en")
    beside = [a for a in found.answers if a.beside]
    assert all(a.result.question == "two_groups" for a in beside)
    scores = {year: index_of(shared, year) for year in ("2020", "2023")}
    inside = scores["2023"].index.isin(list(listed(shared)))
    last = scores["2023"]
    gap = last[inside].mean() - last[~inside].mean()
    assert beside[1].result.estimate == pytest.approx(gap, **EXACT)
    change = (scores["2023"] - scores["2020"]).dropna()
    part = change.index.isin(list(listed(shared)))
    welch = sp.ttest_ind(change[part], change[~part], equal_var=False)
    assert beside[2].result.estimate == pytest.approx(
        change[part].mean() - change[~part].mean(), **EXACT
    )
    assert beside[2].result.test.p == pytest.approx(welch.pvalue, **EXACT)
    assert "effect" not in " ".join(a.result.sentence("en") for a in beside)


def test_participants_are_those_of_the_list(opened, shared: Path) -> None:
    study = opened("idf-pdet")
    part = compare(study, "programme").answers[2].result
    assert part["n_x"] == len(listed(shared)) == 170
    path = shared / "realdata/colombia_idf_dnp/IDF_municipal_nueva_metodologia_2020_2021_2023.csv"
    rows = pd.read_csv(path, dtype=str)
    last = rows[rows["Year"] == "2023"].set_index("Código")["Municipio_PDET"] == "1"
    by_code = last.index.isin(list(listed(shared)))
    # What the study says of the column of the table: matched by name, it misses and adds some.
    assert int((last & ~by_code).sum()) == 23
    assert int((~last & by_code).sum()) == 24


def test_one_wave_before_the_programme(opened, shared: Path) -> None:
    table = old_index(shared)
    long = table.stack().dropna().rename("y").reset_index()
    long.columns = ["unit", "wave", "y"]
    inside = long["unit"].isin(list(listed(shared)))
    treated = (inside & (long["wave"] != "2016")).astype(float)
    # Two-way effects taken out of both by turns until nothing is left (unbalanced panel).
    y, x = long["y"] - long["y"].mean(), treated - treated.mean()
    for _ in range(500):
        for key in ("unit", "wave"):
            y = y - y.groupby(long[key]).transform("mean")
            x = x - x.groupby(long[key]).transform("mean")
    effect = float((x * y).sum() / (x * x).sum())
    found = compare(opened("idf-pdet-2016-2021"), "programme")
    assert found.result.estimate == pytest.approx(effect, abs=1e-8)
    assert found.result.n == long["unit"].nunique()
    sentence = found.sentence("en")
    assert "neither show nor rule out an effect" in sentence
    assert "whether both groups were on like paths is unknown" in sentence


def test_moves_between_levels(opened, shared: Path) -> None:
    before, after = index_of(shared, "2020"), index_of(shared, "2023")
    cuts = [-np.inf, 40, 60, 70, 80, np.inf]
    both = pd.DataFrame({"b": before, "a": after}).dropna()
    levels = both.apply(lambda c: pd.cut(c, cuts, right=False, labels=False))
    moved = np.sign(levels["a"] - levels["b"])
    result = next(
        a.result
        for a in compare(opened("idf-pdet"), "change").answers
        if a.result.question == "level_transitions"
    )
    counted = {"up": (moved > 0).sum(), "down": (moved < 0).sum(), "same": (moved == 0).sum()}
    assert (result["moved_up"], result["moved_down"], result["stayed"]) == tuple(counted.values())


def test_three_waves_of_guatemala(opened, shared: Path) -> None:
    path = shared / "realdata/guatemala_gestion_municipal/ranking_municipal_segeplan.json"
    rows = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    waves = [f"segeplan{y}" for y in (2013, 2016, 2018)]
    table = rows[waves].apply(pd.to_numeric, errors="coerce")
    both = table[[waves[0], waves[2]]].dropna()
    found = compare(opened("guatemala-olas"), "change")
    assert found.result.n == len(both) == 334
    assert found.result.estimate == pytest.approx((both[waves[2]] - both[waves[0]]).mean(), **EXACT)
    # Numbers on a scale of 1 have three decimals, in lists of steps too.
    several = found.answers[3].result.sentence("en")
    steps = table.dropna()
    fell = steps[waves[1]] - steps[waves[0]]
    assert f"2013 to 2016 (−{abs(fell.mean()):.3f} points" in several
    assert compare(opened("guatemala-olas"), "indicators").result.refusal.reason == "one_part"
