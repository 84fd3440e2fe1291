"""Pages in a browser: nothing that axe calls a violation, and nothing lost on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import OPEN, SEEN, WIDE, faults, laid_out, tabbed
from tests.browser.looking import opened as watched
from tests.support import executed_notebook, report_notebook
from workbench.reports.html import render_html
from workbench.runs.ledger import Entry
from workbench.runs.listing import make_listing
from workbench.runs.plan import make_plan
from workbench.runs.site import reports_of
from workbench.site.content import make_site
from workbench.site.pages import site_files
from workbench.study import Study

pytestmark = pytest.mark.slow

PHONE, DESK = 390, 1200
NAMES = (
    "unit", "unit-en", "example", "two-axes", "cohort", "index", "survey", "programme",
    "programme-en", "audit", "waves",
)  # fmt: skip


def _index(root: Path, run: Path) -> str:
    """Return the index of a run of two units whose files nobody has made."""
    plan = make_plan(
        Study.open(root / "params/gdm-slp-2025.yml"), units=["24032", "24013"], out=run
    )
    ledger = {
        job.key: Entry(job.key, "k", "done", dict.fromkeys(job.files(), ""), "r", 1.0, "standard")
        for job in plan.jobs
    }
    listing = make_listing(plan)
    made = site_files(make_site(plan.study, plan.run_id), listing.head, reports_of(listing, ledger))
    return made["index.html"].decode("utf-8")


@pytest.fixture(scope="module")
def pages(root: Path, slp: Study, ejemplo: Study, tmp_path_factory: Any) -> dict[str, Path]:
    """A file for each page that readers open."""
    folder = tmp_path_factory.mktemp("pages")
    english = Study.open(root / "params/gdm-slp-2025.yml", locale="en")
    axes = Study.open(root / "params/migestion-ejemplo.yml")
    views = {
        "unit": slp.view("24032"),
        "unit-en": english.view("24032"),
        "example": ejemplo.view("99001"),
        "two-axes": axes.view(axes.observed_units()[0]),
        "cohort": slp.cohort_view(),
    }
    survey = Study.open(root / "params/encuesta-ejemplo.yml")
    views["survey"] = survey.view("servidores")
    texts = {name: render_html(report_notebook(view)) for name, view in views.items()}
    for name, tag in (("programme", "es-MX"), ("programme-en", "en")):
        view = Study.open(root / "params/programa-ejemplo.yml", locale=tag).view("P1")
        texts[name] = render_html(report_notebook(view, "programme"))
    for name, study in (("audit", "certeza-ejemplo"), ("waves", "comparaciones-ejemplo")):
        texts[name] = render_html(executed_notebook(name, study=str(root / f"params/{study}.yml")))
    texts["index"] = _index(root, folder / "run")
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def opened(browser: Browser, path: Path, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.add_style_tag(content=SEEN)
    return page


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(browser: Browser, pages: dict[str, Path], name: str) -> None:
    with watched(browser, pages[name]) as page:
        assert faults(page) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_reaches_everything(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    with watched(browser, pages[name], 320, reduced_motion="reduce") as page:
        page.evaluate(OPEN)
        assert tabbed(page) == []
        laid_out(page)
        assert page.evaluate(WIDE) == []


def test_contents_lead_to_their_headings(browser: Browser, pages: dict[str, Path]) -> None:
    """Although what is between them is laid out on the way."""
    with watched(browser, pages["example"], PHONE) as page:
        for link in page.locator(".contents a").all():
            link.evaluate("e => e.click()")
            page.wait_for_timeout(100)
            top = page.evaluate(
                "document.getElementById(decodeURIComponent(location.hash.slice(1)))"
                ".getBoundingClientRect().top"
            )
            last = page.evaluate("innerHeight + scrollY > document.body.scrollHeight - 40")
            assert abs(top) < 2 or last


@pytest.mark.parametrize("width", [360, PHONE, 600, 700, DESK])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_off_the_side(
    browser: Browser, pages: dict[str, Path], name: str, width: int
) -> None:
    """Neither the page nor a table in it is wider than the screen; no word of a figure is.

    The data of a figure of many columns are: they scroll, which a shadow says.
    """
    page = opened(browser, pages[name], width)
    wide = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('main > .scroll, .drawing')]
        .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className + e.ariaLabel)"""
    )
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.drawing svg')].filter(s => s.clientWidth)
        .flatMap(s => [...s.querySelectorAll('text')].filter(t => {
            const a = t.getBoundingClientRect(), b = s.getBoundingClientRect();
            return a.left < b.left - 2 || a.right > b.right + 2;
        }).map(t => t.textContent))"""
    )
    page.close()
    assert wide == []
    assert cut == []


def test_figures_are_drawn_for_the_screen_they_are_on(
    browser: Browser, pages: dict[str, Path]
) -> None:
    """Letters of a figure are as large as notes are, on a phone as on a desk."""
    for width in (PHONE, 600, DESK):
        page = opened(browser, pages["example"], width)
        sizes = page.evaluate(
            """() => [...document.querySelectorAll('.drawing svg')].filter(s => s.clientWidth)
            .map(s => 8.5 * s.clientWidth / s.viewBox.baseVal.width)"""
        )
        page.close()
        assert len(sizes) == 6, width
        assert all(10.5 <= size <= 16 for size in sizes), (width, sizes)


def test_a_phone_shows_every_cell_of_a_table(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["example"], PHONE)
    hidden = page.evaluate(
        f"""() => [...document.querySelectorAll('main > .scroll tbody :is(th, td):not(:empty)')]
        .filter(c => {{ const r = c.getBoundingClientRect();
            return r.width < 8 || r.right > {PHONE}; }}).map(c => c.textContent)"""
    )
    heads = page.evaluate(
        """() => [...document.querySelectorAll('.cards [data-head]')]
        .map(c => getComputedStyle(c, '::before').content)"""
    )
    page.close()
    assert hidden == []
    assert any("Antes" in head for head in heads)


def test_the_index_works_on_a_phone(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["index"], PHONE)
    row = page.locator("#reports tbody tr", has_text="Santa María del Río")
    for text in ("24032", "34.8%", "14 (7–27)"):
        assert row.get_by_text(text).is_visible()
    for link in row.get_by_role("link").all():
        box = link.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE
        assert box["height"] >= 24
    page.get_by_label("Buscar").fill("valles")
    assert not row.is_visible()
    page.get_by_label("Buscar").fill("")
    page.get_by_role("button", name="Población").click()  # the smallest first
    assert page.locator("#reports tbody tr").first.inner_text().startswith("San Nicolás Tolentino")
    page.close()
