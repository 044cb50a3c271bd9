"""How well metadata speaks for a pair, 0..100: the order in which alternatives are listened to.

The score ranks pairs that obey every rule; it never makes one pass. Same release counts most (57 % of such pairs are on
one album, and it settles which edition belongs to which), then length (of pairs within two seconds 69 % are within a
quarter of one), then the title, then what is shared of artists, explicit flag, ISRC, edition and year.

==================  ======  ==========================================================================================
same album              35  release titles are equal
length                  25  falling evenly from equal lengths to a second apart
title                   20  falling evenly from equal titles to a likeness of 75
artists                  8  share of all artist keys of both that both have
explicit flag            5  equal; half where unknown
ISRC                     4  same registrant and year: codes given out together; one code for two recordings is an error
edition                  2  same remaster or year
release date             1  same year
==================  ======  ==========================================================================================
"""

import polars as pl

_LOWEST_TITLE = 75.0
_REGISTRANT_AND_YEAR = 7
"""Characters of an ISRC before the designation: country, registrant, year (ISO 3901)."""


def match_score() -> pl.Expr:
    """Score pairs that have the facts of both tracks (prefixes `o_` and `c_`) and their comparisons."""
    return pl.sum_horizontal(
        35.0 * _equal("album"),
        25.0 * (1.0 - pl.col("duration_difference_s").abs().clip(0.0, 1.0)),
        20.0 * ((pl.col("title_score") - _LOWEST_TITLE) / (100.0 - _LOWEST_TITLE)).clip(0.0, 1.0),
        8.0 * _shared_artists(),
        5.0 * pl.when(_known("explicit")).then(_equal("explicit")).otherwise(0.5),
        4.0 * _issued_together(),
        2.0 * _equal("edition"),
        1.0 * _same(*(pl.col(f"{side}_release_date").str.slice(0, 4) for side in ("o", "c"))),
    ).round(3)


def _known(column: str) -> pl.Expr:
    return pl.col(f"o_{column}").is_not_null() & pl.col(f"c_{column}").is_not_null()


def _equal(column: str) -> pl.Expr:
    return _same(pl.col(f"o_{column}"), pl.col(f"c_{column}"))


def _same(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return (a == b).fill_null(value=False).cast(pl.Float64)


def _shared_artists() -> pl.Expr:
    """Jaccard index of the name keys."""
    shared = pl.col("o_names").list.set_intersection("c_names").list.len()
    every = pl.col("o_names").list.set_union("c_names").list.len()
    return pl.when(every > 0).then(shared / every).otherwise(0.0)


def _issued_together() -> pl.Expr:
    codes = [pl.col(f"{side}_isrc").str.slice(0, _REGISTRANT_AND_YEAR) for side in ("o", "c")]
    return _same(*codes) * (1.0 - _equal("isrc"))
