"""How soon a municipality's report opens on a phone: Chromium, a slow processor, a slow network.

    python benchmarks/pages.py

Reports of shipped studies are drawn without kernels and opened in Chromium as a phone has it: 390
points wide, a processor four times slower than this one, and either the file on the phone itself or
a server behind *slow 4G* (1.6 Mbit/s, 150 ms there and back), which packs pages as servers do. An
empty page opened in the same turns is the floor: what is above it is the report's own. A machine
that is busy makes both slower; processor time is what the page itself took.
"""

from __future__ import annotations

import argparse
import gzip
import http.server
import re
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, sync_playwright

from workbench.reports.html import render_html
from workbench.study import Study

ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"
TURNS = 7
SLOWER = 4
SLOW_4G = {
    "offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8,
    "uploadThroughput": 750_000 / 8,
}  # fmt: skip
EMPTY = (
    '<!DOCTYPE html><html lang="es"><meta name="viewport" content="width=device-width">'
    "<title>x</title><p>x</p></html>"
)
REPORTS = {
    "San Luis Potosí, as published": ("gdm-slp-2025", "24032"),
    "example, with every section": ("gdm-ejemplo", "99001"),
    "example with ranges": ("certeza-ejemplo", "96035"),
}
TIMES = """() => new Promise(done => new PerformanceObserver(list => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    done({first: paint.startTime, largest: list.getEntries().at(-1).startTime,
          load: performance.getEntriesByType('navigation')[0].loadEventEnd});
}).observe({type: 'largest-contentful-paint', buffered: true}))"""


def page_of(study: str, unit: str) -> str:
    """Return the report of a municipality as HTML, without running its notebook."""
    view = Study.open(ROOT / f"params/{study}.yml").view(unit)
    module = import_module("workbench.display.municipality")
    source = nbformat.read(ROOT / "notebooks/municipality.ipynb", as_version=4)
    notebook = nbformat.v4.new_notebook()
    for name in re.findall(r"report\.(\w+)\(view\)", "\n".join(c.source for c in source.cells)):
        shown = getattr(module, name)(view)._repr_mimebundle_()
        output = nbformat.v4.new_output("display_data", data=shown)
        notebook.cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
    return render_html(notebook)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve packed pages from this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = folder / self.path.lstrip("/")
            body = gzip.compress(found.read_bytes()) if found.is_file() else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def opened(browser: Browser, address: str) -> dict[str, float]:
    """Return the times of one opening in milliseconds, and the processor's."""
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    session = page.context.new_cdp_session(page)
    for command, options in (
        ("Performance.enable", {}),
        ("Network.enable", {}),
        ("Emulation.setCPUThrottlingRate", {"rate": SLOWER}),
        *([("Network.emulateNetworkConditions", SLOW_4G)] if address.startswith("http") else []),
    ):
        session.send(command, options)
    page.goto(address)
    found: dict[str, float] = page.evaluate(TIMES)
    told = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    # Slowed down, the page's thread sleeps for the rest of the time, which counts as its task.
    found["task"] = told["TaskDuration"] * 1000
    page.context.close()
    return found


def main() -> None:
    """Open every page in turn, several times, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    turns = parser.parse_args().turns
    texts = {"empty page": EMPTY} | {name: page_of(*which) for name, which in REPORTS.items()}
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder, sync_playwright() as driver:
        for index, text in enumerate(texts.values()):
            (Path(folder) / f"{index}.html").write_text(text, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(Path(folder)) as address:
            for place, root in (("file", Path(folder).as_uri()), ("slow 4G", address)):
                times: dict[str, list[dict[str, float]]] = {name: [] for name in texts}
                for _ in range(turns):  # in turn, so that a busy minute meets all alike
                    for index, name in enumerate(texts):
                        times[name].append(opened(browser, f"{root}/{index}.html"))
                floor = times["empty page"]
                for name, some in times.items():
                    whole = texts[name].encode()
                    size, packed = len(whole) / 1e3, len(gzip.compress(whole)) / 1e3
                    said = f"{place:8}{name:32}{size:5.0f} kB, packed {packed:4.0f}"
                    for kind in ("first", "largest", "load", "task"):
                        middle = statistics.median(t[kind] for t in some)
                        least = statistics.median(t[kind] for t in floor)
                        said += f"  {kind} {middle:5.0f} ms ({middle - least:+.0f})"
                    print(said, flush=True)
        browser.close()


if __name__ == "__main__":
    main()
