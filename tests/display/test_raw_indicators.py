"""Raw indicators beside peers and over time, two applications with places, what is kept green."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support import Project
from workbench.display import cohort, municipality
from workbench.study import Study

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open(ROOT / "params/comparacion-ejemplo.yml", locale="en")


@pytest.fixture(scope="module")
def water() -> pd.DataFrame:
    """Homes with piped water by unit and wave, from the table itself: 100 a / b."""
    path = ROOT / "data/cases/comparacion-ejemplo/observaciones.csv"
    rows = pd.read_csv(path, dtype={"unit": str, "wave": str})
    rows = rows.loc[rows["code"].str.startswith("agua1.")]
    wide = rows.pivot_table(index="unit", columns=["wave", "code"], values="value")
    return pd.DataFrame(
        {w: 100 * wide[w]["agua1.a"] / wide[w]["agua1.b"] for w in ("2022", "2024")}
    )


def test_the_cohort_shows_each_indicator_and_no_index(study: Study, water: pd.DataFrame) -> None:
    view = study.cohort_view()
    first = view.measures[0]
    now = water["2024"].dropna()
    assert first.n == len(now)
    found = (first.lowest, first.lower, first.median, first.upper, first.highest, first.best)
    want = [*np.quantile(now, [0, 0.25, 0.5, 0.75, 1, 0.75])]
    np.testing.assert_allclose(np.array(found, dtype=float), want)
    text = repr(cohort.areas(view))
    assert "agua1 Homes with piped water (%) | 9 | 66.99" in text
    assert "agua2 Water produced and not billed (%, less is better)" in text
    assert "nothing is added up" in text
    assert "one result only" not in text
    assert "The indicators have no levels" in repr(cohort.next_steps(view))
    assert "Villa Ejemplo | 75.55 | 31.61" in repr(cohort.ranking(view))


def test_constant_members_stand_beside_all(study: Study, water: pd.DataFrame) -> None:
    first = study.cohort_view().measures[0]
    both = water.dropna()
    assert first.then is not None
    assert first.same is not None
    assert first.then == (water["2022"].count(), pytest.approx(water["2022"].median()))
    assert first.same.n == len(both) < first.n
    assert (first.same.before, first.same.now) == (
        pytest.approx(both["2022"].median()), pytest.approx(both["2024"].median()),
    )  # fmt: skip
    assert first.same.rose == (both["2024"] > both["2022"]).sum()
    assert "72.48 (8) | 77.50 (9) | 7 | 71.75 | 77.50 | 7 | 0" in repr(
        cohort.change(study.cohort_view())
    )


def test_a_unit_stands_beside_all_peers_and_beside_the_same_ones(
    study: Study, water: pd.DataFrame
) -> None:
    peers = water.drop(index="99001")
    both = peers.dropna()
    all_then, all_now = peers["2022"].dropna(), peers["2024"].dropna()
    row = (
        f"agua1 Homes with piped water | 69.97% (2022) | 75.55% | "
        f"{all_then.median():.2f} ({len(all_then)}) → {all_now.median():.2f} ({len(all_now)}) | "
        f"{both['2022'].median():.2f} → {both['2024'].median():.2f} ({len(both)})"
    )
    assert row in repr(municipality.change(study.view("99001")))


def test_strengths_are_the_best_quarter_and_weaknesses_the_worst(study: Study) -> None:
    text = repr(municipality.strengths(study.view("99001")))
    best, worst = text.split("In the worst quarter of its peers")
    # 31.61 % is below the 32.37 % of the best quarter; 54.80 % above all.
    assert "Water produced and not billed: 31.61%" in best
    assert "Payroll over total spending: 54.80%" in worst
    assert "Homes with piped water" not in text


@pytest.fixture
def twice(project: Project) -> Study:
    """Four units at two dates, two of them with equal results each time."""
    project.units = "unit,name\n" + "".join(f"0100{n},U{n}\n" for n in (1, 2, 3, 4))
    project.study = project.study.replace(
        '[{id: "2025", year: 2025}]', '[{id: "2020", year: 2020}, {id: "2025", year: 2025}]'
    ).replace(", population: population", "").replace(
        "{file: data/observations.csv,", "{file: data/observations.csv, wave: {column: wave},"
    )  # fmt: skip
    points = {"2020": (50, 50, 70, 10), "2025": (90, 60, 60, 20)}
    project.observations = "unit,wave,code,value\n" + "".join(
        f"0100{n},{wave},{code},{value}\n"
        for wave, values in points.items()
        for n, value in enumerate(values, start=1)
        for code in ("agua", "luz")
    )
    return project.open(locale="en")


def test_places_of_two_applications_with_ties(twice: Study) -> None:
    text = repr(cohort.ranking(twice.cohort_view()))
    assert "1 | U1 | 90.0 | 50.0 | 2* |" in text
    assert "2* | U2 | 60.0 | 50.0 | 2* |" in text
    assert "2* | U3 | 60.0 | 70.0 | 1 |" in text
    assert "4 | U4 | 20.0 | 10.0 | 4 |" in text


def test_places_of_cimtra_then_and_now() -> None:
    study = Study.open(ROOT / "params/cimtra-monterrey.yml", locale="en")
    text = repr(cohort.ranking(study.cohort_view()))
    assert "2 | Apodaca | 87.98 | 29.39 | 8 |" in text
    assert "3 | San Nicolás de los Garza | 83.48 | 86.98 | 2 |" in text


def test_what_was_green_is_kept_without_a_second_review() -> None:
    study = Study.open(ROOT / "params/cuadrantes-ejemplo.yml", locale="en")
    view = study.view("99001")
    kept = [i.code for i in view.indicators if i.status == "carried"]
    assert kept == ["i03", "i04", "i05"]
    assert "3 indicators keep their level from an earlier review" in repr(
        municipality.certainty(view)
    )
    assert view.headline[1].level == "con_certificado"
    assert "Self-diagnosis" in repr(municipality.change(view))
