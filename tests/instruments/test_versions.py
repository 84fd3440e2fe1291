"""Versions of an instrument side by side, and studies measured with several of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from tests.support import INSTRUMENT, Project, load_text
from workbench.display import cohort, municipality
from workbench.display.versions import versions
from workbench.errors import DataError, InstrumentError
from workbench.instruments import Instrument, load_instrument
from workbench.instruments.versions import compare_versions
from workbench.study import Study

ROOT = Path(__file__).parents[2]


def shipped(name: str) -> Instrument:
    return load_instrument(ROOT / f"data/instruments/{name}.yml")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    pair = shipped("cuadrantes-anterior-ejemplo"), shipped("cuadrantes-ejemplo")
    return compare_versions(*pair).to_frame()


def test_what_came_went_and_changed(frame: pd.DataFrame) -> None:
    leaves = frame.loc[frame["kind"] == "indicator"]
    assert Counter(leaves["what"]) == {
        "same": 33, "changed": 2, "merged": 1, "added": 3, "removed": 1,
    }  # fmt: skip
    by_now = leaves.set_index("now")
    assert by_now.loc["i02", ["what", "differs", "comparable"]].tolist() == [
        "changed", "elements", False,
    ]  # fmt: skip
    assert by_now.loc["i08", "differs"] == "levels"
    assert by_now.loc["i20", "before"] == "i20, x20"
    assert by_now.loc["i30", ["before", "comparable"]].tolist() == ["z30", True]
    assert set(leaves.loc[leaves["what"] == "added", "now"]) == {"i37", "i38", "i39"}
    assert leaves.loc[leaves["what"] == "removed", "before"].tolist() == ["x21"]


def test_a_group_of_other_indicators_is_not_comparable(frame: pd.DataFrame) -> None:
    groups = frame.loc[frame["kind"] == "group"].set_index("now")
    assert not groups["comparable"].any()
    assert groups.loc["ambiental", "differs"] == "parts"


def test_the_other_way_round_is_the_mirror(frame: pd.DataFrame) -> None:
    pair = shipped("cuadrantes-ejemplo"), shipped("cuadrantes-anterior-ejemplo")
    turned = compare_versions(*pair).to_frame()
    assert set(zip(turned["before"], turned["now"], strict=True)) == set(
        zip(frame["now"], frame["before"], strict=True)
    )
    assert turned.set_index("before").loc["i20", "what"] == "split"


@pytest.mark.parametrize(
    ("older", "newer", "counts", "groups", "leaves"),
    [
        ("gdm-ciclo-anterior", "gdm-2025-2027", "Themes | 31 | 31", {"same": 40}, 132 + 115),
        ("agenda-desde-lo-local-2003", "agenda-desde-lo-local-2012", "Quadrants | 4 | 4",
         {"same": 5}, 39 + 38),
        ("agenda-desde-lo-local-2012", "iso-18091", "Quadrants | 4 | 4",
         {"same": 4, "unknown": 2}, 38 + 39),
        ("agenda-desarrollo-municipal-2018", "gdm-2025-2027", "Axes | 7 | –",
         {"same": 2, "unknown": 53 + 38}, 270 + 115),
        ("sindes-2003", "sindes-actual", "Areas | 9 | 11", {"unknown": 10 + 12}, 50 + 70),
        ("sindes-2016", "sindes-actual", "Areas | – | 11", {"unknown": 1 + 12}, 108 + 70),
        ("cimtra-basico", "cimtra-municipal", "Items | 31 | 37", {"same": 3, "unknown": 11}, 31 + 37),
    ],
)  # fmt: skip
def test_what_no_source_says_is_not_known(
    older: str, newer: str, counts: str, groups: dict[str, int], leaves: int
) -> None:
    found = compare_versions(shipped(older), shipped(newer))
    text = repr(versions(found, "en"))
    assert counts in text
    assert "no source says which correspond" in text
    assert Counter(p.what for p in found.parts if found.is_group(p)) == groups
    unknown = [p for p in found.parts if not found.is_group(p)]
    assert len(unknown) == leaves
    assert {p.what for p in unknown} == {"unknown"}
    assert not found.comparable()


def test_the_subnational_set_is_the_national_one_and_more() -> None:
    found = compare_versions(shipped("pefa-2016"), shipped("pefa-2016-subnacional"))
    counts = Counter((found.is_group(p), p.what) for p in found.parts)
    assert counts == {
        (True, "same"): 38, (True, "added"): 3, (False, "same"): 94, (False, "added"): 7,
    }  # fmt: skip
    assert len(found.comparable()) == 94 + 31
    assert "here all are taken as the same" in repr(versions(found, "en"))


def test_versions_that_say_nothing_of_each_other_correspond_in_nothing() -> None:
    found = compare_versions(shipped("refim"), shipped("icapi"))
    assert "Neither version declares" in repr(versions(found, "en"))
    assert {p.what for p in found.parts} == {"unknown"}


def test_a_correspondence_of_what_is_not_there_is_refused(tmp_path: Path) -> None:
    link = "versions: [{of: prueba, parts: [{code: agua, was: aguas}]}]\nnodes:"
    older = load_text(tmp_path / "a", INSTRUMENT)
    newer = load_text(
        tmp_path / "b", INSTRUMENT.replace("id: prueba", "id: otra").replace("nodes:", link, 1)
    )
    with pytest.raises(InstrumentError, match=r"prueba has no node aguas.*Did you mean agua"):
        compare_versions(older, newer)
    with pytest.raises(InstrumentError, match="there is no node fuego"):
        load_text(
            tmp_path / "c",
            INSTRUMENT.replace("nodes:", link.replace("code: agua", "code: fuego"), 1),
        )


# -- a study measured with two versions ------------------------------------------------------------


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open(ROOT / "params/cuadrantes-ejemplo.yml", locale="en")


def test_only_what_has_the_same_rule_is_compared(study: Study) -> None:
    (view,) = study.view("99002").versions
    codes = {c.code for c in view.comparison.changes}
    assert codes == {f"i{n:02d}" for n in range(1, 37)} - {"i02", "i08", "i20"}
    assert view.share is not None
    # Against a count in the scores of both studies.
    old, new = (
        s.scores.frame.query("unit == '99002' and wave == @w").set_index("node")["level"]
        for s, w in ((study.earlier[0], "2021"), (study, "2025"))
    )
    pairs = {c: ("z30" if c == "i30" else c) for c in codes}
    both = [(old[was], new[now]) for now, was in pairs.items()]
    known = [(a, b) for a, b in both if isinstance(a, str) and isinstance(b, str)]
    assert (view.share.n, view.share.before, view.share.now) == (
        len(known), sum(a == "verde" for a, _ in known), sum(b == "verde" for _, b in known),
    )  # fmt: skip


def test_results_of_both_versions_stand_side_by_side(study: Study) -> None:
    text = repr(municipality.change(study.view("99001")))
    assert (
        "Four quadrants, earlier version (0) | 2021, Verification | Indicators at green | 65.8%"
        in text
    )
    assert "Four quadrants (1) | 2025, Verification | Indicators at green | 100.0%" in text
    assert "their difference is no change" in text
    assert "2 whose rules changed: i02 Orderly finances; i08 Public safety" in text
    assert "3 that are new: i37 Care of soil" in text
    assert "1 no longer asked for: x21 Municipal library" in text
    assert "i30 Culture and heritage (z30)" in repr(municipality.change(study.view("99002")))


def test_the_cohort_counts_who_was_measured_with_both(study: Study) -> None:
    text = repr(cohort.change(study.cohort_view()))
    assert "2 municipalities were measured with both versions." in text
    assert "i11 Job promotion | 1 | 0 | 0 | 1" in text


def test_an_earlier_study_that_is_not_there_is_refused(project: Project) -> None:
    project.study += "earlier: [params/otro.yml]\n"
    with pytest.raises(DataError, match=r"params/otro\.yml"):
        _ = project.open().earlier
    project.study = project.study.replace("params/otro.yml", "params/estudio.yml")
    with pytest.raises(DataError, match="its own earlier one"):
        _ = project.open().earlier
