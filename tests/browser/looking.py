"""Pages as people meet them: what axe says of them, what a keyboard reaches, what runs off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

WIDTHS = (320, 1280)
SCHEMES = ("light", "dark")
# Axe can't tell a colour over a gradient, nor see what is not laid out: the shadows that say that a
# table scrolls have the colour of the paper under its letters, and rows out of sight are like others.
SEEN = """
.workbench .scroll { background-image: none !important }
#reports tbody tr, .workbench main > :is(.scroll, figure) { content-visibility: visible !important }
"""
# Nor what lies under the letters of a drawing: they are dark on its paper, which other tests see to.
DRAWN = ("<text", "<tspan")
OPEN = "document.querySelectorAll('details').forEach(d => { d.open = true })"
# Where the keyboard should lead, in the order of the page.
STOPS = """() => [...document.querySelectorAll(
    'a[href], button, input, select, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility() && !e.disabled).map((e, i) => { e.dataset.stop = i; return i })"""
FOCUS = """() => {
    const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
    return {stop: e.dataset.stop === undefined ? null : Number(e.dataset.stop),
            seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
            inside: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
            what: e.outerHTML.slice(0, 120)};
}"""
WIDE = """() => [document.documentElement.scrollWidth > innerWidth ? 'the page' : '',
    ...[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1
        && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
        && !(e.tabIndex === 0 && e.ariaLabel)).map(e => e.outerHTML.slice(0, 120))].filter(Boolean)"""


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1280, **options: Any) -> Iterator[Page]:
    """Open a file, and see that it asks for nothing and complains of nothing."""
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda r: said.append(r.url) if not r.url.startswith(("file:", "data:")) else None,
    )
    page.goto(path.as_uri())
    yield page
    page.close()
    assert said == []


def laid_out(page: Page) -> None:
    """Open what is folded, and have all of a page laid out."""
    page.add_style_tag(content=SEEN)
    page.evaluate(OPEN)


def faults(page: Page) -> list[str]:
    """Return what axe calls a violation, and what it could not decide, at every width and scheme."""
    laid_out(page)
    found = []
    # A page that says nothing of dark screens has the colours of light ones there.
    schemes = SCHEMES if "prefers-color-scheme" in page.content() else SCHEMES[:1]
    for width in WIDTHS:
        for scheme in schemes:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            told = Axe().run(page).response
            for kind in ("violations", "incomplete"):
                found += [
                    f"{width} {scheme} {kind} {rule['id']}: {node['html'][:120]}"
                    for rule in told[kind]
                    for node in rule["nodes"]
                    if kind == "violations" or not _beyond(node)
                ]
    return found


def _beyond(node: dict[str, Any]) -> bool:
    """Return whether axe can't decide of a node: a drawing, or a line said to lie under its holder."""
    keys = {(check["data"] or {}).get("messageKey") for check in node["any"]}
    return node["html"].startswith(DRAWN) or keys == {"elmPartiallyObscured"}


LOOKS = 40  # of 50 ms: two seconds, for a machine that is busy


def tabbed(page: Page) -> list[str]:
    """Return what is wrong where the tabulator leads through the page and out of it again."""
    stops = page.evaluate(STOPS)
    found, reached = [], []
    for _ in stops:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        for _ in range(LOOKS):  # a page scrolls to what has the focus a moment later
            if at["inside"]:
                break
            page.wait_for_timeout(50)
            at = page.evaluate(FOCUS)
        reached.append(at["stop"])
        if not at["seen"]:
            found.append(f"focus is not seen: {at['what']}")
        if not at["inside"]:
            found.append(f"focus is off the screen: {at['what']}")
    if reached != stops:
        found.append(f"reached {reached} of {stops}")
    return found
