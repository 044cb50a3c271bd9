"""Pairs of one partition of the catalogue, each judged by the rules.

Tracks that share an artist and a title are compared whatever their length; a counterpart without an original among them
is also compared, letter by letter, with its artist's other titles of the same length and first letter. Nothing else is
ever enumerated. A partition holds every track that has one of its artist keys; the outcome of all partitions together
does not depend on their number, nor on the order of the rows.
"""

from dataclasses import dataclass

import polars as pl

from mining.blocking import WHOLE, Part, pairs_of_equal_titles, pairs_of_similar_titles
from mining.candidate_rules import CandidateRules, first_broken_rule, tier, with_comparisons
from mining.match_score import match_score
from mining.title_text import normalised

_COMPARED = (
    "track_id", "artists", "kind", "disqualifier", "base", "key", "wording", "aliases", "numbers", "stem", "versions",
    "versions_too", "languages", "guests", "origins", "is_cover", "is_sung", "edition", "names", "ids", "cover_act",
    "album", "explicit", "isrc", "release_date", "duration_s", "recording", "song",
)  # fmt: skip
_JUDGED = (
    "o_track_id", "c_track_id", "kind", "title_score", "duration_difference_s", "reason", "tier", "match_score",
    "title_equal", "o_isrc", "c_isrc", "o_duration_s", "c_duration_s", "o_recording", "c_recording", "o_song", "c_song",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Matched:
    """What a partition gave.

    Attributes
    ----------
    pairs
        One row a pair compared: ids, `kind`, `title_score`, `duration_difference_s`, `match_score`, `tier`, `reason`
        (the first rule it breaks, null where it obeys all), and what `alternatives.choose` needs.
    uncompared
        One row a block of which not every pair was compared.
    """

    pairs: pl.DataFrame
    uncompared: pl.DataFrame


def match(facts: pl.DataFrame, rules: CandidateRules, part: Part = WHOLE) -> Matched:
    """Find and judge the pairs of a partition.

    Parameters
    ----------
    facts
        Columns of `track_facts.track_facts`; every track that has an artist key of the part.
    """
    facts = facts.sort("track_id", "second").with_row_index("row")
    blocked = pairs_of_equal_titles(facts, rules, part)
    seconds = facts.filter("second").select("row")
    judged = _judged(blocked.pairs, facts, rules, title_equal=True)
    judged = judged.filter(pl.col("reason").is_null() | ~pl.col("c_row").is_in(seconds["row"].implode()))
    matched = judged.filter(pl.col("reason").is_null()).select("c_row").unique()["c_row"]
    similar = pairs_of_similar_titles(facts.filter(~pl.col("second")), matched, rules, part)
    unseen = similar.join(blocked.pairs, on=["o_row", "c_row"], how="anti")
    both = pl.concat([judged, _judged(unseen, facts, rules, title_equal=False)])
    return Matched(pairs=both.select(_JUDGED).sort("o_track_id", "c_track_id"), uncompared=blocked.uncompared)


def with_both_facts(pairs: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Put the facts of both tracks beside each pair of row numbers, with the prefixes `o_` and `c_`."""
    involved = pl.concat([pairs["o_row"], pairs["c_row"]]).unique()
    compared = _named(facts.join(involved.to_frame("row"), on="row", how="semi")).select("row", *_COMPARED)
    for side in ("o", "c"):
        prefixed = compared.rename({name: f"{side}_{name}" for name in compared.columns})
        pairs = pairs.join(prefixed, on=f"{side}_row", how="left", maintain_order="left")
    return pairs


def _named(facts: pl.DataFrame) -> pl.DataFrame:
    """Add what names a recording and a song; normalise the album."""
    albums = facts["album"].drop_nulls().unique()
    plain = pl.Series([normalised(album) or None for album in albums], dtype=pl.String)
    artist = pl.col("primary").fill_null(0)
    return facts.with_columns(
        album=pl.col("album").replace_strict(albums, plain, default=None, return_dtype=pl.String),
        recording=pl.struct(artist, "key", "versions", pl.col("languages").list.join(" "), "kind").hash(seed=3),
        song=pl.format("{}:{}", pl.col("primary"), pl.col("key")).fill_null(pl.col("key")),
    )


def _judged(pairs: pl.DataFrame, facts: pl.DataFrame, rules: CandidateRules, *, title_equal: bool) -> pl.DataFrame:
    """Judge pairs of row numbers; those that share an artist's name but not the artist's id are no pairs."""
    compared = with_comparisons(with_both_facts(pairs, facts), rules).filter(pl.col("shared_artists") > 0)
    return compared.with_columns(
        first_broken_rule(rules),
        kind="c_kind",
        tier=tier(rules),
        match_score=match_score(),
        title_equal=pl.lit(title_equal),
    ).select("c_row", *_JUDGED)
