"""Reading titles and artist names in bulk, against reading them one by one in the same run."""

import random
import time
import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mining.artist_facts import artist_keys
from mining.artists import is_compilation, is_cover_act, name_keys
from mining.lexicon import Lexicon
from mining.title_facts import title_facts
from mining.title_notes import NOTED, SEPARATOR, notes
from mining.titles import ParsedTitle, parse_title

_NUM_TITLES = 50_000
_SYLLABLES = ("ka", "lo", "mer", "ti", "sun", "ra", "vel", "no", "shi", "bel", "dor", "é", "an", "gla", "wu", "pe")
_TAGS = (" (Radio Edit)", " - Remastered 2011", " (Instrumental)", " [Live]", " - Acoustic Version", " (Extended Mix)",
         " - Original Mix", " (Karaoke Version)", " - Live at {}", " (feat. {})", " feat. {}", " ({} Remix)",
         " - {} Remix", " ({})", ", Pt. 2", " (feat. {}) [{} Remix]")  # fmt: skip


def _names(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)

    def word() -> str:
        return "".join(rng.choices(_SYLLABLES, k=rng.randint(1, 3))).capitalize()

    return [" ".join(word() for _ in range(rng.randint(1, 4))) for _ in range(count)]


def _titles(share_tagged: float) -> pl.Series:
    rng = random.Random(1)
    names, guests = _names(_NUM_TITLES, 2), _names(1000, 3)
    tails = [rng.choice(_TAGS).format(*rng.choices(guests, k=2)) if rng.random() < share_tagged else "" for _ in names]
    return pl.Series([name + tail for name, tail in zip(names, tails, strict=True)]).unique()


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    result = call()
    return time.process_time() - started, result


def _one_by_one(titles: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    def read(title: str) -> tuple[object, ...]:
        parsed: ParsedTitle = parse_title(title, lexicon)
        return (title, parsed.base, *notes(parsed, lexicon))

    flags = dict.fromkeys(("is_cover", "is_sung"), pl.Boolean)
    schema = {"title": pl.String, "base": pl.String, **dict.fromkeys(NOTED, pl.String), **flags}
    return pl.DataFrame(list(map(read, titles)), schema=schema, orient="row")


def _written(facts: pl.DataFrame) -> pl.DataFrame:
    """Write lists in one string, as notes do."""
    lists = (pl.col(name).list.join(SEPARATOR) for name in ("aliases", "languages", "guests", "origins"))
    return facts.with_columns(lists).select("title", "base", *NOTED, "is_cover", "is_sung")


@pytest.mark.bench
@pytest.mark.parametrize(
    ("what", "share_tagged"), [("plain titles", 0.0), ("one in four tagged", 0.25), ("all tagged", 1.0)]
)
def test_titles_in_bulk_against_one_by_one(what: str, share_tagged: float, capsys: pytest.CaptureFixture[str]) -> None:
    titles = _titles(share_tagged)
    lexicons = _lexicon(), _lexicon()  # nothing that one reading keeps serves the other
    bulk_s, bulk = _timed(lambda: title_facts(titles, lexicons[0]))
    single_s, single = _timed(lambda: _one_by_one(titles, lexicons[1]))
    with capsys.disabled():
        _show(what, bulk_s / len(titles), single_s / len(titles))
    assert_frame_equal(_written(bulk).sort("title"), single.sort("title"))


@pytest.mark.bench
def test_names_in_bulk_against_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    lexicon, names = _lexicon(), pl.Series(_names(_NUM_TITLES, 4)).unique()
    bulk_s, bulk = _timed(lambda: artist_keys(names, lexicon))
    single_s, rows = _timed(
        lambda: [
            (name, key, is_cover_act(name, lexicon), is_compilation(name, lexicon))
            for name in names
            for key in name_keys(name, lexicon) or (None,)
        ]
    )
    with capsys.disabled():
        _show("artist names", bulk_s / len(names), single_s / len(names))
    single = pl.DataFrame(rows, schema=bulk.schema, orient="row")
    assert_frame_equal(bulk.sort("name", "key"), single.sort("name", "key"))


def _show(what: str, bulk_s: float, single_s: float) -> None:
    print(f"\n{what}: in bulk {bulk_s * 1e6:.2f} µs each (CPU), one by one {single_s * 1e6:.1f} µs, "  # noqa: T201
          f"ratio {single_s / bulk_s:.1f}")  # fmt: skip


def _lexicon() -> Lexicon:
    return Lexicon.from_table(
        tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    )
