"""Thresholds from a run's own null: what the evidence says of pairs that cannot be true.

Originals of the run are compared with counterparts of other artists, as real candidates are. A threshold is moved so
far that it keeps these out with a margin, but never to the lenient side of its default, which rests on reasoning and
planted pairs. The config that comes of it states the error rates that it implies; a run never recalibrates itself.
"""

import logging
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import beta

from data_manifests.audio_files import UnusableAudio, decode_audio
from data_manifests.audio_store import AudioStore
from data_manifests.schemas import CANDIDATES, PAIRS, PROPOSED, TRACKS
from data_manifests.storage import Store
from data_manifests.tables import read_table
from mining.decisions import DecisionRules, decide
from mining.evidence import Evidence, compare_recordings
from mining.evidence_settings import EvidenceSettings
from pipeline.config import Config
from pipeline.config_text import section_as_toml
from pipeline.engine import RunPlace
from pipeline.errors import InvalidDataError
from pipeline.progress import step
from pipeline.runners import Runner, TaskLost

logger = logging.getLogger("mixminus.calibrate")

_NULL_QUANTILE = 0.99
"""The share of the null that a threshold by itself must turn down; a pair has to pass all of them."""


@dataclass(frozen=True, kw_only=True)
class NullTask:
    """A pair of unrelated tracks to compare."""

    original: dict[str, Any]
    counterpart: dict[str, Any]
    settings: EvidenceSettings
    audio_root: str | None


def compare_unrelated(task: NullTask) -> Evidence | None:
    """Compare two unrelated tracks; None where one cannot be heard any more."""
    store = AudioStore(task.audio_root)
    try:
        sounds = [decode_audio(store.read(side["audio"])) for side in (task.original, task.counterpart)]
    except UnusableAudio:
        return None
    return compare_recordings(
        sounds[0].samples,
        sounds[0].sample_rate_hz,
        sounds[1].samples,
        sounds[1].sample_rate_hz,
        original_fingerprint=np.frombuffer(task.original["fingerprint"], dtype="<u4"),
        counterpart_fingerprint=np.frombuffer(task.counterpart["fingerprint"], dtype="<u4"),
        kind="instrumental",
        settings=task.settings,
    )


def calibrate(place: RunPlace, config: Config, runner: Runner, *, num_null: int, seed: int) -> str:
    """Compare random pairs of a run and derive thresholds.

    Returns
    -------
    TOML with the section `decisions`, and comments that state the null, the run's own evidence and the error rates.

    Raises
    ------
    InvalidDataError
        Where the run has too few tracks to make pairs of.
    """
    tasks = _null_tasks(place, config, num_null, seed)
    null: dict[int, dict[str, Any]] = {}
    with step("null", len(tasks)) as advance:
        for index, evidence in runner.map(compare_unrelated, tasks):
            if evidence is not None and not isinstance(evidence, TaskLost):
                null[index] = asdict(evidence)
            advance(1)
    compared = [null[index] for index in sorted(null)]
    if not compared:
        raise InvalidDataError(
            "none of the random pairs could be heard; give the --audio-root that the run was mined with"
        )
    rules = derive_rules(compared, config.decisions)
    accepted = read_table(place.store, PAIRS).filter(pl.col("outcome") == "accepted")
    return _toml(rules, compared, list(accepted.iter_rows(named=True)), seed)


def derive_rules(null: list[dict[str, Any]], rules: DecisionRules) -> DecisionRules:
    """Move thresholds to the strict side where the null asks for it.

    `min_confidence` rises above, `max_residual_db` falls below, what 99 % of unrelated pairs reach, by half of the
    distance that is left to a perfect pair (1, respectively −40 dB).
    """
    confidence = float(np.quantile([row["alignment_confidence"] for row in null], _NULL_QUANTILE))
    residual = float(np.quantile([row["local_residual_db"] for row in null], 1 - _NULL_QUANTILE))
    rates = [row["bit_error_rate"] for row in null]
    return replace(
        rules,
        min_confidence=max(rules.min_confidence, round((confidence + 1.0) / 2 if confidence > 0 else 0.0, 3)),
        max_residual_db=min(rules.max_residual_db, round((residual - 40.0) / 2 if residual < -20 else 0.0, 1)),
        too_different_bit_error_rate=round(min(float(np.quantile(rates, 0.05)), 0.5), 3),
    )


def _null_tasks(place: RunPlace, config: Config, num_null: int, seed: int) -> list[NullTask]:
    """Draw pairs of an original and a counterpart that share no artist and no candidate."""
    store: Store = place.store
    catalog = read_table(store, PROPOSED).select("track_id", "artists", "audio")
    heard = read_table(store, TRACKS).filter(pl.col("outcome") == "kept").select("track_id", "fingerprint")
    heard = heard.join(catalog, on="track_id")
    candidates = read_table(store, CANDIDATES).filter(pl.col("outcome") == "kept")
    originals = heard.filter(pl.col("track_id").is_in(candidates["original_id"].implode())).sort("track_id").to_dicts()
    others = heard.filter(pl.col("track_id").is_in(candidates["counterpart_id"].implode())).sort("track_id").to_dicts()
    unrelated = [
        (a, b) for a, first in enumerate(originals) for b, second in enumerate(others)
        if not set(first["artists"]) & set(second["artists"])
    ]  # fmt: skip
    if not unrelated:
        raise InvalidDataError("the run has no two heard tracks of different artists; a null needs some")
    chosen = np.random.default_rng(seed).permutation(len(unrelated))[:num_null]
    return [
        NullTask(
            original=originals[unrelated[index][0]],
            counterpart=others[unrelated[index][1]],
            settings=config.evidence,
            audio_root=place.audio_root,
        )
        for index in sorted(chosen.tolist())
    ]


def _toml(rules: DecisionRules, null: list[dict[str, Any]], accepted: list[dict[str, Any]], seed: int) -> str:
    false = sum(decide(row, "instrumental", rules) is None for row in null)
    kept = sum(decide(row, row["kind"], rules) is None for row in accepted)
    bound = upper_bound(false, len(null))
    lines = [
        f"# Calibrated on {len(null)} pairs of unrelated tracks (seed {seed}) and {len(accepted)} accepted pairs.",
        f"# These rules accept {false} of the unrelated pairs: a rate of at most {bound:.2%} (95 % confidence),",
        f"# and {kept} of the pairs accepted before. Quantiles 1 %, 50 %, 99 %:",
    ]
    lines.extend(
        f"#   {column:<21} unrelated {_quantiles(null, column)}   accepted {_quantiles(accepted, column)}"
        for column in ("alignment_confidence", "local_residual_db", "bit_error_rate", "aligned_fraction")
    )
    return "\n".join([*lines, section_as_toml("decisions", rules)])


def upper_bound(false: int, total: int) -> float:
    """Upper bound of a rate with 95 % confidence (Clopper–Pearson), from `false` events in `total` trials."""
    return float(beta.ppf(0.95, false + 1, total - false)) if false < total else 1.0


def _quantiles(rows: list[dict[str, Any]], column: str) -> str:
    values = [row[column] for row in rows if row[column] is not None]
    if not values:
        return "–"
    return " ".join(f"{value:.3g}" for value in np.quantile(values, [0.01, 0.5, 0.99]))
