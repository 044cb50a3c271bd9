"""catalog: rows that may be used. Opt-outs, licences and impossible values are turned down here, first."""

import polars as pl

from data_manifests.schemas import CATALOG
from pipeline.config import CatalogRules
from pipeline.stage import SourceStage


def run(rows: pl.DataFrame, rules: CatalogRules) -> pl.DataFrame:
    """Give each row of the catalogue its outcome; the first rule that a row breaks is its reason."""
    reason = pl.coalesce(
        pl.when(broken).then(pl.lit(name)) for name, broken in _rules(rules, pl.col("duration_s")).items()
    )
    return rows.with_columns(reason=reason).with_columns(
        outcome=pl.when(pl.col("reason").is_null()).then(pl.lit("kept")).otherwise(pl.lit("rejected"))
    )


def _rules(rules: CatalogRules, duration: pl.Expr) -> dict[str, pl.Expr]:
    """Expressions that are true where a rule is broken, in the order they are asked."""
    named = pl.col("artists").list.eval(pl.element().str.strip_chars().str.len_chars() > 0).list.any()
    broken = {
        "opted_out": pl.col("opt_out").fill_null(value=False),
        "no_title": pl.col("title").str.strip_chars().str.len_chars().fill_null(0) == 0,
        "no_artist": ~named.fill_null(value=False),
        "no_duration": ~(duration.is_finite() & (duration > 0)).fill_null(value=False),
        "too_long": duration > rules.max_duration_s,
    }
    if rules.allowed_licences is not None:
        allowed = [licence.casefold() for licence in rules.allowed_licences]
        broken["licence_not_allowed"] = ~pl.col("licence").str.to_lowercase().is_in(allowed).fill_null(value=False)
    return broken


STAGE = SourceStage(
    name="catalog",
    version=1,
    writes=CATALOG,
    settings=lambda config: config.catalog,
    run=run,
)
