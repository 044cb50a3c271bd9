"""The choice among pairs that obey the rules: a few alternatives on either side, for the decision after listening.

Streaming catalogues hold a recording three times on average, and a song in several versions. A counterpart keeps a few
originals, best first, and an original a few counterparts of each kind. Of several editions of one recording the best
comes first, then the other recordings, then the editions that stand in for it: no edition takes a recording's place.
"""

import polars as pl

from data_manifests.ids import digest
from mining.candidate_rules import ALTERNATIVES_EXCEEDED, NO_INSTRUMENTAL, OTHER_EDITION, CandidateRules
from mining.components import components
from mining.editions import edition_ids

_BEST_FIRST = {"match_score": True, "o_track_id": False, "c_track_id": False}
"""Order of alternatives; True: higher is better. Ids break ties."""


def choose(judged: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Rank the pairs that obey the rules and turn down what goes beyond the alternatives allowed.

    Parameters
    ----------
    judged
        Pairs of all partitions, each once, as `matching.match` gives them.

    Returns
    -------
    The same pairs with `reason` completed, `rank` (from 1 among the kept alternatives of a counterpart, else null),
    `song_id`, and the editions of both sides. Counterparts that have an original of equal title lose the pairs that
    were only found letter by letter.
    """
    judged = _without_needless_search(judged)
    judged = _without_lone_acapellas(judged, rules)
    passing = _with_editions(judged.filter(pl.col("reason").is_null()))
    ranked = _ranked(passing, rules)
    judged = judged.join(ranked, on=["o_track_id", "c_track_id"], how="left", maintain_order="left")
    judged = _with_songs(judged)
    turned_down = pl.col("reason").is_null() & pl.col("rank").is_null()
    beyond = pl.when(pl.col("has_edition")).then(pl.lit(OTHER_EDITION)).otherwise(pl.lit(ALTERNATIVES_EXCEEDED))
    return judged.with_columns(reason=pl.when(turned_down).then(beyond).otherwise("reason")).drop("has_edition")


def _without_needless_search(judged: pl.DataFrame) -> pl.DataFrame:
    """Drop letter-by-letter finds of counterparts that are matched by equal titles, in whichever partition."""
    matched = judged.filter(pl.col("title_equal") & pl.col("reason").is_null()).select("c_track_id").unique()
    found = judged.filter(~pl.col("title_equal")).join(matched, on="c_track_id", how="anti")
    return pl.concat([judged.filter("title_equal"), found]).sort("o_track_id", "c_track_id")


def _without_lone_acapellas(judged: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Turn down a cappellas of originals that no instrumental passes the rules with."""
    if not rules.acapella_needs_instrumental:
        return judged
    passes = pl.col("reason").is_null()
    accompanied = judged.filter(passes & (pl.col("kind") == "instrumental"))["o_track_id"].unique()
    lone = passes & (pl.col("kind") == "acapella") & ~pl.col("o_track_id").is_in(accompanied.implode())
    return judged.with_columns(reason=pl.when(lone).then(pl.lit(NO_INSTRUMENTAL)).otherwise("reason"))


def _with_editions(passing: pl.DataFrame) -> pl.DataFrame:
    """Add `o_edition_id` and `c_edition_id`."""
    columns = ("track_id", "isrc", "duration_s", "recording")
    original, counterpart = (
        passing.select("kind", **{name: f"{side}_{name}" for name in columns}) for side in ("o", "c")
    )
    tracks = pl.concat([original.with_columns(kind=pl.lit(None, dtype=pl.String)), counterpart])
    editions = edition_ids(tracks.unique("track_id"))
    for side in ("o", "c"):
        named = editions.rename({"track_id": f"{side}_track_id", "edition_id": f"{side}_edition_id"})
        passing = passing.join(named, on=f"{side}_track_id", how="left", maintain_order="left")
    return passing


def _ranked(passing: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Ids of all passing pairs, their editions, `rank` where kept, and whether a pair of the same editions is kept."""
    kept = _spread(passing, "c_track_id", "o_edition_id", rules)
    kept = _spread(kept, ["o_track_id", "kind"], "c_edition_id", rules)
    kept = _in_order(kept, "c_track_id", "o_edition_id").with_columns(
        rank=(pl.int_range(pl.len()).over("c_track_id") + 1).cast(pl.Int64)
    )
    same = kept.select("o_edition_id", "c_edition_id").unique().with_columns(has_edition=pl.lit(value=True))
    pairs = passing.select("o_track_id", "c_track_id", "o_edition_id", "c_edition_id")
    return pairs.join(
        kept.select("o_track_id", "c_track_id", "rank"), on=["o_track_id", "c_track_id"], how="left"
    ).join(same, on=["o_edition_id", "c_edition_id"], how="left")


def _in_order(pairs: pl.DataFrame, side: str | list[str], edition: str) -> pl.DataFrame:
    """Sort best first within a side, each edition's best before any edition's second."""
    ordered = pairs.sort(list(_BEST_FIRST), descending=list(_BEST_FIRST.values()))
    keys = [side] if isinstance(side, str) else side
    repeat = pl.int_range(pl.len()).over([*keys, edition])
    return ordered.with_columns(repeat=repeat).sort("repeat", maintain_order=True)


def _spread(pairs: pl.DataFrame, side: str | list[str], edition: str, rules: CandidateRules) -> pl.DataFrame:
    """Keep the best few pairs of each side."""
    ordered = _in_order(pairs, side, edition).filter(pl.col("repeat") < rules.max_editions)
    return ordered.filter(pl.int_range(pl.len()).over(side) < rules.max_alternatives).drop("repeat")


def _with_songs(judged: pl.DataFrame) -> pl.DataFrame:
    """Name the song of each pair: versions of a song, joined by kept pairs, share the name."""
    kept = judged.filter(pl.col("rank").is_not_null()).select(a="o_song", b="c_song")
    alone = judged.select(a="o_song", b="o_song")
    names = components(pl.concat([kept, alone]).unique())
    songs = [digest(["song", name])[:24] for name in names["first"]]
    named = names.select(o_song="member", song_id=pl.Series(songs, dtype=pl.String))
    return judged.join(named, on="o_song", how="left", maintain_order="left")
