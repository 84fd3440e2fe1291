"""The site as built: no warning, no request, no link that leads nowhere, formulas that are drawn."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import DOCS

pytestmark = pytest.mark.slow

# What a browser asks for by itself; a link is followed by a person.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
IDLE_LINKS = {"next", "prev", "search", "index", "canonical"}


class Page(HTMLParser):
    """What a page loads, where its links lead, and the anchors that it has.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if found.get(LOADED.get(tag, ""), "") and found.get("rel") not in IDLE_LINKS:
            self.loads.append(found[LOADED[tag]])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_document_is_a_page(site: Path) -> None:
    for path in DOCS.rglob("*.md"):
        inside = path.relative_to(DOCS)
        if inside.parts[0] != "_build":
            assert (site / inside).with_suffix(".html").is_file(), inside


def test_no_page_asks_the_network(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 40
    for path, page in pages.items():
        outside = [url for url in page.loads if urlsplit(url).scheme or url.startswith("//")]
        assert not outside, f"{path.name}: {outside}"
        for url in page.loads:
            assert (path.parent / unquote(urlsplit(url).path)).is_file(), f"{path.name}: {url}"
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", text), style.name


def test_links_lead_somewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if url.fragment and target in pages:
                assert unquote(url.fragment) in pages[target].anchors, f"{path.name}: {link}"


def test_formulas_are_mathml(site: Path) -> None:
    for name in ("scores", "comparisons", "audit"):
        source = (DOCS / f"methods/{name}.md").read_text(encoding="utf-8")
        html = (site / f"methods/{name}.html").read_text(encoding="utf-8")
        assert html.count('<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"') == (
            source.count("\n$$")
        )
        assert "$" not in re.sub(r"<(math|pre|script).*?</\1>", "", html, flags=re.DOTALL)


def test_the_reference_holds_what_the_code_has(site: Path) -> None:
    import workbench.stats
    from workbench.cli import app

    commands = (site / "_generated/commands.html").read_text(encoding="utf-8")
    assert all(option in commands for option in ("--retry-failed", "K/N", "ipynb,html,pdf"))
    assert "bound method" not in commands
    for command in app.registered_commands:
        assert f"workbench {command.name or command.callback.__name__}" in commands
    stats = (site / "_generated/python/workbench.stats.html").read_text(encoding="utf-8")
    assert all(f'id="workbench.stats.{name}"' in stats for name in ("two_groups", "funnel"))
    assert all(name in stats for name in workbench.stats.__all__)
