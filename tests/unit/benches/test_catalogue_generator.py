"""The generated catalogue of the catalogue benchmark keeps what it promises: shares, skew, and a truth that holds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from data_manifests.schemas import CATALOG
from data_manifests.tables import polars_schema
from tests.benches.catalogue.artists import EXPONENT, ArtistPool
from tests.benches.catalogue.generator import write_catalogue
from tests.benches.catalogue.plan import KINDS
from tests.benches.catalogue.score import score
from tests.benches.catalogue.words import vocabulary

NUM_ROWS = 50_000
_MARKER = (
    r"(?i)(^|[ (\[-])(instrumental|inst\.|karaoke|backing track|off vocal|sing[ -]along|accompaniment|minus one"
    r"|インスト|인스트|伴奏|инструментал)( version| mix| ver\.-)?[)\]]?$"
)
_TRAPS = ["karaoke queen", "instrumental hygiene", "etudes instrumentales", "backing track blues"]


@dataclass(frozen=True)
class Generated:
    tracks: pl.DataFrame
    truth: pl.DataFrame

    @property
    def pairs(self) -> pl.DataFrame:
        """True pairs with the rows of both tracks; the original's columns end in `_o`."""
        both = self.truth.join(self.tracks, left_on="counterpart_id", right_on="track_id")
        return both.join(self.tracks, left_on="original_id", right_on="track_id", suffix="_o")


def _generate(folder: Path, seed: int, num_rows: int = NUM_ROWS) -> Generated:
    write_catalogue(folder / "catalogue.parquet", folder / "truth.parquet", num_rows, seed, block_rows=20_000)
    return Generated(pl.read_parquet(folder / "catalogue.parquet"), pl.read_parquet(folder / "truth.parquet"))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return _generate(tmp_path_factory.mktemp("catalogue"), seed=0)


def test_same_seed_same_catalogue(generated: Generated, tmp_path: Path) -> None:
    again = _generate(tmp_path, seed=0)
    assert again.tracks.equals(generated.tracks)
    assert again.truth.equals(generated.truth)


def test_other_seed_other_catalogue(generated: Generated, tmp_path: Path) -> None:
    other = _generate(tmp_path, seed=1)
    assert not set(other.tracks["track_id"]) & set(generated.tracks["track_id"])
    assert other.tracks["title"].is_in(generated.tracks["title"].unique().implode()).mean() < 0.4


def test_columns_are_those_of_the_catalogues_contract(generated: Generated) -> None:
    contract = polars_schema(CATALOG)
    assert {name: dtype for name, dtype in generated.tracks.schema.items() if contract[name] != dtype} == {}
    assert generated.tracks.height == NUM_ROWS == generated.tracks["track_id"].n_unique()
    assert not generated.tracks.select("title", "artists", "duration_s").null_count().sum_horizontal().item()
    assert generated.tracks["artist_ids"].is_not_null().mean() == pytest.approx(0.85, abs=0.01)
    assert generated.tracks["title"].str.contains(r"^\P{Latin}").mean() == pytest.approx(0.15, abs=0.02)


def _marked(tracks: pl.DataFrame) -> pl.DataFrame:
    return tracks.filter(pl.col("title").str.contains(_MARKER) & ~pl.col("title").str.to_lowercase().is_in(_TRAPS))


def test_share_of_marked_titles_and_their_kinds(generated: Generated) -> None:
    marked = _marked(generated.tracks)
    assert marked.height / NUM_ROWS == pytest.approx(0.011, rel=0.03)
    titles = marked["title"].str.to_lowercase()
    for kind in ("karaoke", "backing track", "off vocal"):
        share = titles.str.contains(kind, literal=True).mean()
        assert share == pytest.approx(KINDS[kind] / sum(KINDS.values()), abs=0.04), kind


def test_a_third_of_the_marked_has_an_original_and_more_than_half_of_these_on_its_album(generated: Generated) -> None:
    counterparts = generated.truth.filter("expected")["counterpart_id"].unique()
    assert len(counterparts) / _marked(generated.tracks).height == pytest.approx(0.34, abs=0.02)
    same = generated.pairs.with_columns(same=pl.col("album") == pl.col("album_o"))
    by_counterpart = same.group_by("counterpart_id").agg(pl.col("same").any())
    assert by_counterpart["same"].mean() == pytest.approx(0.57, abs=0.08)


def test_three_editions_of_a_recording_some_milliseconds_apart(generated: Generated) -> None:
    originals = generated.pairs.unique(["recording", "original_id"]).group_by("recording").agg(
        pl.len(),
        spread=pl.col("duration_s_o").max() - pl.col("duration_s_o").min(),
        albums=pl.col("album_o").n_unique(),
    )  # fmt: skip
    assert originals["len"].mean() == pytest.approx(3.0, abs=0.4)
    assert 0 < originals.filter(pl.col("len") > 1)["spread"].mean() < 0.025
    assert originals["albums"].mean() > 2


