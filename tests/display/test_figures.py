"""Figures: for page and phone, readable where marks meet, with a legend of what is drawn."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from tests.support import report_notebook
from workbench.display import blocks as b
from workbench.display import figures, municipality
from workbench.display.html import SHAPES, as_cards, blocks_html, shape_svg, shapes_once
from workbench.display.marks import MARKERS, clear_of, key_rows
from workbench.display.scales import bar_range, score_range, tick_labels
from workbench.display.sheet import HATCH_STEP, _letters, _pattern, ticks
from workbench.display.style import HATCHES, MARKED, PATTERNS, STATE_CHIPS, TONES, state_chip
from workbench.display.svg import PAGE, PHONE, PHONE_WIDTH, SIZE, WIDTH, _advances, text_width, wrap
from workbench.display.warm import warm_up
from workbench.language import Noun, as_locale
from workbench.reports.html import render_html
from workbench.study import Study
from workbench.study.views import NodeView

SVG = "{http://www.w3.org/2000/svg}"
NOUN = Noun(as_locale("es-MX"), "municipio", "municipios")
NAMES = {
    "short": "Xilitla",
    "unbroken": "X" * 300,
    "words": "Villa muy larga " * 20,
    "cjk": "日本" * 150,
}


def texts(svg: str) -> list[tuple[str, float, float]]:
    """Return each text of a drawing with the ends of its line, in points."""
    found = []
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        x, text, style = float(element.attrib["x"]), "".join(element.itertext()), element.attrib
        weight = "semibold" if style.get("font-weight") == "600" else "normal"
        width = text_width(text, float(style.get("font-size", SIZE)), weight) * 72
        share = {"middle": 0.5, "end": 1.0}.get(style.get("text-anchor", ""), 0.0)
        found.append((text, x - width * share, x + width * (1 - share)))
    return found


def width_of(svg: str) -> float:
    return float(ET.fromstring(svg).attrib["viewBox"].split()[2])


# -- page and phone ---------------------------------------------------------------------------------


def test_a_figure_is_drawn_for_page_and_phone(slp: Study) -> None:
    for section in (municipality.where, municipality.areas):
        figure = next(x for x in section(slp.view("24032")).blocks if isinstance(x, b.Figure))
        assert isinstance(figure.svg, b.Drawing)
        assert width_of(figure.svg) == pytest.approx(WIDTH * 72)
        assert width_of(figure.svg.narrow) == pytest.approx(PHONE_WIDTH * 72)
        # One must not draw with what is hidden with the other.
        assert not any(
            word in svg for svg in (figure.svg, figure.svg.narrow) for word in ("id=", "url")
        )
        assert figure.to_json()["narrow"] == figure.svg.narrow


def test_pages_bring_both_and_notebooks_the_wide_one(slp: Study) -> None:
    view = slp.view("24032")
    page = render_html(report_notebook(view))
    assert page.count('class="on-phone"') == page.count('class="on-page"') == 3
    blocks = municipality.where(view).to_json()["blocks"]
    assert 'class="on-phone"' not in blocks_html(blocks, standalone=True)
    old = [{k: v for k, v in block.items() if k != "narrow"} for block in blocks]
    assert 'role="img"' in blocks_html(old)  # notebooks of before have no second drawing


@pytest.mark.parametrize("score", [0.0, 3.0, 34.8, 97.0, 100.0])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_name_on_page_one_stays_on_the_page(slp: Study, name: str, score: float) -> None:
    node = slp.view("24032").headline[0].model_copy(update={"score": score})
    drawn = figures.standing(node, name, [], {"others": (1.0, 50.0)}, "", NOUN)
    for svg in (drawn, drawn.narrow):
        for text, left, right in texts(svg):
            assert left >= -2, text
            assert right <= width_of(svg) + 2, text
        label = next(t for t, _, _ in texts(svg) if t.endswith(f"{score:.1f}%"))
        assert label.startswith(name[:3])  # the score is never what is cut


def test_lines_are_cut_where_a_word_is_too_wide() -> None:
    for text in ("X" * 300, "a " + "X" * 300, "X" * 300 + " b", "日本" * 150):
        assert all(text_width(line) <= 1.5 for line in wrap(text, 1.5).split("\n"))
    assert text_width("日本") > text_width("ab")


def test_the_lines_of_a_label_do_not_touch(slp: Study) -> None:
    node = slp.view("24032").headline[0].model_copy(update={"title": "Gobierno y desarrollo " * 3})
    drawn = figures.areas([(node, [])], "", as_locale("es-MX"))
    for svg in (drawn, drawn.narrow):
        found = [t for t in ET.fromstring(svg).iter(f"{SVG}text") if "desarrollo" in str(t.text)]
        first, second = (float(t.attrib["y"]) for t in found)
        # Public Sans: 1,900 above the line and 450 below it, of 2,000.
        assert second - first == pytest.approx(1.05 * SIZE * 2350 / 2000, abs=0.02)


def test_what_each_figure_of_a_unit_loads_is_loaded_before_its_process_begins() -> None:
    loaded = (_advances, _letters, ticks)
    for function in (text_width, *loaded):
        function.cache_clear()
    warm_up("es-MX")
    # Letters of two weights, and ticks of page and phone.
    assert [function.cache_info().currsize for function in loaded] == [2, 1, 2]


def test_legends_wrap_and_fit() -> None:
    keys = [({}, "Mediana de los pares (de 20,000 a 99,999 habitantes)"), ({}, "X" * 300)] * 2
    for canvas in (PAGE, PHONE):
        rows = key_rows(canvas, keys, 0.05)
        for row in rows:
            used = sum(0.36 + text_width(text) for _, text in row) - 0.2
            assert 0.05 + used <= canvas.width
    assert len(key_rows(PHONE, keys, 0.05)) > 1


# -- legend and marks -------------------------------------------------------------------------------


def test_every_state_has_a_swatch_of_its_own() -> None:
    known = [chip for state, chip in STATE_CHIPS.items() if state != "insufficient"]
    assert len({shape for _, shape in known}) == len(known)  # told apart without colour
    assert len(set(STATE_CHIPS.values())) == len(STATE_CHIPS)
    drawn = {state: shape_svg(*chip) for state, chip in STATE_CHIPS.items()}
    for one, two in combinations(drawn, 2):
        assert drawn[one] != drawn[two], (one, two)
    levels = set(MARKERS) | set(SHAPES)
    assert not levels & set(PATTERNS)
    assert set(PATTERNS) == set(HATCHES)
    plain = [shape for shape in HATCHES if not HATCHES[shape] and shape not in MARKED]
    assert plain == ["box"]


def test_the_legend_draws_a_state_as_its_bar_does(slp: Study) -> None:
    """Each pattern is in the drawing twice, in the bar and in its swatch; a plain box too."""
    locale = as_locale("en")
    node_parts = [
        (state_chip(s, s), 20.0) for s in ("not_available", "not_applicable", "bounded")
    ] + [(b.Chip("Good", "green", "circle"), 40.0)]
    view = slp.view("24032")
    drawn = figures.areas([(view.headline[0], node_parts)], "", locale)
    patterns = re.findall(r'fill="(#\w+)"/><path d="(M[^"]+)" fill="none"', drawn)
    directions = [_directions(way) for _, way in patterns]
    assert len(patterns) == 6
    assert sorted(map(sorted, directions)) == [["-"]] * 2 + [["/"]] * 2 + [["/", "\\"]] * 2
    assert TONES["green"] in drawn


def _directions(way: str) -> set[str]:
    """Return in which directions the lines of a pattern run."""
    found = set("-" if re.search(r"M[\d.]+ [\d.]+h", way) else "")
    for x, y, u, v in re.findall(r"M([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)", way):
        rising = (float(v) - float(y)) * (float(u) - float(x)) < 0
        if (x, y) != (u, v):
            found.add("/" if rising else "\\")
    return found


def test_patterns_end_at_the_edges_of_their_box() -> None:
    for kind, step in HATCH_STEP.items():
        for wide, high in ((3.0, 14.0), (50.0, 14.0), (200.0, 3.0)):
            way = _pattern(kind, 10.0, 20.0, wide, high)
            points = [tuple(map(float, p)) for p in re.findall(r"([\d.]+) ([\d.]+)", way)]
            assert len(points) >= (wide + high if kind != "-" else high) / step - 2
            for x, y in points:
                assert 10.0 <= x <= 10.01 + wide
                assert 20.0 <= y <= 20.01 + high


@pytest.mark.parametrize(
    ("mark", "start", "width", "half", "expected"),
    [
        (None, 0.0, 50.0, 3.0, (25.0, False)),
        (40.0, 0.0, 50.0, 3.0, (25.0, False)),
        (25.0, 0.0, 50.0, 3.0, (22.0, False)),
        (26.0, 0.0, 50.0, 3.0, (23.0, False)),
        (24.0, 0.0, 50.0, 3.0, (27.0, False)),
        (4.0, 0.0, 11.0, 3.0, (7.0, False)),
        (5.0, 0.0, 10.0, 3.0, (5.0, True)),
    ],
    ids=["no mark", "far", "middle", "right of it", "left of it", "one side", "no room"],
)
def test_numbers_stand_clear_of_the_mark(
    mark: float | None, start: float, width: float, half: float, expected: tuple[float, bool]
) -> None:
    assert clear_of(mark, start, width, half) == expected


@pytest.mark.parametrize("unit", ["24010", "24032"])
def test_no_number_hides_under_the_median_of_peers(slp: Study, unit: str) -> None:
    """In Ciudad del Maíz and Santa María del Río a count stood exactly under it."""
    figure = next(x for x in municipality.areas(slp.view(unit)).blocks if isinstance(x, b.Figure))
    for svg in (figure.svg, figure.svg.narrow):  # type: ignore[union-attr]
        marks = re.findall(
            r'd="M([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)" fill="none" stroke="#1F2933" stroke-width="1.8"',
            svg,
        )
        upright = [(float(x), float(y), float(v)) for x, y, u, v in marks if x == u]
        assert len(upright) == 8
        for element in ET.fromstring(svg).iter(f"{SVG}text"):
            text = "".join(element.itertext())
            if not text.isdigit() or element.attrib.get("text-anchor") != "middle":
                continue
            x, y = float(element.attrib["x"]), float(element.attrib["y"])
            half = text_width(text, SIZE - 0.5) * 36
            under = [
                m for m, a, c in upright if min(a, c) < y - 3 < max(a, c) and abs(m - x) < half
            ]
            assert not under or _has_plate(svg, x, y), text


def _has_plate(svg: str, x: float, y: float) -> bool:
    """Return whether a filled box lies right under a number."""
    box = r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"'
    for left, top, wide, high in (map(float, found) for found in re.findall(box, svg)):
        if left < x < left + wide and top < y - 3 < top + high and wide < 16:
            return True
    return False


# -- tables on a phone ------------------------------------------------------------------------------


def table(*rows: tuple[str, ...], align: str = "left", chip: str = "") -> dict[str, object]:
    cells = [b.Row(tuple(b.cell(t) for t in row)) for row in rows[1:]]
    if chip:
        cells = [b.Row((*r.cells, b.cell(chip=b.Chip(chip, "green", "circle")))) for r in cells]
    heads = [b.ColumnHead(t, align if i else "left") for i, t in enumerate(rows[0])]
    heads += [b.ColumnHead("Level")] if chip else []
    return b.Table(tuple(heads), tuple(cells)).to_json()


def test_tables_without_room_on_a_phone_become_cards() -> None:
    assert not as_cards(table(("Area", "Result"), ("Hacienda", "47.4%"), align="right"))
    assert not as_cards(
        table(("What", "Which"), ("Study", "Desempeño municipal en San Luis Potosí"))
    )
    wide = table(("Area", "Now", "Before", "Peers"), ("Administración", *["Desempeño " * 2] * 3))
    assert as_cards(wide)
    long = table(
        ("Indicator", "Now"), ("Tasa de abatimiento del costo " * 4, "12"), chip="En proceso"
    )
    assert as_cards(long)
    assert as_cards(table(("A", "B"), ("x", "y"), chip="Un nivel de nombre muy largo de verdad"))


def test_cards_name_their_cells_and_stay_tables() -> None:
    wide = table(("Area", "Now", "Before", "Peers"), ("Administración", *["Desempeño " * 2] * 3))
    page = blocks_html([wide])
    assert re.search(r'<table class=" ?cards" role="table">', page)
    assert page.count('data-head="') == 3
    assert page.count('role="cell"') == 3
    assert page.count('role="rowheader"') == page.count('scope="row"') == 1
    plain = blocks_html([table(("Area", "Result"), ("Hacienda", "47.4%"), align="right")])
    assert "data-head" not in plain
    assert 'role="table"' not in plain


def test_a_row_that_begins_with_its_place_is_named_by_what_follows() -> None:
    heads = (b.ColumnHead("Place", "right"), b.ColumnHead("Municipality"), *map(b.ColumnHead, "AB"))
    row = b.Row((b.cell("1"), b.cell("Rioverde"), *[b.cell("palabra " * 20)] * 2))
    page = blocks_html([b.Table(heads, (row,)).to_json()])
    assert '<td class="name" role="cell">Rioverde</td>' in page
    assert 'data-head="Place">1</th>' in page


def test_a_page_draws_a_shape_once_and_points_at_it_after_that() -> None:
    red, grey = shape_svg("red", "triangle"), shape_svg("grey", "square")
    page = shapes_once(f"{red}Rezago {red}Rezago {grey}Sin dato {red}")
    assert page.count("<path") == 1
    assert page.count("<rect") == 1
    names = re.findall(r'<g id="(\w+)">', page)
    assert re.findall(r'<use href="#(\w+)"/>', page) == [names[0], names[0]]
    assert len(set(names)) == 2


def node(**values: object) -> NodeView:
    return NodeView.model_construct(maximum=None, unit=None, decimals=1, **values)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([0.44, 0.73], (0.0, 1.0)),
        ([12.0, 19.9], (0.0, 100.0)),
        ([120.0, 200.0], (0.0, 210.0)),
        ([-1.0, 2.0], (-1.1, 2.1)),
        ([-2.0, -1.0], (-2.1, 0.0)),
    ],
)
def test_a_bar_begins_at_zero(values: list[float], ends: tuple[float, float]) -> None:
    assert bar_range(node(), values) == pytest.approx(ends)


@pytest.mark.parametrize(
    ("unit", "values", "ends"),
    [
        (None, [10.0, 24.0], (9.3, 24.7)),  # on 0 to 100 they would be a heap
        ("percent", [10.0, 24.0], (0.0, 100.0)),
        (None, [10.0, 61.0], (0.0, 100.0)),
    ],
)
def test_dots_fill_their_axis(
    unit: str | None, values: list[float], ends: tuple[float, float]
) -> None:
    found = score_range(node().model_copy(update={"unit": unit}), values)
    assert found == pytest.approx(ends)


def test_the_axis_of_an_index_from_0_to_1_has_decimals() -> None:
    write = tick_labels(node().model_copy(update={"decimals": 3}), as_locale("es-MX"))
    assert [write(x, 0) for x in (0.0, 0.2, 0.75, 1.0, 40.0)] == ["0", "0.2", "0.75", "1", "40"]
