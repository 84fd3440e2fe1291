"""The site of a cohort in a browser: read, sorted, searched, compared, by keyboard too, and right."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from tests.browser.looking import OPEN, WIDE, faults, laid_out, opened, tabbed
from tests.support import report_notebook
from workbench.display.style import TONES
from workbench.reports.html import render_html
from workbench.runs.files import write_whole
from workbench.runs.listing import make_listing
from workbench.runs.plan import make_plan
from workbench.site.content import make_site
from workbench.site.pages import site_files
from workbench.study import Study

pytestmark = pytest.mark.slow

PAGES = ("index", "groups", "map", "compare", "method", "data")
# Scores with ranges and places; levels alone; numbers of which nothing makes a result.
KINDS = {
    "certeza-ejemplo": PAGES,
    "capacidad-ejemplo": ("index", "map", "compare"),
    "comparaciones-ejemplo": ("index", "compare"),
}
EACH = pytest.mark.parametrize(
    ("study", "name"), [(study, name) for study, names in KINDS.items() for name in names]
)


@dataclass(frozen=True)
class Drawn:
    """A site in its folder."""

    folder: Path
    study: Study
    rows: list[dict[str, str]]

    def page(self, name: str) -> Path:
        return self.folder / ("index.html" if name == "index" else f"site/{name}.html")

    def row(self, code: str) -> dict[str, str]:
        return next(r for r in self.rows if r["unit"] == code)

    def number(self, code: str, column: str) -> float | None:
        text = self.row(code)[column]
        return float(text) if text else None


def _areas(codes: list[str]) -> str:
    """Return a square for each unit but the last, and one that is of none."""
    places = [*codes[:-1], "other"]
    features = [
        {
            "type": "Feature",
            "properties": {"key": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]],
            },
        }
        for index, code in enumerate(places)
        for x, y in [(index % 6, index // 6)]
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _draw(root: Path, folder: Path, name: str) -> Drawn:
    """Draw the site of a study with a map, and one of the reports that it links."""
    for part in ("params", "data/cases", "data/instruments"):
        (folder / part).mkdir(parents=True)
    shutil.copytree(root / f"data/cases/{name}", folder / f"data/cases/{name}")
    text = (root / f"params/{name}.yml").read_text(encoding="utf-8")
    text += "\nboundaries: {file: data/areas.geojson, code: key}\n"
    (folder / f"params/{name}.yml").write_text(text, encoding="utf-8")
    for file in (root / "data/instruments").glob("*.yml"):
        shutil.copyfile(file, folder / f"data/instruments/{file.name}")
    shutil.copytree(root / "notebooks", folder / "notebooks")
    study = Study.open(folder / f"params/{name}.yml")
    codes = [str(code) for code in study.units.index]
    (folder / "data/areas.geojson").write_text(_areas(codes), encoding="utf-8")
    run = folder / "run"
    first = study.observed_units()[0]
    report = {"title": "", "reason": "", "links": [("HTML", f"reports/{first}/report.html")]}
    head = make_listing(make_plan(study, out=run)).head
    for path, content in site_files(make_site(study, "0" * 16), head, {first: [report]}).items():
        write_whole(run / path, content)
    page = render_html(report_notebook(study.view(first)))
    write_whole(run / f"reports/{first}/report.html", page.encode())
    with (run / "site/results.csv").open(encoding="utf-8", newline="") as file:
        return Drawn(run, study, list(csv.DictReader(file)))


@pytest.fixture(scope="module")
def sites(root: Path, tmp_path_factory: Any) -> dict[str, Drawn]:
    return {name: _draw(root, tmp_path_factory.mktemp(name), name) for name in KINDS}


@pytest.fixture(scope="module")
def scored(sites: dict[str, Drawn]) -> Drawn:
    return sites["certeza-ejemplo"]


def cells(page: Page, place: int, table: str = "#reports") -> list[str]:
    """Return a column of a table as it is read."""
    found: list[str] = page.evaluate(
        f"""() => [...document.querySelectorAll('{table} tbody tr')].filter(r => r.checkVisibility())
        .map(r => r.cells[{place}].textContent.trim())"""
    )
    return found


@EACH
def test_axe_finds_nothing(
    browser: Browser, sites: dict[str, Drawn], study: str, name: str
) -> None:
    with opened(browser, sites[study].page(name)) as page:
        assert faults(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything(browser: Browser, scored: Drawn, name: str) -> None:
    for width in (320, 1280):
        with opened(browser, scored.page(name), width) as page:
            page.evaluate(OPEN)
            assert tabbed(page) == []
            page.keyboard.press("Tab")  # out of the page, and in again at its start
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.matches('.skip')")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "main"


@EACH
def test_nothing_runs_off_where_text_is_large(
    browser: Browser, sites: dict[str, Drawn], study: str, name: str
) -> None:
    """Twice and four times as large on a screen of 1,280 points leave 640 and 320."""
    with opened(browser, sites[study].page(name)) as page:
        laid_out(page)
        for width in (320, 640, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(WIDE) == [], width


def test_every_column_sorts_and_says_so(browser: Browser, scored: Drawn) -> None:
    with opened(browser, scored.page("index")) as page:
        heads = page.locator("#reports thead th")
        values = {"Población": "population", "Gestión municipal": "total_score", "Lugar": "place"}
        kinds: list[str] = []
        told: set[str] = set()
        for place in range(heads.count() - 1):
            head = heads.nth(place)
            title = head.locator("button").inner_text()
            head.locator("button").focus()
            for key, sort in (("Enter", "ascending"), ("Space", "descending")):
                page.keyboard.press(key)
                assert head.get_attribute("aria-sort") == sort
                assert page.locator("[aria-sort]:not([aria-sort=none])").count() == 1
                said = page.locator("#sorted").inner_text()
                assert title in said
                assert said not in told
                told.add(said)
                codes = cells(page, 1)
                assert sorted(codes) == sorted(r["unit"] for r in scored.rows)
                column = next((c for t, c in values.items() if title.startswith(t)), None)
                if column:
                    kinds.append(column)
                    numbers = [scored.number(code, column) for code in codes]
                    known = [n for n in numbers if n is not None]
                    assert known == sorted(known, reverse=sort == "descending")
                    assert numbers == known + [None] * (len(numbers) - len(known))
                elif place == 1:
                    assert codes == sorted(codes, reverse=sort == "descending")
        assert kinds == [column for column in values.values() for _ in range(2)]


def test_search_needs_no_accents_and_counts(browser: Browser, scored: Drawn) -> None:
    with opened(browser, scored.page("index")) as page:
        first = scored.rows[0]
        page.get_by_label("Buscar").focus()
        page.keyboard.type(first["unit"])
        assert cells(page, 1) == [first["unit"]]
        assert page.locator("#count").inner_text().startswith("1 ")
        page.keyboard.press("Control+A")
        page.keyboard.type(first["name"].upper())
        assert first["unit"] in cells(page, 1)
        page.get_by_label("Buscar").fill("")
        assert len(cells(page, 1)) == len(scored.rows)


def test_numbers_without_a_result_stand_in_the_table(
    browser: Browser, sites: dict[str, Drawn]
) -> None:
    site = sites["comparaciones-ejemplo"]
    with opened(browser, site.page("index")) as page:
        heads = page.locator("#reports thead th").all_inner_texts()
        place = next(k for k, h in enumerate(heads) if "Viviendas con agua entubada" in h)
        shown = dict(zip(cells(page, 1), cells(page, place), strict=True))
    column = next(c for c in site.rows[0] if c == "agua1_value")
    told = {r["unit"]: f"{float(r[column]):.2f}" for r in site.rows if r[column]}
    assert len(told) == 30
    assert {code: shown[code] for code in told} == told


def _choose(page: Page, box: str, code: str) -> None:
    """Choose a unit with the keyboard alone."""
    text = page.locator(f"#{box} option", has_text=f"({code})").inner_text()
    page.locator(f"#{box}").focus()
    page.keyboard.type(text, delay=0)
    assert page.evaluate(f"document.getElementById('{box}').selectedOptions[0].text") == text


def test_two_stand_side_by_side_with_their_difference(browser: Browser, scored: Drawn) -> None:
    one, other = scored.rows[3]["unit"], scored.rows[10]["unit"]
    with opened(browser, scored.page("compare")) as page:
        _choose(page, "a", one)
        _choose(page, "b", other)
        rows = page.locator("#two tbody tr")
        shown = {
            r.locator("th").inner_text(): r.locator("td").all_inner_texts() for r in rows.all()
        }
        said = page.locator("#said").inner_text()
        address = page.url
    for code in (one, other):
        assert scored.row(code)["name"] in said
    assert address.endswith(f"#{one},{other}")
    people = [int(scored.row(code)["population"]) for code in (one, other)]
    assert [t.replace(",", "").replace("−", "-") for t in shown["Población"]] == [
        *map(str, people), f"{people[1] - people[0]:+d}"
    ]  # fmt: skip
    title = next(t for t in shown if t.startswith(scored.study.instrument.title("total", "es-MX")))
    scores = [scored.number(code, "total_score") for code in (one, other)]
    assert None not in scores
    printed = [round(s, 1) for s in scores if s is not None]
    first, second, difference = shown[title]
    assert first.startswith(f"{printed[0]:.1f}")
    assert second.startswith(f"{printed[1]:.1f}")
    assert difference == f"{printed[1] - printed[0]:+.1f}".replace("-", "−")


def test_the_map_says_what_the_table_says(browser: Browser, sites: dict[str, Drawn]) -> None:
    """Each area has the tone of its level, by keyboard too, and stands in a table with its words."""
    site = sites["capacidad-ejemplo"]
    with opened(browser, site.page("map")) as page:
        page.locator("#pick").focus()
        told = {}
        for _ in range(page.locator("#pick option").count() - 1):
            page.keyboard.press("ArrowDown")
            fill = page.evaluate("getComputedStyle(document.querySelector('#map .on')).fill")
            name, _, result = page.locator("#place").inner_text().partition(": ")
            told[name] = (result, fill)
        page.evaluate(OPEN)
        data = dict(zip(cells(page, 1, "#areas"), cells(page, 2, "#areas"), strict=True))
        alt = page.locator("#map").get_attribute("aria-label") or ""
        page.locator("#map path[data-name]").nth(1).click()
        chosen = page.evaluate("document.getElementById('pick').selectedOptions[0].text")
        assert page.locator("#place").inner_text().startswith(chosen)
        page.locator("#pick").select_option(label=site.study.names[site.study.observed_units()[0]])
        page.locator("#pick").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # the report of the place is the next stop
        page.wait_for_url("**/report.html")
    drawn = [str(code) for code in site.study.units.index][:-1]
    assert sorted(data) == sorted(drawn)
    levels = {r["unit"]: r["clase_level"] for r in site.rows}
    tones = set()
    for code in drawn:
        result, fill = told[site.row(code)["name"]]
        if levels[code]:
            assert result.startswith(levels[code])
            assert data[code].startswith(levels[code])
            assert fill in {_rgb(colour) for colour in TONES.values()}
            tones.add((levels[code], fill))
        else:
            assert fill.startswith("url(")
    assert len({fill for _, fill in tones}) == len({level for level, _ in tones}) == len(tones)
    for level in {levels[code] for code in drawn} - {""}:
        assert f"{level}: {sum(levels[c] == level for c in drawn)}" in alt


def _rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5))})"


def test_groups_have_the_medians_of_their_members(browser: Browser, scored: Drawn) -> None:
    def band(people: int) -> str:
        if people < 20_000:
            return "menos de 20,000 habitantes"
        return "20,000 a 100,000 habitantes" if people < 100_000 else "más de 100,000 habitantes"

    with opened(browser, scored.page("groups")) as page:
        tables = page.locator("main > .scroll table")
        assert tables.count() >= 1
        alts = [d.get_attribute("aria-label") or "" for d in page.locator("[role=img]").all()]
        rows = tables.first.locator("tbody tr").all()
        shown = {r.locator("th").inner_text(): r.locator("td").all_inner_texts() for r in rows}
    members: dict[str, list[float]] = {}
    for row in scored.rows:
        if row["total_score"]:
            members.setdefault(band(int(row["population"])), []).append(float(row["total_score"]))
    assert shown.keys() == members.keys()
    for name, scores in members.items():
        assert int(shown[name][0]) == len(scores)
        assert float(shown[name][4].rstrip("%")) == pytest.approx(median(scores), abs=0.06)
    assert all(any(c.isdigit() for c in alt) for alt in alts)


@pytest.mark.parametrize("study", KINDS)
def test_downloads_are_there_and_agree(
    browser: Browser, sites: dict[str, Drawn], study: str
) -> None:
    site = sites[study]
    with opened(browser, site.page("data")) as page:
        links = {a.inner_text(): a.get_attribute("href") for a in page.locator("main ul a").all()}
    for name in ("results.csv", "results.xlsx", "dictionary.csv"):
        assert (site.folder / "site" / str(links[name])).is_file()
    book = load_workbook(site.folder / "site/results.xlsx", read_only=True)
    first, words = (list(book[sheet].iter_rows(values_only=True)) for sheet in book.sheetnames)
    assert list(first[0]) == list(site.rows[0])
    assert [w[0] for w in words[1:]] == list(first[0])
    assert [str(row[0]) for row in first[1:]] == [r["unit"] for r in site.rows]
    for row, told in zip(first[1:], site.rows, strict=True):
        for value, text in zip(row, told.values(), strict=True):
            assert (value is None) == (text == "")
            if isinstance(value, int | float):
                assert float(text) == value
    with (site.folder / "site/dictionary.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == list(first[0])


@pytest.mark.parametrize("name", PAGES)
def test_links_between_pages_lead_somewhere(browser: Browser, scored: Drawn, name: str) -> None:
    path = scored.page(name)
    made_by_a_run = ("scores.csv", "units.csv", "manifest.json")
    with opened(browser, path) as page:
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    assert links
    for link in {x.partition("#")[0] for x in links}:
        if link.startswith("file:") and not link.endswith(made_by_a_run):
            assert Path(link.removeprefix("file://")).is_file(), link


@pytest.mark.parametrize("name", PAGES)
def test_no_script_but_its_own_runs(browser: Browser, scored: Drawn, name: str) -> None:
    page = browser.new_page()
    page.goto(scored.page(name).as_uri())
    page.evaluate(
        """() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';
        document.body.append(s); const i = new Image(); i.src = 'https://example.org/a.png';
        document.body.append(i); }"""
    )
    assert page.evaluate("window.ran") is None
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_forced_colours_and_less_motion(browser: Browser, scored: Drawn, name: str) -> None:
    """Tones of figures stay, for they mean something; nothing moves of itself."""
    tones = """() => [...document.querySelectorAll('#map path, .swatch rect, .shape *')]
        .map(e => getComputedStyle(e).fill)"""
    with opened(browser, scored.page(name), reduced_motion="reduce") as page:
        plain = page.evaluate(tones)
        page.emulate_media(forced_colors="active")
        assert page.evaluate(tones) == plain
        assert page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        current = page.locator("[aria-current=page]")
        assert current.evaluate("e => getComputedStyle(e).borderBottomStyle") == "solid"


def test_without_its_script_the_site_still_says_everything(browser: Browser, scored: Drawn) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(scored.page("index").as_uri())
    assert page.locator("#reports tbody tr").count() == len(scored.rows)
    assert page.locator("#reports tbody tr").last.is_visible()
    page.goto(scored.page("compare").as_uri())
    assert page.locator("noscript").inner_text().strip()
    context.close()
