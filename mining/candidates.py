"""Pairs that metadata proposes: blocking, rules, and the choice of a few alternatives on either side.

Tracks that share an artist and a title are compared whatever their length; a counterpart without an original among them
is also compared, letter by letter, with its artist's other titles of the same length and first letter. Nothing else is
ever enumerated. The outcome does not depend on the order of the rows.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from data_manifests.ids import pair_id
from mining.blocking import pairs_of_equal_titles, pairs_of_similar_titles
from mining.candidate_rules import (
    ALTERNATIVES_EXCEEDED,
    NO_INSTRUMENTAL,
    RULE_NAMES,
    CandidateRules,
    RuleVerdict,
    first_broken_rule,
    verdicts,
    with_comparisons,
)
from mining.lexicon import Lexicon
from mining.track_facts import track_facts

__all__ = ["CandidateRules", "Proposals", "RuleVerdict", "explain", "propose"]

_COMPARED = (
    "track_id", "kind", "disqualifier", "base", "key", "wording", "aliases", "numbers", "stem", "versions",
    "versions_too", "languages", "guests", "is_cover", "edition", "names", "ids", "cover_act", "album", "explicit",
    "duration_s",
)  # fmt: skip
_ORDER = {
    "album_equal": True,
    "title_score": True,
    "distance_s": False,
    "explicit_equal": True,
    "shared_artists": True,
    "edition_equal": True,
    "o_track_id": False,
    "c_track_id": False,
}
"""What makes one alternative better than another, most important first; True: higher is better. Ids break ties."""


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What matching a catalogue gave.

    Attributes
    ----------
    candidates
        One row a pair that was compared, sorted by `pair_id`: `pair_id`, `original_id`, `counterpart_id`, `kind`,
        `title_score` (0..100), `duration_difference_s` (counterpart − original), `rank` (from 1 among the kept
        alternatives of its counterpart, null where rejected), `outcome` ("kept" or "rejected"), `reason`.
    tracks
        One row a track given, sorted by `track_id`: `track_id`, `outcome`, `reason`. A track is kept where one of its
        candidates is; its reason is else that of the candidate that came furthest.
    """

    candidates: pl.DataFrame
    tracks: pl.DataFrame


def propose(tracks: pl.DataFrame, lexicon: Lexicon, rules: CandidateRules) -> Proposals:
    """Find the pairs of original and counterpart that titles, artists and durations propose.

    Parameters
    ----------
    tracks
        `track_id` (unique), `title`, `artists` (list of names), `duration_s`; where present also `artist_ids`, `album`
        and `explicit`. Any of these may be null in a row but the id.

    Raises
    ------
    ValueError
        Where columns are missing or track ids repeat.
    """
    facts = track_facts(tracks, lexicon)
    usable = facts.filter(_unusable().is_null())
    judged = _judged(pairs_of_equal_titles(usable, rules), usable, rules)
    matched = judged.filter(pl.col("reason").is_null())["c_row"].unique()
    further = pairs_of_similar_titles(usable, matched, rules).join(judged, on=["o_row", "c_row"], how="anti")
    judged = pl.concat([judged, _judged(further, usable, rules)])
    judged = _with_alternatives(judged.filter(pl.col("shared_artists") > 0), rules)
    return Proposals(candidates=_candidates(judged), tracks=_outcomes(facts, judged))


def explain(
    original_row: dict[str, Any], counterpart_row: dict[str, Any], lexicon: Lexicon, rules: CandidateRules
) -> list[RuleVerdict]:
    """Judge two tracks rule by rule, with the same rules that `propose` decides by.

    Parameters
    ----------
    original_row, counterpart_row
        Rows of the catalogue; missing columns count as null.
    """
    pair = pl.DataFrame({"o_row": [0], "c_row": [1]}, schema={"o_row": pl.UInt32, "c_row": pl.UInt32})
    columns = ("title", "artists", "artist_ids", "album", "explicit", "duration_s")
    rows = [
        {"track_id": str(at), **{name: row.get(name) for name in columns}}
        for at, row in enumerate((original_row, counterpart_row))
    ]
    schema: dict[str, Any] = {
        "artists": pl.List(pl.String),
        "artist_ids": pl.List(pl.String),
        "duration_s": pl.Float64,
        "title": pl.String,
    }
    facts = track_facts(pl.DataFrame(rows, schema_overrides=schema, strict=False), lexicon)
    return verdicts(with_comparisons(_with_facts(pair, facts), rules), rules)


