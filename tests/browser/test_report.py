"""The audit report in a real browser: nothing runs, nothing is fetched, pictures show and clips play."""

import io
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray

from evaluation.report import build_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on PATH (apt install chromium)")


@pytest.fixture(scope="module")
def report(fake_run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "report.html"
    scores = pl.DataFrame({"target": ["vocals"], "system": ["<b>bold</b>"], "songs": [3], "usdr": [1.5]})
    build_report(str(fake_run.path), out, examples=60, audio=_first_clips(fake_run.clips, 6), scores=scores)
    return out


def _first_clips(clips, count: int):
    """Sound for the first pairs only, so that the page stays small."""
    heard: list[str] = []

    def limited(original_id: str, counterpart_id: str):
        heard.append(original_id)
        return clips(original_id, counterpart_id) if len(heard) <= count else None

    return limited


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


class Visit:
    """An open report, and what the browser complained of and asked for."""

    def __init__(self, browser, report: Path, **options) -> None:
        self.page = browser.new_page(**options)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda r: None if r.url.startswith("data:") else self.requests.append(r.url))
        self.page.goto(report.as_uri())


@pytest.fixture
def visit(browser, report: Path) -> Iterator[Visit]:
    opened = Visit(browser, report)
    yield opened
    opened.page.close()


def test_hostile_titles_stay_text(visit: Visit) -> None:
    assert visit.page.title() == "nightly-run – mixminus audit"
    assert visit.page.evaluate("document.scripts.length") == 0
    assert visit.page.locator("img[src='x']").count() == 0
    assert visit.page.locator("h3", has_text="<script>document.title").count() >= 1
    assert visit.page.locator("td", has_text="<b>bold</b>").count() == 1


def test_nothing_is_fetched_and_nothing_complains(visit: Visit) -> None:
    visit.page.wait_for_load_state("networkidle")
    assert visit.requests == [visit.page.url]
    assert visit.complaints == []


def test_pictures_show_and_clips_play(visit: Visit) -> None:
    page = visit.page
    assert page.locator("figure svg").count() >= 8
    pictures = page.locator(".sounds img")
    assert pictures.count() == page.locator("audio").count() >= 15
    widths = page.evaluate(
        """Promise.all([...document.images].map(
             i => { i.loading = 'eager'; return i.decode().then(() => i.naturalWidth) }))"""
    )
    assert min(widths) > 20
    durations = page.evaluate(
        """Promise.all([...document.querySelectorAll('audio')].slice(0, 6).map(a => new Promise((done, fail) => {
             a.onloadedmetadata = () => done(a.duration); a.onerror = () => fail(a.error.message);
             a.preload = 'metadata'; a.load(); })))"""
    )
    assert all(1 < duration <= 8 for duration in durations)
    assert visit.complaints == []


def test_every_picture_and_player_is_named(visit: Visit) -> None:
    unnamed = visit.page.evaluate(
        """[...document.querySelectorAll('img, audio, svg[role=img], [role=region]')]
             .filter(e => !(e.alt || e.getAttribute('aria-label'))).length"""
    )
    assert unnamed == 0
    levels = visit.page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def picture_of(browser, report: Path, **options) -> NDArray[np.float32]:
    opened = Visit(browser, report, **options)
    content = opened.page.screenshot(full_page=False)
    opened.page.close()
    picture: NDArray[np.float32] = imread(io.BytesIO(content), format="png")
    return picture


def test_light_and_dark_are_drawn_and_differ(browser, report: Path) -> None:
    light = picture_of(browser, report, color_scheme="light")
    dark = picture_of(browser, report, color_scheme="dark")
    for picture in (light, dark):
        assert len(np.unique(np.round(picture[..., :3] * 255).astype(int).reshape(-1, 3), axis=0)) > 50
    assert light[..., :3].mean() > 0.8
    assert dark[..., :3].mean() < 0.3


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_sideways_scrolling(browser, report: Path, width: int) -> None:
    opened = Visit(browser, report, viewport={"width": width, "height": 800})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.close()


def test_text_has_contrast(browser, report: Path) -> None:
    """WCAG AA asks for 4.5 to 1."""
    measure = """() => {
      const part = x => (x /= 255) <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
      const luminance = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(part);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b };
      const behind = e => { for (; e; e = e.parentElement) {
        const colour = getComputedStyle(e).backgroundColor;
        if (!colour.startsWith('rgba(0, 0, 0, 0')) return colour }
        return 'rgb(255, 255, 255)' };
      const text = 'p, dt, dd, th, td, h1, h2, h3, li, caption, .counts, .stage-name span';
      return [...document.querySelectorAll(text)].map(e => {
        const [low, high] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((a, b) => a - b);
        return [(high + 0.05) / (low + 0.05), e.tagName + '.' + e.className] })
        .sort((a, b) => a[0] - b[0])[0] }"""
    for scheme in ("light", "dark"):
        opened = Visit(browser, report, color_scheme=scheme)
        contrast, where = opened.page.evaluate(measure)
        opened.page.close()
        assert contrast >= 4.5, f"{where} in {scheme}: {contrast:.2f}"
