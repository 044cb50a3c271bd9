"""The recipe: the stages of a mining run, in their order. Read it from top to bottom; that is the whole program."""

from pipeline.stage import Stage
from pipeline.stages import candidates, catalog, evidence, manifest, pairs, shards, tracks

RECIPE: tuple[Stage, ...] = (
    catalog.STAGE,  # rows that may be used
    candidates.STAGE,  # pairs that metadata proposes
    tracks.STAGE,  # every proposed track heard: fingerprints
    evidence.STAGE,  # every proposed pair compared: alignment, level, residual
    pairs.STAGE,  # decisions, alternatives, grades, splits
    shards.STAGE,  # aligned targets as training segments
    manifest.STAGE,  # what was made, immutable and named by content
)

STAGE_NAMES: tuple[str, ...] = tuple(stage.name for stage in RECIPE)
