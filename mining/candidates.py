"""Pairs that metadata proposes: a whole catalogue in memory, or the last step over its partitions.

Partition by partition: `track_keys` finds the artists of each track, `matching` judges the pairs of a partition,
`alternatives` chooses among all of them. `propose` does the three at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from data_manifests.ids import pair_id
from mining.alternatives import choose
from mining.bare_endings import second_readings
from mining.candidate_rules import (
    ALTERNATIVES_EXCEEDED,
    NO_INSTRUMENTAL,
    OTHER_EDITION,
    RULE_NAMES,
    CandidateRules,
    RuleVerdict,
    verdicts,
    with_comparisons,
)
from mining.lexicon import Lexicon
from mining.matching import match, with_both_facts
from mining.title_facts import title_facts
from mining.track_facts import counterpart_places, read_all, track_facts
from mining.track_keys import MATCHED, key_rows, matched_columns

__all__ = ["CandidateRules", "Proposals", "RuleVerdict", "explain", "propose"]

_SPOKEN = r"[\p{L}\p{N}]"
_STAGES = pl.Enum([*RULE_NAMES, NO_INSTRUMENTAL, ALTERNATIVES_EXCEEDED, OTHER_EDITION, "kept"])


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What matching a catalogue gave.

    Attributes
    ----------
    candidates
        One row a pair that was compared, sorted by `pair_id`: `pair_id`, `original_id`, `counterpart_id`, `kind`,
        `title_score` (0..100), `duration_difference_s` (counterpart − original), `tier`, `match_score` (0..100),
        `rank` (from 1 among the kept alternatives of its counterpart, null where rejected), `song_id`, the editions
        that both tracks are (null where rejected by a rule), `outcome` ("kept" or "rejected"), `reason`.
    tracks
        One row a track, in the order given: `track_id`, `outcome`, `reason`. A track is kept where one of its
        candidates is; its reason is else that of the candidate that came furthest.
    uncompared
        One row a block of which not every pair was compared, with its counts.
    """

    candidates: pl.DataFrame
    tracks: pl.DataFrame
    uncompared: pl.DataFrame


def propose(tracks: pl.DataFrame, lexicon: Lexicon, rules: CandidateRules) -> Proposals:
    """Find the pairs of original and counterpart that titles, artists and durations propose.

    Parameters
    ----------
    tracks
        `track_id` (unique), `title`, `artists` (list of names), `duration_s`; where present also `artist_ids`, `album`,
        `isrc`, `release_date` and `explicit`. Any of these may be null in a row but the id.

    Raises
    ------
    ValueError
        Where columns are missing or track ids repeat.
    """
    given = matched_columns(tracks)
    if given["track_id"].null_count() or given["track_id"].n_unique() < given.height:
        raise ValueError("track ids must be unique and not null: drop repeated rows before matching")
    places = counterpart_places(given, lexicon, rules.reach_s)
    keys = key_rows(given, lexicon)
    matched = match(track_facts(given, keys, places, lexicon, rules.reach_s), rules)
    candidates = candidate_table(matched.pairs, rules)
    unusable = unusable_tracks(given, keys, lexicon)
    outcomes = track_outcomes(given.select("track_id"), unusable, track_reasons(candidates))
    return Proposals(candidates=candidates, tracks=outcomes, uncompared=matched.uncompared)


def candidate_table(judged: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Choose among the judged pairs of all partitions, and name each; columns as in `Proposals.candidates`."""
    chosen = choose(judged, rules)
    names = [pair_id(a, b) for a, b in chosen.select("o_track_id", "c_track_id").iter_rows()]
    return chosen.select(
        pl.Series("pair_id", names, dtype=pl.String),
        original_id="o_track_id",
        counterpart_id="c_track_id",
        kind="kind",
        title_score="title_score",
        duration_difference_s="duration_difference_s",
        tier="tier",
        match_score="match_score",
        rank="rank",
        song_id="song_id",
        original_edition_id="o_edition_id",
        counterpart_edition_id="c_edition_id",
        outcome=_outcome(),
        reason="reason",
    ).sort("pair_id")


def unusable_tracks(tracks: pl.DataFrame, keys: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Tracks that cannot be matched at all: `track_id` and `reason`.

    Parameters
    ----------
    tracks
        Columns `track_keys.MATCHED`.
    keys
        Their artist keys, as `track_keys.key_rows` gives them.
    """
    wordless = tracks.filter(~pl.col("title").str.contains(_SPOKEN).fill_null(value=False))
    nameless = title_facts(wordless["title"], lexicon).filter(pl.col("key") == "")["title"]
    unnamed = pl.col("title").is_null() | pl.col("title").is_in(nameless.implode())
    with_artist = keys["row"].unique()
    reason = (
        pl.when(unnamed)
        .then(pl.lit("no_title"))
        .when(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(with_artist.implode()))
        .then(pl.lit("no_artist"))
        .when((pl.col("duration_s").is_finite() & (pl.col("duration_s") > 0)).fill_null(value=False).not_())
        .then(pl.lit("no_duration"))
    )
    return tracks.select("track_id", reason=reason).drop_nulls("reason")


def track_reasons(candidates: pl.DataFrame) -> pl.DataFrame:
    """Tracks of the candidates: `track_id` and `reason`, that of the candidate that came furthest, null where kept."""
    stage = pl.col("reason").fill_null("kept").cast(_STAGES)
    sides = [candidates.select(track_id=side, stage=stage) for side in ("original_id", "counterpart_id")]
    best = pl.concat(sides).group_by("track_id").agg(pl.col("stage").max())
    return best.select("track_id", reason=pl.col("stage").cast(pl.String).replace("kept", None))


def track_outcomes(tracks: pl.DataFrame, unusable: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    """Say of each track where it ended: `track_id`, `outcome`, `reason`."""
    found = reasons.with_columns(met=pl.lit(value=True))
    joined = tracks.select("track_id").join(
        unusable.rename({"reason": "unusable"}), on="track_id", how="left", maintain_order="left"
    )
    joined = joined.join(found, on="track_id", how="left", maintain_order="left")
    alone = pl.when(pl.col("met").is_null()).then(pl.lit("no_partner"))
    return joined.with_columns(reason=pl.coalesce("unusable", "reason", alone)).select(
        "track_id", outcome=_outcome(), reason="reason"
    )


def _outcome() -> pl.Expr:
    return pl.when(pl.col("reason").is_null()).then(pl.lit("kept")).otherwise(pl.lit("rejected"))


def explain(
    original_row: Mapping[str, Any], counterpart_row: Mapping[str, Any], lexicon: Lexicon, rules: CandidateRules
) -> list[RuleVerdict]:
    """Judge two tracks rule by rule, with the same rules that `propose` decides by.

    A counterpart whose title ends in a bare mark is judged by its reading as a counterpart.

    Parameters
    ----------
    original_row, counterpart_row
        Rows of the catalogue; missing columns count as null.
    """
    rows = [
        {**{name: row.get(name) for name in MATCHED}, "track_id": str(at)}
        for at, row in enumerate((original_row, counterpart_row))
    ]
    first = read_all(pl.DataFrame(rows, schema=dict(MATCHED), strict=False), lexicon)
    second = second_readings(first, lexicon).filter(pl.col("track_id") == "1")
    facts = first.update(second, on="track_id").with_row_index("row")
    pair = pl.DataFrame({"o_row": [0], "c_row": [1]}, schema={"o_row": pl.UInt32, "c_row": pl.UInt32})
    return verdicts(with_comparisons(with_both_facts(pair, facts), rules), rules)
