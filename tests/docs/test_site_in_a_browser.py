"""The documentation in a browser: it loads files alone, axe finds nothing, and a phone shows it all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

PHONE, DESK = 390, 1200
NAMES = ("index", "tutorial", "methods/comparisons", "_generated/study", "how-to/compare")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("width", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
)
def test_a_page_serves_everybody(
    browser: Browser, site: Path, name: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    asked: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.as_uri()}/{name}.html")
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    wide: Any = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:2]]) for v in found] == []
    context.close()


def test_search_answers_without_a_server(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto(f"{site.as_uri()}/search.html?q=roadmap")
    page.wait_for_selector("ul.search li a", timeout=20_000)
    assert page.locator("ul.search li a").count() > 1
    page.close()