def test_various_artists_and_opt_outs(generated: Generated) -> None:
    various = generated.tracks["artists"].list.first() == "Various Artists"
    assert various.mean() == pytest.approx(0.01, rel=0.01)
    assert generated.tracks["opt_out"].mean() == pytest.approx(0.0005, rel=0.05)


def test_artists_follow_the_power_law() -> None:
    pool = ArtistPool.for_rows(3_000_000, vocabulary())
    drawn = np.bincount(pool.draw(np.random.default_rng(0), 1_000_000), minlength=pool.num_artists)
    ranks = np.arange(pool.num_artists)
    octaves = [(2**k - 1, 2 ** (k + 1) - 1) for k in range(2, 16)]
    mean_size = [drawn[low:high].mean() for low, high in octaves]
    mean_rank = [np.sqrt((ranks[low] + 1) * (ranks[high - 1] + 2)) for low, high in octaves]
    slope = np.polyfit(np.log(mean_rank), np.log(mean_size), 1)[0]
    assert slope == pytest.approx(-EXPONENT, abs=0.03)


def test_karaoke_acts_hold_most_karaoke_of_others_songs(generated: Generated) -> None:
    acts = generated.tracks.filter(pl.col("artists").list.first().str.contains("Karaoke"))
    names = acts["artists"].list.first().value_counts()
    assert names.height <= 4
    assert acts.height / NUM_ROWS == pytest.approx(0.011 * 0.66 * 0.55 * 0.19 * 0.9, rel=0.4)
    assert not set(acts["track_id"]) & set(generated.truth["counterpart_id"])


def test_truth_is_of_one_song_by_a_shared_artist_within_a_second(generated: Generated) -> None:
    pairs = generated.pairs
    assert pairs.height == generated.truth.height
    assert (pairs["duration_difference_s"].abs() < 1).all()
    difference = (pairs["duration_s"] - pairs["duration_s_o"] - pairs["duration_difference_s"]).abs()
    assert difference.max() < 1e-9
    expected = pairs.filter("expected")
    assert not (expected["opt_out"] | expected["opt_out_o"]).any()
    names, ids = (
        expected.select(
            pl.col(column).list.set_intersection(f"{column}_o").list.len().fill_null(0)
        ).to_series() > 0 for column in ("artists", "artist_ids")
    )  # fmt: skip
    assert (names | ids).mean() > 0.98
    assert names.mean() == pytest.approx(0.97, abs=0.03)
    bare = [
        pairs[column].str.to_lowercase().str.replace(r"[(\[,-].*| instrumental$", "").str.strip_chars()
        for column in ("title", "title_o")
    ]
    assert (bare[0] == bare[1]).mean() > 0.97


def test_opted_out_tracks_are_not_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benches.catalogue.plan.OPT_OUT_SHARE", 0.5)
    pairs = _generate(tmp_path, seed=0, num_rows=20_000).pairs
    usable = ~(pairs["opt_out"] | pairs["opt_out_o"])
    various = [pairs[column].list.first() == "Various Artists" for column in ("artists", "artists_o")]
    assert 0 < usable.sum() < pairs.height
    assert pairs["expected"].equals(usable & ~(various[0] | various[1]))


def test_marked_titles_outside_the_truth_have_no_original_within_a_second(generated: Generated) -> None:
    """Whatever else shares artist, bare title and length with a marked title is a coincidence, or another version."""
    paired = generated.truth["counterpart_id"].unique()
    bare = pl.col("title").str.to_lowercase().str.replace(r" \[[^\]]*\]$| \([^)]*\)$| instrumental$| - [a-z ]*$", "")
    tracks = generated.tracks.with_columns(bare=bare, artist=pl.col("artists").list.first())
    marked = tracks.filter(
        pl.col("track_id").is_in(_marked(tracks)["track_id"].implode()), ~pl.col("track_id").is_in(paired.implode())
    )
    met = marked.join(
        tracks, left_on=["artist", "bare"], right_on=["artist", pl.col("title").str.to_lowercase()], suffix="_o"
    )
    near = met.filter((pl.col("duration_s") - pl.col("duration_s_o")).abs() < 1)
    assert near["track_id"].n_unique() <= 0.03 * marked.height


def test_too_small_a_catalogue_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a block of 500 tracks"):
        write_catalogue(tmp_path / "c.parquet", tmp_path / "t.parquet", 500, seed=0)


def test_score_counts_pairs_for_precision_and_marked_tracks_for_recall() -> None:
    truth = pl.DataFrame(
        {
            "counterpart_id": ["i1", "i1", "i2", "i3"],
            "original_id": ["a", "b", "c", "d"],
            "expected": [True, True, True, False],
        }
    )
    found = pl.DataFrame({"original_id": ["a", "a", "d", "z"], "counterpart_id": ["i1", "i1", "i3", "i2"]})
    result = score(found, truth)
    assert (result.num_pairs, result.precision, result.recall) == (3, 2 / 3, 1 / 2)
