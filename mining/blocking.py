"""Which tracks are compared at all: those of a shared artist with equal titles, and few others.

A join on the artist alone explodes, as artists are skewed: 24 GB on a million tracks. Here equal titles meet first, and
only counterparts that found nothing are compared letter by letter, within artist, length and first letter, in chunks of
bounded size.
"""

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from mining.candidate_rules import CandidateRules

_NEAR_S = 10.0
_PAIR = {"o_row": pl.UInt32, "c_row": pl.UInt32}


def pairs_of_equal_titles(facts: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Pair counterparts with plain tracks that share an artist key and a title key.

    Returns
    -------
    Distinct pairs of row numbers, `o_row` and `c_row`.
    """
    marked, plain = _sides(facts)
    plain = plain.join(marked.select("artist").unique(), on="artist", how="semi")
    on = ["artist", "title"]
    keyed = [_with_titles(side, facts).with_columns(size=pl.len().over(on)) for side in (marked, plain)]
    found = keyed[0].join(keyed[1], on=on, how="inner", suffix="_o") if _few(keyed, rules) else None
    if found is None:
        found = _bounded_join(keyed[0], keyed[1], on, rules)
    return found.select(o_row="row_o", c_row="row").unique().sort("o_row", "c_row")


def _sides(facts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Artist keys of marked and of plain tracks, one row a key."""
    marked = facts.filter(pl.col("kind").is_not_null())
    plain = facts.filter(pl.col("kind").is_null())
    return _by_artist(marked), _by_artist(plain)


def _by_artist(facts: pl.DataFrame) -> pl.DataFrame:
    keys = [
        facts.select("row", "duration_s", artist=column).explode("artist").drop_nulls() for column in ("names", "ids")
    ]
    return pl.concat(keys)


def _with_titles(sided: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Add the title keys under which each track is found."""
    rows = facts.select("row", "key", "wording", "aliases").join(sided.select("row").unique(), on="row", how="semi")
    keys = [
        rows.select("row", title="key"),
        rows.filter(pl.col("wording") != pl.col("key")).select("row", title="wording"),
        rows.select("row", title="aliases").explode("title").drop_nulls(),
    ]
    return sided.join(pl.concat(keys).unique(), on="row", how="inner")


def _few(keyed: list[pl.DataFrame], rules: CandidateRules) -> bool:
    marked, plain = (side.group_by("artist", "title").agg(pl.len()) for side in keyed)
    product = marked.join(plain, on=["artist", "title"]).select(
        (pl.col("len").cast(pl.UInt64) * pl.col("len_right")).max()
    )
    return (product.item() or 0) <= rules.max_pairs_per_title


def _bounded_join(marked: pl.DataFrame, plain: pl.DataFrame, on: list[str], rules: CandidateRules) -> pl.DataFrame:
    """Join on artist and title; blocks beyond the cap only where durations are near."""
    sizes = plain.select(*on, plain_size="size").unique()
    marked = marked.join(sizes, on=on, how="inner")
    large = pl.col("size").cast(pl.UInt64) * pl.col("plain_size") > rules.max_pairs_per_title
    all_pairs = marked.filter(~large).join(plain, on=on, suffix="_o")
    near = _near(marked.filter(large), plain, on, _NEAR_S)
    columns = ["row", "row_o"]
    return pl.concat([all_pairs.select(columns), near.select(columns)])


def _near(marked: pl.DataFrame, plain: pl.DataFrame, on: list[str], within_s: float) -> pl.DataFrame:
    """Join on keys where durations are at most `within_s` apart."""
    slot = (pl.col("duration_s") / within_s).floor().cast(pl.Int64)
    around = marked.with_columns(slot=pl.concat_list(slot - 1, slot, slot + 1)).explode("slot")
    joined = around.join(plain.with_columns(slot=slot), on=[*on, "slot"], suffix="_o")
    return joined.filter((pl.col("duration_s") - pl.col("duration_s_o")).abs() <= within_s + 1e-6)


def pairs_of_similar_titles(facts: pl.DataFrame, matched: pl.Series, rules: CandidateRules) -> pl.DataFrame:
    """Pair counterparts that are not `matched` with tracks of the same artist, length and first letter.

    Parameters
    ----------
    matched
        Row numbers of counterparts that need nothing more.

    Returns
    -------
    Distinct pairs of row numbers whose titles have at least the listed likeness.
    """
    letters = pl.col("stem").str.replace_all(" ", "", literal=True)
    named = facts.with_columns(letters=letters).filter(pl.col("letters").str.len_chars() > rules.short_title_length)
    marked, plain = _sides(named.filter(~pl.col("row").is_in(matched.implode()) | pl.col("kind").is_null()))
    first = named.select("row", first=pl.col("letters").str.slice(0, 1))
    marked, plain = (side.join(first, on="row", how="inner") for side in (marked, plain))
    within_s = max(rules.max_duration_difference_s, rules.max_whole_second_difference_s, 0.1)
    plain = plain.join(marked.select("artist", "first").unique(), on=["artist", "first"], how="semi")
    texts = named.select("row", "letters")
    found = [pl.DataFrame(schema=_PAIR)]
    for chunk in _chunks(marked, plain, rules.chunk_pairs):
        pairs = _near(chunk, plain, ["artist", "first"], within_s).select(o_row="row_o", c_row="row").unique()
        found.append(_alike(pairs, texts, rules.listed_title_score))
    return pl.concat(found).unique().sort("o_row", "c_row")


def _chunks(marked: pl.DataFrame, plain: pl.DataFrame, num_pairs: int) -> list[pl.DataFrame]:
    """Cut the marked side so that a chunk meets about `num_pairs` tracks of its artists at most."""
    slot = pl.col("duration_s").floor().cast(pl.Int64)
    sizes = plain.group_by("artist", "first", slot=slot).agg(met=pl.len())
    sized = marked.with_columns(slot=slot).join(
        sizes, on=["artist", "first", "slot"], how="left", maintain_order="left"
    )
    number = (pl.col("met").fill_null(1).cum_sum() * 3) // num_pairs
    return sized.select(*marked.columns, number=number).partition_by("number", include_key=False, maintain_order=True)


def _alike(pairs: pl.DataFrame, texts: pl.DataFrame, min_score: float) -> pl.DataFrame:
    for side in ("o", "c"):
        pairs = pairs.join(texts.rename({"row": f"{side}_row", "letters": f"{side}_letters"}), on=f"{side}_row")
    scores = cpdist(
        pairs["o_letters"].to_list(), pairs["c_letters"].to_list(), scorer=fuzz.ratio, score_cutoff=min_score
    )
    return pairs.with_columns(score=pl.Series(scores, dtype=pl.Float64)).filter(pl.col("score") > 0).select(list(_PAIR))
