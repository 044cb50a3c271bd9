"""candidates: pairs that metadata proposes. Needs no audio.

A catalogue of any size is surveyed for artists and lengths of counterparts, then the tracks near them are read and
scattered: a track goes to the partitions of all its artist keys, and a pair is found in the partition of the
smallest key that both tracks have. The choice among alternatives sees all partitions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from data_manifests.schemas import CANDIDATES, MATCHING, PROPOSED, UNCOMPARED
from mining.blocking import Part
from mining.candidate_rules import CandidateRules
from mining.candidates import candidate_table, track_outcomes, track_reasons, unusable_tracks
from mining.lexicon import Lexicon
from mining.matching import match
from mining.track_facts import counterpart_places, track_facts
from mining.track_keys import MATCHED, key_rows
from pipeline.config import Config, lexicon_table
from pipeline.stage import PartitionedStage


@dataclass(frozen=True, kw_only=True)
class MatchingSettings:
    """What matching depends on."""

    lexicon: dict[str, Any]
    rules: CandidateRules


def _settings(config: Config) -> MatchingSettings:
    return MatchingSettings(lexicon=lexicon_table(config.titles), rules=config.candidates)


def _lexicon(settings: MatchingSettings) -> Lexicon:
    """Give one lexicon value for all tasks of a process: what was read with it stays known."""
    return _lexicon_of(json.dumps(settings.lexicon, sort_keys=True))


@lru_cache(maxsize=2)
def _lexicon_of(table: str) -> Lexicon:
    return Lexicon.from_table(json.loads(table))


def survey(rows: pl.DataFrame, settings: MatchingSettings) -> pl.DataFrame:
    """Find the artists and lengths of counterparts."""
    return counterpart_places(rows, _lexicon(settings), settings.rules.reach_s)


def scatter(
    rows: pl.DataFrame, surveyed: pl.DataFrame, settings: MatchingSettings, num_parts: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the tracks near counterparts, for the partitions they lie in; set aside tracks that cannot be matched."""
    lexicon = _lexicon(settings)
    keys = key_rows(rows, lexicon)
    facts = track_facts(rows, keys, surveyed, lexicon, settings.rules.reach_s)
    parts = pl.col("met").list.eval(pl.element() % num_parts).list.unique()
    return facts.with_columns(part=parts).explode("part"), unusable_tracks(rows, keys, lexicon)


def treat(rows: pl.DataFrame, settings: MatchingSettings, number: int, num_parts: int) -> Mapping[str, pl.DataFrame]:
    """Judge the pairs of a partition."""
    matched = match(rows, settings.rules, Part(number, num_parts))
    return {"judged": matched.pairs, "uncompared": matched.uncompared}


def gather(found: Mapping[str, pl.DataFrame], settings: MatchingSettings) -> Mapping[str, pl.DataFrame]:
    """Choose among the pairs of all partitions."""
    candidates = candidate_table(found["judged"], settings.rules)
    kept = candidates.filter(pl.col("outcome") == "kept")
    return {
        "candidates": candidates,
        "uncompared": found["uncompared"].sort(UNCOMPARED.key),
        "unusable": found["aside"],
        "reasons": track_reasons(candidates),
        "chosen": pl.concat([kept["original_id"], kept["counterpart_id"]]).unique().to_frame("track_id"),
    }


def finish(rows: pl.DataFrame, gathered: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    """Say of each track what became of it, and copy the rows of those that are in a kept candidate."""
    return {
        "matching": track_outcomes(rows, gathered["unusable"], gathered["reasons"]),
        "proposed": rows.join(gathered["chosen"], on="track_id", how="semi"),
    }


STAGE = PartitionedStage(
    name="candidates",
    version=2,
    reads="catalog",
    columns=tuple(MATCHED),
    writes=CANDIDATES,
    writes_beside=(UNCOMPARED, MATCHING, PROPOSED),
    counts=MATCHING,
    settings=_settings,
    survey=survey,
    scatter=scatter,
    treat=treat,
    gather=gather,
    finish=finish,
)
