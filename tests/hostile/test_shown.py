"""Hostile texts in a real Chromium: nothing is run, nothing is fetched, nothing is complained of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.hostile.texts import SHOWN, UNSEEN
from workbench.display.html import LINKS, NOTEBOOK

pytestmark = pytest.mark.slow

PAGES = (
    "index.html", "site/compare.html", "site/data.html", "site/groups.html", "site/method.html",
    "reports/U000/report.html", "reports/U001/report.html", "reports/cohort/report.html",
)  # fmt: skip
WHERE_LINKS_LEAD = """() => [...document.querySelectorAll('a, area, [href], [action], [formaction], [data-href]')]
    .flatMap(e => ['href', 'xlink:href', 'action', 'formaction', 'data-href'].map(n => e.getAttribute(n)))
    .filter(h => h !== null)"""
# What a page may hold that could be run: its own script, which the policy names by its hash.
ALIVE = """() => [...document.querySelectorAll('*')].flatMap(e => [
    ...(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'BASE', 'LINK', 'FORM'].includes(e.tagName.toUpperCase()) ? [e.tagName] : []),
    ...e.getAttributeNames().filter(n => n.startsWith('on')).map(n => e.tagName + ' ' + n)])"""


class Watched:
    """A page of which every request, word of the console, dialog and error is kept."""

    def __init__(self, browser: Browser, path: Path) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1200, "height": 900})
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(f"error: {e}"))
        self.page.on("dialog", self._dialog)
        self.page.on("popup", lambda p: self.said.append(f"window: {p.url}"))
        self.page.goto(path.as_uri())

    def _dialog(self, dialog: Any) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def use(self) -> None:
        """Do what a reader does: open, sort, search, choose, point at everything."""
        page = self.page
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        for button in page.locator("button:visible").all():
            button.click()
        if page.locator("#q").count():
            page.locator("#q").fill("<script>")
            page.locator("#q").fill("")
        for box in page.locator("select").all():
            for n in range(0, 60, 7):
                box.select_option(index=n)
        page.evaluate(
            """() => document.querySelectorAll('*').forEach(e => ['mouseover', 'focus', 'pointermove', 'error', 'load']
            .forEach(k => e.dispatchEvent(new Event(k, { bubbles: k !== 'error' && k !== 'load' }))))"""
        )
        page.wait_for_timeout(300)


@pytest.fixture(scope="module", params=PAGES)
def watched(
    request: pytest.FixtureRequest, browser: Browser, hostile_run: Path
) -> Iterator[Watched]:
    found = Watched(browser, hostile_run / request.param)
    found.use()
    yield found
    found.page.close()


def test_every_page_is_looked_at(hostile_run: Path) -> None:
    made = {p.relative_to(hostile_run).as_posix() for p in hostile_run.rglob("*.html")}
    assert made == set(PAGES)


def test_nothing_is_run_fetched_or_complained_of(watched: Watched) -> None:
    page = watched.page
    assert watched.said == []
    assert [u for u in watched.requests if not u.startswith("data:")] == [
        page.url.partition("#")[0]
    ]
    assert page.evaluate("window.__pwned") is None


def test_nothing_in_a_page_is_alive_but_its_own_script(watched: Watched, hostile_run: Path) -> None:
    alive = watched.page.evaluate(ALIVE)
    site = "/reports/" not in watched.page.url
    allowed = {"SCRIPT", "FORM"} if site else set()
    assert set(alive) <= allowed
    assert alive.count("SCRIPT") <= 2  # its own, and the data beside it


def test_links_lead_to_the_web_to_mail_or_into_the_run(watched: Watched, hostile_run: Path) -> None:
    folder = Path(watched.page.url.removeprefix("file://").partition("#")[0]).parent
    for href in watched.page.evaluate(WHERE_LINKS_LEAD):
        if href.startswith(LINKS) or NOTEBOOK.fullmatch(href):
            continue
        assert (folder / href).resolve().is_relative_to(hostile_run.resolve()), href
        assert (folder / href).is_file(), href


def test_figures_are_shown(watched: Watched) -> None:
    sizes = watched.page.evaluate(
        """() => [...document.querySelectorAll('.drawing svg, .drawing img')]
        .map(s => s.getBoundingClientRect()).filter(b => b.width).map(b => [b.width, b.height])"""
    )
    if "/reports/" in watched.page.url:
        assert sizes
    assert all(width > 100 and height > 20 for width, height in sizes)


def test_a_reader_sees_the_texts_as_they_were_written(browser: Browser, hostile_run: Path) -> None:
    page = Watched(browser, hostile_run / "reports/U000/report.html").page
    text = " ".join(page.locator("body").inner_text().split())
    page.close()
    for name, written in SHOWN.items():
        if len(written) < 1_000:
            assert " ".join(written.split()) in text, name


@pytest.mark.parametrize("name", PAGES)
def test_no_page_holds_what_nobody_sees(name: str, hostile_run: Path) -> None:
    text = (hostile_run / name).read_text(encoding="utf-8")
    held = {c for c in "".join(UNSEEN.values()) if not c.isprintable() and c not in "\n"}
    assert sorted(ascii(c) for c in held & set(text) - {"\u200d", "\u200c"}) == []
