"""candidates: pairs that metadata proposes. Needs no audio."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from data_manifests.schemas import CANDIDATES, MATCHING
from mining.candidates import CandidateRules, propose
from mining.titles import Lexicon
from pipeline.config import Config, lexicon_table
from pipeline.stage import Account, StageResult, Tables, TableStage


@dataclass(frozen=True, kw_only=True)
class MatchingSettings:
    """What matching depends on."""

    lexicon: dict[str, Any]
    rules: CandidateRules


def _settings(config: Config) -> MatchingSettings:
    return MatchingSettings(lexicon=lexicon_table(config.titles), rules=config.candidates)


def run(tables: Tables, settings: MatchingSettings) -> StageResult:
    """Match the kept tracks of the catalogue; the account counts tracks, not pairs."""
    tracks = tables["catalog"].filter(pl.col("outcome") == "kept").drop("outcome", "reason")
    proposals = propose(tracks, Lexicon.from_table(settings.lexicon), settings.rules)
    kept = pl.col("outcome") == "kept"
    return StageResult(
        kept=proposals.candidates.filter(kept),
        rejected=proposals.candidates.filter(~kept),
        account=Account.of(proposals.tracks, tracks.height),
        beside={"matching": proposals.tracks.sort("track_id")},
    )


STAGE = TableStage(
    name="candidates",
    version=1,
    inputs=("catalog",),
    writes=CANDIDATES,
    settings=_settings,
    run=run,
    writes_beside=(MATCHING,),
)
