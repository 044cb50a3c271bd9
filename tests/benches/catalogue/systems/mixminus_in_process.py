"""mixminus as a library: the catalogue in memory, `propose` over all of it."""

import sys
from pathlib import Path

import polars as pl

from mining.candidates import CandidateRules, propose
from mining.lexicon import Lexicon
from pipeline.config import TitleSettings, lexicon_table


def main(catalogue: Path, out: Path) -> None:
    """Write the kept instrumental pairs of a catalogue."""
    columns = ("track_id", "title", "artists", "artist_ids", "album", "explicit", "duration_s")
    tracks = pl.scan_parquet(catalogue).filter(~pl.col("opt_out")).select(columns).collect()
    lexicon = Lexicon.from_table(lexicon_table(TitleSettings()))
    kept = propose(tracks, lexicon, CandidateRules()).candidates.filter(
        (pl.col("outcome") == "kept") & (pl.col("kind") == "instrumental")
    )
    kept.select("original_id", "counterpart_id").write_parquet(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