def _unusable() -> pl.Expr:
    """Why a track cannot be matched at all; null where it can."""
    return (
        pl.when(pl.col("key").fill_null("") == "")
        .then(pl.lit("no_title"))
        .when((pl.col("names").list.len().fill_null(0) == 0) & (pl.col("ids").list.len().fill_null(0) == 0))
        .then(pl.lit("no_artist"))
        .when((pl.col("duration_s").is_finite() & (pl.col("duration_s") > 0)).fill_null(False).not_())
        .then(pl.lit("no_duration"))
    )


def _with_facts(pairs: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Put the facts of both tracks beside each pair of row numbers."""
    compared = facts.select("row", *_COMPARED)
    for side in ("o", "c"):
        prefixed = compared.rename({name: f"{side}_{name}" for name in compared.columns})
        pairs = pairs.join(prefixed, on=f"{side}_row", how="left", maintain_order="left")
    return pairs


def _judged(pairs: pl.DataFrame, facts: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    compared = with_comparisons(_with_facts(pairs, facts), rules)
    return compared.with_columns(first_broken_rule(rules)).select(
        "o_row", "c_row", "o_track_id", "c_track_id", "title_score", "duration_difference_s", "shared_artists",
        "reason",
        kind="c_kind",
        distance_s=pl.col("duration_difference_s").abs(),
        album_equal=(pl.col("o_album") == pl.col("c_album")).fill_null(False),
        explicit_equal=(pl.col("o_explicit") == pl.col("c_explicit")).fill_null(False),
        edition_equal=pl.col("o_edition") == pl.col("c_edition"),
    )  # fmt: skip


def _with_alternatives(judged: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Rank what obeys the rules, and turn down what goes beyond the alternatives allowed on either side."""
    judged = _without_lone_acapellas(judged, rules).sort(list(_ORDER), descending=list(_ORDER.values()))
    kept = judged.filter(pl.col("reason").is_null())
    for side in (["c_row"], ["o_row", "kind"]):
        kept = kept.filter(pl.int_range(pl.len()).over(side) < rules.max_alternatives)
    ranked = kept.select("o_row", "c_row", rank=(pl.int_range(pl.len()).over("c_row") + 1).cast(pl.Int64))
    judged = judged.join(ranked, on=["o_row", "c_row"], how="left", maintain_order="left")
    exceeded = pl.col("reason").is_null() & pl.col("rank").is_null()
    return judged.with_columns(reason=pl.when(exceeded).then(pl.lit(ALTERNATIVES_EXCEEDED)).otherwise(pl.col("reason")))


def _without_lone_acapellas(judged: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Turn down a cappellas of originals that no instrumental passes the rules with."""
    if not rules.acapella_needs_instrumental:
        return judged
    accompanied = judged.filter(pl.col("reason").is_null() & (pl.col("kind") == "instrumental"))["o_row"].unique()
    lone = (pl.col("kind") == "acapella") & ~pl.col("o_row").is_in(accompanied.implode())
    reason = pl.when(pl.col("reason").is_null() & lone).then(pl.lit(NO_INSTRUMENTAL)).otherwise(pl.col("reason"))
    return judged.with_columns(reason=reason)


def _outcome(reason: str = "reason") -> pl.Expr:
    return pl.when(pl.col(reason).is_null()).then(pl.lit("kept")).otherwise(pl.lit("rejected"))


def _candidates(judged: pl.DataFrame) -> pl.DataFrame:
    names = [pair_id(a, b) for a, b in judged.select("o_track_id", "c_track_id").iter_rows()]
    return judged.select(
        pl.Series("pair_id", names, dtype=pl.String),
        original_id="o_track_id",
        counterpart_id="c_track_id",
        kind="kind",
        title_score="title_score",
        duration_difference_s="duration_difference_s",
        rank="rank",
        outcome=_outcome(),
        reason="reason",
    ).sort("pair_id")


def _outcomes(facts: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """Give each track the reason of its candidate that came furthest, null where one is kept."""
    stages = pl.Enum([*RULE_NAMES, NO_INSTRUMENTAL, ALTERNATIVES_EXCEEDED, "kept"])
    sides = [
        judged.select(row=side, stage=pl.col("reason").fill_null("kept").cast(stages)) for side in ("o_row", "c_row")
    ]
    best = pl.concat(sides).group_by("row").agg(pl.col("stage").max())
    reasons = facts.select("row", "track_id", unusable=_unusable()).join(
        best, on="row", how="left", maintain_order="left"
    )
    return reasons.with_columns(
        reason=pl.coalesce("unusable", pl.col("stage").cast(pl.String), pl.lit("no_partner")).replace("kept", None)
    ).select("track_id", outcome=_outcome(), reason="reason")
