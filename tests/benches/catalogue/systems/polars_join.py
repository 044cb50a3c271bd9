"""The matching rule as first written down, as a plain join: any shared artist, "instrumental" in one title only.

Titles are compared with rapidfuzz's token_set_ratio, durations must be less than a second apart. Runs without mixminus.
"""

import sys
from pathlib import Path

import polars as pl
from rapidfuzz import fuzz, process

_MARKED = r"(?i)instrumental|karaoke|backing track|off vocal|sing.?along|accompaniment|minus one"
_MIN_RATIO = 90.0
_MAX_DIFFERENCE_S = 1.0


def main(catalogue: Path, out: Path) -> None:
    """Write the pairs that the rule finds."""
    tracks = (
        pl.scan_parquet(catalogue)
        .filter(~pl.col("opt_out"))
        .select("track_id", "title", "artists", "duration_s")
        .explode("artists")
        .with_columns(artist=pl.col("artists").str.to_lowercase(), marked=pl.col("title").str.contains(_MARKED))
        .collect()
    )
    marked, plain = tracks.filter("marked"), tracks.filter(~pl.col("marked"))
    pairs = marked.join(plain, on="artist", suffix="_o").filter(
        (pl.col("duration_s") - pl.col("duration_s_o")).abs() < _MAX_DIFFERENCE_S
    )
    bare = pl.col("title").str.replace_all(_MARKED, "").str.to_lowercase()
    pairs = pairs.with_columns(title=bare, title_o=pl.col("title_o").str.to_lowercase())
    ratios = process.cpdist(
        pairs["title"].to_list(), pairs["title_o"].to_list(), scorer=fuzz.token_set_ratio, workers=2
    )
    found = pairs.filter(pl.Series(ratios) >= _MIN_RATIO)
    found.select(original_id="track_id_o", counterpart_id="track_id").unique().write_parquet(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
