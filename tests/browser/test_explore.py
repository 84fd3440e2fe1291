"""The explorer in JupyterLab 4, in a real browser: what a person does, and what they see."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from workbench.study import Study

pytestmark = pytest.mark.slow

TOKEN = "explore-test"
WAIT = 120_000  # milliseconds: a kernel starts, imports and draws on a busy machine
NEWS = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}'


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the example that is explored."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("params", "notebooks", "data/instruments", "data/cases", "outputs"):
        (folder / name).mkdir(parents=True)
    for name in ("params/certeza-ejemplo.yml", "data/instruments/certeza-ejemplo.yml",
                 "notebooks/explore.ipynb", "notebooks/index.ipynb"):  # fmt: skip
        shutil.copyfile(root / name, folder / name)
    shutil.copytree(root / "data/cases/certeza-ejemplo", folder / "data/cases/certeza-ejemplo")
    return folder


@pytest.fixture(scope="module")
def lab(root: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab that serves the project, and knows nothing of the person's own."""
    home = tmp_path_factory.mktemp("home")
    overrides = home / "settings" / "overrides.json"
    overrides.parent.mkdir()
    overrides.write_text(NEWS, encoding="utf-8")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {
        **os.environ,
        "HOME": str(home),
        "PYTHONPATH": str(root),
        **{f"JUPYTER_{x}_DIR": str(home / x.lower()) for x in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "user-settings"),
    }
    options = {
        "ServerApp.root_dir": project, "ServerApp.port": port, "ServerApp.port_retries": 0,
        "ServerApp.ip": "127.0.0.1", "IdentityProvider.token": TOKEN, "ServerApp.open_browser": False,
        "ServerApp.allow_root": True, "LabApp.app_settings_dir": overrides.parent,
    }  # fmt: skip
    told = (home / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())],
        env=env, stdout=told, stderr=told, cwd=project,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={TOKEN}", server)
        yield address
    finally:
        server.terminate()
        server.wait(30)
        told.close()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "JupyterLab did not start"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("JupyterLab did not answer")


@pytest.fixture(scope="module")
def page(browser: Browser, lab: str) -> Iterator[Page]:
    found = browser.new_page(viewport={"width": 1280, "height": 1500})
    outside: list[str] = []
    found.on("request", lambda r: outside.append(r.url))
    found.goto(f"{lab}/lab/tree/notebooks/explore.ipynb?token={TOKEN}")
    found.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=WAIT)
    # Asked to run before there is a kernel, JupyterLab asks back which one.
    found.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for(timeout=WAIT)
    found.get_by_role("menuitem", name="Run", exact=True).click()
    found.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    shown = found.locator(".workbench-explorer .dt-container tbody tr td").first
    try:
        shown.wait_for(timeout=WAIT)
    finally:
        shot(found, "explore-run")
    yield found
    away = [
        u for u in outside if not u.startswith((lab, lab.replace("http", "ws"), "data:", "blob:"))
    ]
    assert away == []
    found.close()


def shot(page: Page, name: str) -> None:
    """Keep a picture where the variable WORKBENCH_SHOTS names a folder."""
    folder = os.environ.get("WORKBENCH_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def first_rows(page: Page, n: int = 6) -> list[str]:
    rows = page.locator(".workbench-explorer .dt-container tbody tr")
    return [rows.nth(i).inner_text() for i in range(n)]


def test_a_weight_moved_moves_places_with_their_range(page: Page) -> None:
    before = first_rows(page)
    shot(page, "explore-start")
    handle = page.locator(".workbench-controls .noUi-handle").nth(1)
    handle.focus()
    handle.press("End")
    moved = page.locator(".workbench-explorer .workbench p", has_text=re.compile(r"\(\d+–\d+\)"))
    expect(moved.first).to_be_visible(timeout=WAIT)
    expect(page.locator(".workbench-explorer .dt-container tbody tr").first).not_to_have_text(
        before[0], timeout=WAIT
    )
    after = first_rows(page)
    assert after != before
    filters = page.locator(".workbench-explorer .dt-container tfoot input")
    heads = [filters.nth(i).get_attribute("placeholder") for i in range(filters.count())]
    place = heads.index("Lugar")
    assert heads[place + 1 : place + 3] == ["en el mejor caso", "en el peor caso"]
    shot(page, "explore-moved")


def test_a_click_opens_a_profile_and_a_second_one_stands_beside(page: Page) -> None:
    rows = page.locator(".workbench-explorer .dt-container tbody tr")
    name = rows.nth(0).locator("td").first.inner_text()
    other = rows.nth(2).locator("td").first.inner_text()
    rows.nth(0).locator("td").first.click()
    heading = page.locator(".workbench-explorer .workbench h2", has_text=name)
    expect(heading.first).to_be_visible(timeout=WAIT)
    shot(page, "explore-profile")
    rows.nth(2).locator("td").first.click(modifiers=["Control"])
    both = page.locator(".workbench-explorer .workbench h2", has_text=other)
    expect(both.first).to_contain_text(name, timeout=WAIT)
    shot(page, "explore-pair")


def test_the_choice_is_saved_and_never_written_over_unasked(page: Page, project: Path) -> None:
    target = project / "params/mi-eleccion.yml"
    page.get_by_label("Nombre", exact=True).fill("mi-eleccion")
    save = page.get_by_role("button", name="Guardar mi elección")
    save.click()
    expect(page.locator(".workbench-saved")).to_contain_text("params/mi-eleccion.yml", timeout=WAIT)
    study = Study.open(target)
    assert study.spec.choices.weights["total"]["personal"] == 100
    best = study.scores.wide("2025")["total"].idxmax()
    assert study.names[best] in first_rows(page, 1)[0]
    written = target.read_bytes()
    save.click()
    expect(page.locator(".workbench-refused")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Sobrescribir")).to_be_visible()
    assert target.read_bytes() == written
    shot(page, "explore-saved")
