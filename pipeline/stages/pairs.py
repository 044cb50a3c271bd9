"""pairs: the decision about each kept candidate, from evidence and thresholds alone. No track is heard again.

Each rule has its turn: first what the evidence says of the pair by itself, then the choice among alternatives, last
the split, which a song that touches two of them loses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from data_manifests.schemas import PAIRS, SPLIT_LEDGER
from data_manifests.tables import conform
from mining.artists import split_keys
from mining.assignment import BETTER_ALTERNATIVE, Proposal, assign
from mining.decisions import DecisionRules, decide
from mining.quality import grade
from mining.recordings import recording_ids
from mining.splitting import BRIDGES_SPLITS, SplitRules, extend_ledger, settle_together, split_of_song
from mining.targets import choose_target_kind
from mining.titles import Lexicon, parse_title
from pipeline.config import Config, lexicon_table
from pipeline.stage import Account, StageResult, Tables, TableStage


@dataclass(frozen=True, kw_only=True)
class PairSettings:
    """What decisions depend on."""

    decisions: DecisionRules
    splits: SplitRules
    lexicon: dict[str, Any]


def _settings(config: Config) -> PairSettings:
    return PairSettings(decisions=config.decisions, splits=config.splits, lexicon=lexicon_table(config.titles))


def run(tables: Tables, settings: PairSettings) -> StageResult:
    """Decide every kept candidate once."""
    rows = _candidates_with_evidence(tables)
    judged = [_judge(row, settings.decisions) for row in rows]
    lexicon = Lexicon.from_table(settings.lexicon)
    if settings.decisions.share_backings_across_languages:
        _choose(judged, _languages_of(tables["proposed"], lexicon))
    else:
        _choose(judged, {})
    accepted = [row for row in judged if row["outcome"] == "accepted"]
    artists = _artists_of(tables["proposed"], lexicon)
    known = dict(tables["splits"].select("artist_key", "split").iter_rows())
    ledger = extend_ledger(known, _all_artists(accepted, artists), settings.splits)
    _place(accepted, tables, artists, ledger)
    table = conform(pl.DataFrame(judged, infer_schema_length=None), PAIRS)
    is_accepted = pl.col("outcome") == "accepted"
    return StageResult(
        kept=table.filter(is_accepted),
        rejected=table.filter(~is_accepted),
        account=Account.of(table, len(rows)),
        beside={"splits": _ledger_table(ledger)},
    )


def _candidates_with_evidence(tables: Tables) -> list[dict[str, Any]]:
    candidates = tables["candidates"].filter(pl.col("outcome") == "kept").drop("outcome", "reason")
    genres = tables["proposed"].select(original_id="track_id", genre="genre")
    joined = candidates.join(tables["evidence"], on="pair_id", how="left").join(genres, on="original_id", how="left")
    return list(joined.sort("pair_id").iter_rows(named=True))


def _judge(row: dict[str, Any], rules: DecisionRules) -> dict[str, Any]:
    """Decide a pair by its own evidence."""
    values = {name: row[name] for name in PAIRS.column_names if name in row and name not in ("outcome", "reason")}
    values["rank"] = row["rank"]
    if row["outcome"] != "kept":
        return {**values, "outcome": row["outcome"] or "failed", "reason": row["reason"] or "not_measured"}
    reason = decide(row, row["kind"], rules)
    if reason is not None:
        return {**values, "outcome": "rejected", "reason": reason}
    graded = {"grade": grade(row["predicted_sdr_db"]), "target_kind": choose_target_kind(row, row["kind"])}
    return {**values, **graded, "outcome": "accepted", "reason": None}


def _languages_of(catalog: pl.DataFrame, lexicon: Lexicon) -> dict[str, str]:
    """Language of each track: what its title says, else what the catalogue says."""

    def language(title: str | None, given: str | None) -> str:
        tags = parse_title(title or "", lexicon).tags
        said = [
            detail for name, detail in tags if name in lexicon.classes and lexicon.classes[name].policy == "one_sided"
        ]
        return min(said) if said else given or ""

    return {track: language(*what) for track, *what in catalog.select("track_id", "title", "language").iter_rows()}


def _choose(judged: list[dict[str, Any]], languages: Mapping[str, str]) -> None:
    """Turn down the alternatives that the assignment leaves over, for each kind by itself."""
    accepted = [row for row in judged if row["outcome"] == "accepted"]
    chosen: set[str] = set()
    for kind in {row["kind"] for row in accepted}:
        chosen |= assign([_proposal(row, languages) for row in accepted if row["kind"] == kind])
    for row in accepted:
        if row["pair_id"] not in chosen:
            row.update(outcome="rejected", reason=BETTER_ALTERNATIVE)
    for row in judged:
        del row["rank"]


def _proposal(row: dict[str, Any], languages: Mapping[str, str]) -> Proposal:
    return Proposal(
        pair_id=row["pair_id"],
        original_id=row["original_id"],
        counterpart_id=row["counterpart_id"],
        quality=row["predicted_sdr_db"],
        rank=row["rank"],
        language=languages.get(row["original_id"], ""),
    )


def _artists_of(catalog: pl.DataFrame, lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Artist keys of each track, primary first, compilation artists left out."""
    columns = catalog.select("track_id", "artists", "artist_ids")
    return {track: split_keys(names or [], ids, lexicon) for track, names, ids in columns.iter_rows()}


def _song_artists(row: dict[str, Any], artists: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    both = artists[row["original_id"]] + artists[row["counterpart_id"]]
    return tuple(dict.fromkeys(both))


def _all_artists(accepted: Iterable[dict[str, Any]], artists: dict[str, tuple[str, ...]]) -> set[str]:
    return {key for row in accepted for key in _song_artists(row, artists)}


def _place(
    accepted: list[dict[str, Any]], tables: Tables, artists: dict[str, tuple[str, ...]], ledger: dict[str, str]
) -> None:
    """Give each accepted pair its recording and its split; a song or recording that touches two is turned down."""
    originals = {row["original_id"] for row in accepted}
    heard = tables["tracks"].filter(pl.col("track_id").is_in(list(originals))).select("track_id", "fingerprint")
    recordings = recording_ids({track: np.frombuffer(codes, dtype="<u4") for track, codes in heard.iter_rows()})
    songs = [(recordings[row["original_id"]], split_of_song(_song_artists(row, artists), ledger)) for row in accepted]
    settled = settle_together(songs)
    settled = settle_together([(row["song_id"], split) for row, split in zip(accepted, settled, strict=True)])
    for row, (recording, _), split in zip(accepted, songs, settled, strict=True):
        row.update(recording_id=recording, split=split)
        if split is None:
            row.update(outcome="rejected", reason=BRIDGES_SPLITS)


def _ledger_table(ledger: dict[str, str]) -> pl.DataFrame:
    keys = sorted(ledger)
    table = pl.DataFrame({"artist_key": keys, "split": [ledger[key] for key in keys]})
    return conform(table, SPLIT_LEDGER)


STAGE = TableStage(
    name="pairs",
    version=1,
    inputs=("proposed", "candidates", "tracks", "evidence"),
    writes=PAIRS,
    settings=_settings,
    run=run,
    carries_on=(SPLIT_LEDGER,),
)
