"""The site of a nation in a browser: how large it is, how soon it opens, how long a sort takes.

    python benchmarks/site.py DIR [--boundaries FILE --code PROPERTY]

``made_up_nation.py DIR`` makes the nation. Its site is drawn without rendering a report, with links
as if each had three, and driven in Chromium. Times are medians over several clicks, from the click
until all rows are laid out, at the speed of this machine and slowed down four times, as phones are;
the first click, which puts the column in order, stands beside. Rows beyond the first hundred are
shown on request; sorting is timed before and after.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from workbench.runs.files import write_whole
from workbench.runs.listing import make_listing
from workbench.runs.plan import make_plan
from workbench.site.content import make_site
from workbench.site.pages import site_files
from workbench.specs.rendering import Boundaries
from workbench.study import Study

CLICKS = 9
CHROMIUM = "/usr/bin/chromium"
FORMS = {"HTML": "html", "PDF": "pdf", "IPYNB": "ipynb"}
# Until the rows stand in their new places; the screen shows them when its next frame is due.
SORT = """head => {
    const from = performance.now();
    head.click();
    document.body.offsetHeight;
    return performance.now() - from;
}"""
SEARCH = """text => {
    const box = document.getElementById('q'), from = performance.now();
    box.value = text;
    box.dispatchEvent(new Event('input'));
    document.body.offsetHeight;
    return performance.now() - from;
}"""


def draw(study: Study, run: Path) -> dict[str, int]:
    """Write the site of a study and return the sizes of its files; print how long it took."""
    study.scores  # noqa: B018  # what follows is the site alone
    start = time.perf_counter()
    site = make_site(study, "0" * 16)
    frozen = time.perf_counter()
    some = make_plan(study, units=[study.observed_units()[0]], formats=("html",), out=run)
    head = make_listing(some).head
    reports = {
        row["code"]: [{"title": "", "reason": "", "links": [
            (name, f"reports/{row['code']}/report.{form}") for name, form in FORMS.items()
        ]}]
        for row in site.table["rows"]
    }  # fmt: skip
    drawn = time.perf_counter()
    files = site_files(site, head, reports)
    print(f"content {frozen - start:.1f} s, pages and files {time.perf_counter() - drawn:.1f} s")
    for path, content in files.items():
        write_whole(run / path, content)
    for path, content in files.items():
        zipped = len(gzip.compress(content)) / 1e3
        print(f"{path:24}{len(content) / 1e3:9,.0f} kB{zipped:9,.0f} kB zipped")
    return {path: len(content) for path, content in files.items()}


def clicks(page: Page) -> dict[str, float]:
    """Return the median time of sorting by each column, and of searching, in milliseconds."""
    found = {}
    for head in page.locator("#reports thead button").all():
        handle = head.element_handle()
        times = [float(page.evaluate(SORT, handle)) for _ in range(CLICKS)]
        found[head.inner_text()] = statistics.median(times)
        found[f"{head.inner_text()}, first"] = times[0]
    times = [float(page.evaluate(SEARCH, text)) for text in ("san", "sa", "s", "santa", "")]
    found["search"] = statistics.median(times)
    return found


def said(times: dict[str, float]) -> str:
    """Return times in words."""
    return ", ".join(f"{name} {time:.0f}" for name, time in times.items())


def main() -> None:
    """Draw the site and drive it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--study", default="params/nacion-ejemplo.yml")
    parser.add_argument("--boundaries", help="file of boundaries, as a study names it")
    parser.add_argument("--code", default="id", help="property of the boundaries with the code")
    given = parser.parse_args()
    study = Study.open(given.project / given.study)
    if given.boundaries:
        areas = Boundaries(file=given.boundaries, code=given.code)
        study.spec = study.spec.model_copy(update={"boundaries": areas})
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder, sync_playwright() as driver:
        run = Path(folder) / "run"
        sizes = draw(study, run)
        print(f"in all {len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for slower in (1, 4):
            for name in sizes:
                if not name.endswith(".html"):
                    continue
                page = browser.new_page(
                    viewport={"width": 390 if slower > 1 else 1280, "height": 844}
                )
                session = page.context.new_cdp_session(page)
                session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
                page.goto((run / name).as_uri())
                opened = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
                told = f"{name}: opens in {opened:.0f} ms"
                if name == "index.html":
                    told += f"; ms a sort: {said(clicks(page))}"
                    if page.locator("#more").is_visible():
                        page.locator("#more").click()
                        told += f"; all rows shown: {said(clicks(page))}"
                print(f"{'phone, four times slower' if slower > 1 else 'this machine'}: {told}")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
