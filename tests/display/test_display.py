"""Displays: blocks, figures and their texts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from workbench.display import blocks as b
from workbench.display import cohort, municipality
from workbench.display.parts import place_is_open
from workbench.display.style import TONES, level_chip
from workbench.display.svg import shorten_to, text_width, wrap
from workbench.specs.version import MIMETYPE
from workbench.study import Study
from workbench.study.views import LevelInfo, RankInfo

UNIT = (
    "cover",
    "where",
    "peers",
    "change",
    "areas",
    "strengths",
    "next_steps",
    "certainty",
    "method",
)
COHORT = (
    "cover",
    "where",
    "groups",
    "ranking",
    "change",
    "areas",
    "strengths",
    "next_steps",
    "certainty",
    "method",
)


def figures_of(section: b.Section) -> list[b.Figure]:
    return [x for x in section.blocks if isinstance(x, b.Figure)]


def all_sections(study: Study, unit: str) -> list[b.Section]:
    view = study.view(unit)
    return [getattr(municipality, n)(view) for n in UNIT]


def test_a_section_shows_itself_in_three_ways(slp: Study) -> None:
    bundle = municipality.where(slp.view("24024"))._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIMETYPE}
    assert "114 de 115" in bundle["text/plain"]
    assert bundle[MIMETYPE]["locale"] == "es-MX"
    kinds = [x["kind"] for x in bundle[MIMETYPE]["blocks"]]
    assert kinds[:2] == ["heading", "paragraph"]


@pytest.mark.parametrize(
    "params", ["gdm-slp-2025", "gdm-ejemplo", "cimtra-monterrey", "migestion-ejemplo"]
)
@pytest.mark.parametrize("locale", ["es-MX", "en", "es-CL"])
def test_every_shipped_study_draws(root: object, params: str, locale: str) -> None:
    study = Study.open(f"{root}/params/{params}.yml", locale=locale)
    unit = study.observed_units()[0]
    for section in all_sections(study, unit):
        assert section.blocks
        for figure in figures_of(section):
            ET.fromstring(figure.svg)  # our own drawing
            assert re.search(r"\d", figure.alt), figure.alt
            assert figure.table is not None
    if len(study.observed_units()) > 1:
        view = study.cohort_view()
        for name in COHORT:
            assert getattr(cohort, name)(view).blocks


def test_drawings_are_the_same_every_time(slp: Study) -> None:
    one = figures_of(municipality.areas(slp.view("24024")))[0]
    two = figures_of(municipality.areas(slp.view("24024")))[0]
    assert one.svg == two.svg


def test_labels_fit_the_longest_name(slp: Study) -> None:
    """The heat map has the longest names of the cohort beside it; none is cut or runs off the page."""
    section = cohort.areas(slp.cohort_view())
    svg = figures_of(section)[0].svg
    assert "Santa María del Río" in svg
    assert "Soledad de Graciano Sánchez" in svg
    root = ET.fromstring(svg)
    width = float(root.attrib["viewBox"].split()[2])
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        match = re.search(r"translate\(([-\d.]+)", text.attrib.get("transform", "")) or re.match(
            r"([-\d.]+)", text.attrib.get("x", "0")
        )
        assert match is not None
        assert -1 <= float(match[1]) <= width


def test_texts_are_measured_wrapped_and_cut() -> None:
    assert text_width("W" * 10) > text_width("i" * 10) > 0
    wrapped = wrap("Administración de bienes muebles e inmuebles patrimonio del municipio", 1.5)
    assert wrapped.count("\n") == 1
    assert all(text_width(line) <= 1.5 for line in wrapped.split("\n"))
    cut = shorten_to("x" * 300, 1.0)
    assert cut.endswith("…")
    assert text_width(cut) <= 1.0
    assert shorten_to("corto", 5.0) == "corto"


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_levels_stay_apart_in_grey() -> None:
    """Red, yellow and green differ in lightness, so grey print and colour-blind readers keep them apart."""
    grey = {name: luminance(TONES[name]) for name in ("red", "yellow", "green")}
    ordered = sorted(grey.values())
    for a, c in pairwise(ordered):
        assert (c + 0.05) / (a + 0.05) > 1.8


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7])
def test_every_level_has_a_shape_and_a_word(n: int) -> None:
    chips = [
        level_chip(LevelInfo(id=str(i), title=f"L{i}", colour=None, place=i, of=n))
        for i in range(n)
    ]
    assert len({c.title for c in chips}) == n
    if n <= 4:
        assert len({c.shape for c in chips}) == n
        assert len({c.tone for c in chips}) == n


def test_a_shared_place_that_no_missing_data_could_move_is_not_open() -> None:
    shared = RankInfo(rank=3, ties=2, best=3, worst=3, n=6, scored=6)
    assert not place_is_open(shared)
    assert place_is_open(shared.model_copy(update={"worst": 4}))
