"""Which tracks are compared at all: those of a shared artist with equal titles, and few others.

A join on the artist alone explodes, as artists are skewed: 24 GB on a million tracks. Here equal titles meet first, and
only counterparts that found nothing are compared letter by letter, within artist, length and first letter, in chunks of
bounded size. A block above the cap is split further, by length and then by nearness in length; what is left uncompared
is counted, and the block is named.

A pair is found in the block of the smallest artist key that its tracks share, and in no other: so every partition of
the keys finds the same pairs, each once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from mining.candidate_rules import CandidateRules


class Part(NamedTuple):
    """A share of all artist keys: those whose remainder by `num_parts` is `number`."""

    number: int
    num_parts: int


WHOLE = Part(0, 1)
"""All artist keys."""
_PAIR = {"o_row": pl.UInt32, "c_row": pl.UInt32}
_BLOCK = ["artist", "title"]
UNCOMPARED = {
    "artist": pl.String,
    "title": pl.String,
    "num_counterparts": pl.Int64,
    "num_originals": pl.Int64,
    "num_compared": pl.Int64,
    "num_not_compared": pl.Int64,
}
"""Columns of the blocks of which not every pair was compared."""


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """Pairs to compare, as row numbers `o_row` and `c_row`, and the blocks of which not all pairs are among them."""

    pairs: pl.DataFrame
    uncompared: pl.DataFrame


def pairs_of_equal_titles(facts: pl.DataFrame, rules: CandidateRules, part: Part) -> Blocked:
    """Pair counterparts with plain tracks that share an artist key and a title key."""
    marked, plain = _sides(facts, part)
    plain = plain.join(marked.select("artist").unique(), on="artist", how="semi")
    titles = _title_keys(facts)
    marked, plain = (side.join(titles, on="row").unique(["row", *_BLOCK]) for side in (marked, plain))
    sizes = [side.group_by(_BLOCK).agg(pl.len().cast(pl.Int64)) for side in (marked, plain)]
    blocks = sizes[0].join(sizes[1], on=_BLOCK, suffix="_o").rename({"len": "num_c", "len_o": "num_o"})
    large = blocks.filter(pl.col("num_c") * pl.col("num_o") > rules.max_pairs_per_title)
    small = marked.join(large, on=_BLOCK, how="anti").join(plain, on=_BLOCK, suffix="_o")
    found = [_not_far_apart(small.select(artist="artist", o_row="row_o", c_row="row"), facts, rules)]
    counted = [pl.DataFrame(schema=UNCOMPARED)]
    for block in large.sort(_BLOCK).iter_rows(named=True):
        here = (pl.col("artist") == block["artist"]) & (pl.col("title") == block["title"])
        members = [facts[side.filter(here)["row"].to_numpy()] for side in (marked, plain)]
        near = _nearest(members[0], members[1], rules)
        found.append(near.with_columns(artist=pl.lit(block["artist"], dtype=pl.UInt64)).select(found[0].columns))
        counted.append(_count(members[0], members[1], near.height))
    uncompared = pl.concat(counted).filter(pl.col("num_not_compared") > 0)
    return Blocked(pairs=_owned(pl.concat(found), facts), uncompared=uncompared)


def _not_far_apart(pairs: pl.DataFrame, facts: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    lengths = facts["duration_s"]
    apart = lengths.gather(pairs["o_row"]) - lengths.gather(pairs["c_row"])
    return pairs.filter(apart.abs() <= rules.reach_s)


def _sides(facts: pl.DataFrame, part: Part) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Artist keys of counterparts and of plain tracks: `row` and `artist`, one row a key."""
    rows = facts.select("row", "kind", artist="met").explode("artist")
    rows = rows.filter(pl.col("artist") % part.num_parts == part.number) if part.num_parts > 1 else rows
    marked = pl.col("kind").is_not_null()
    return rows.filter(marked).select("row", "artist"), rows.filter(~marked).select("row", "artist")


def _title_keys(facts: pl.DataFrame) -> pl.DataFrame:
    """Hashes of the title keys under which each track is found, one row a key."""
    keys = [
        facts.select("row", title="key"),
        facts.filter(pl.col("wording") != pl.col("key")).select("row", title="wording"),
        facts.select("row", title="aliases").explode("title").drop_nulls(),
    ]
    return pl.concat(keys).select("row", title=pl.col("title").hash(seed=2))


def _owned(found: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Pairs found under the smallest artist key that both tracks have."""
    keys = facts.select("row", keys=pl.concat_list("names", "ids"))
    for side in ("o", "c"):
        found = found.join(keys.rename({"row": f"{side}_row", "keys": f"{side}_keys"}), on=f"{side}_row")
    shared = pl.col("o_keys").list.set_intersection("c_keys").list.min()
    return found.filter(shared == pl.col("artist")).select(list(_PAIR)).unique().sort("o_row", "c_row")


def _nearest(marked: pl.DataFrame, plain: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Pair each counterpart of a large block with the originals nearest in length, as far as the rules allow.

    Of equals in length, the first counterparts meet the first originals, so that a thousand pairs of one length are
    not all compared with the same few.
    """
    order = ["duration_s", "album", "track_id"]
    counterparts, originals = marked.sort(order), plain.sort(order)
    lengths_o, lengths_c = (side["duration_s"].to_numpy() for side in (originals, counterparts))
    within_s = rules.widest_difference_s + 1e-6
    equal_from, equal_to = (np.searchsorted(lengths_o, lengths_c, side=side) for side in ("left", "right"))
    middle = equal_from + (_place_among_equals(lengths_c) * (equal_to - equal_from)).astype(np.int64)
    half = rules.nearest_in_large_blocks // 2
    first = np.maximum(np.searchsorted(lengths_o, lengths_c - within_s), middle - half)
    last = np.minimum(np.searchsorted(lengths_o, lengths_c + within_s, side="right"), middle + half)
    counts = np.maximum(last - first, 0)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows_o, rows_c = originals["row"].to_numpy(), counterparts["row"].to_numpy()
    return pl.DataFrame(
        {"o_row": rows_o[np.repeat(first, counts) + offsets], "c_row": np.repeat(rows_c, counts)}, schema=_PAIR
    )


def _place_among_equals(lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place of each value of a sorted array among those equal to it, 0 for the first, towards 1 for the last."""
    first = np.searchsorted(lengths, lengths)
    last = np.searchsorted(lengths, lengths, side="right")
    return (np.arange(lengths.size) - first) / (last - first)


def _count(marked: pl.DataFrame, plain: pl.DataFrame, num_compared: int) -> pl.DataFrame:
    """Name a block by its first counterpart, and count what was compared of it."""
    named = marked.sort("track_id").head(1)
    return named.select(
        pl.col("artists").list.join(", ").alias("artist"),
        pl.col("base").alias("title"),
        num_counterparts=pl.lit(marked.height, dtype=pl.Int64),
        num_originals=pl.lit(plain.height, dtype=pl.Int64),
        num_compared=pl.lit(num_compared, dtype=pl.Int64),
        num_not_compared=pl.lit(marked.height * plain.height - num_compared, dtype=pl.Int64),
    )


def pairs_of_similar_titles(facts: pl.DataFrame, matched: pl.Series, rules: CandidateRules, part: Part) -> pl.DataFrame:
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
    wanted = named.join(matched.to_frame("row"), on="row", how="anti").filter(pl.col("kind").is_not_null())
    named = pl.concat([wanted, named.filter(pl.col("kind").is_null())])
    marked, plain = _sides(named, part)
    texts = named.select("row", "letters", "duration_s", first=pl.col("letters").str.slice(0, 1))
    marked, plain = (side.join(texts.drop("letters"), on="row") for side in (marked, plain))
    plain = plain.join(marked.select("artist", "first").unique(), on=["artist", "first"], how="semi")
    found = [pl.DataFrame(schema=_PAIR)]
    for chunk in _chunks(marked, plain, rules.chunk_pairs):
        near = _near(chunk, plain, ["artist", "first"], rules.widest_difference_s)
        near = near.select(artist="artist", o_row="row_o", c_row="row")
        alike = _alike(near.select(list(_PAIR)).unique(), texts, rules.listed_title_score)
        found.append(_owned(near.join(alike, on=list(_PAIR), how="semi"), facts))
    return pl.concat(found).sort("o_row", "c_row")


def _near(marked: pl.DataFrame, plain: pl.DataFrame, on: list[str], within_s: float) -> pl.DataFrame:
    """Join on keys where durations are at most `within_s` apart."""
    slot = (pl.col("duration_s") / within_s).floor().cast(pl.Int64)
    around = marked.with_columns(slot=pl.concat_list(slot - 1, slot, slot + 1)).explode("slot")
    joined = around.join(plain.with_columns(slot=slot), on=[*on, "slot"], suffix="_o")
    return joined.filter((pl.col("duration_s") - pl.col("duration_s_o")).abs() <= within_s + 1e-6)


def _chunks(marked: pl.DataFrame, plain: pl.DataFrame, num_pairs: int) -> Iterator[pl.DataFrame]:
    """Cut the marked side so that a chunk meets about `num_pairs` tracks of its artists at most."""
    slot = pl.col("duration_s").floor().cast(pl.Int64)
    sizes = plain.group_by("artist", "first", slot=slot).agg(met=pl.len())
    sized = marked.with_columns(slot=slot).join(
        sizes, on=["artist", "first", "slot"], how="left", maintain_order="left"
    )
    number = (pl.col("met").fill_null(1).cum_sum() * 3) // num_pairs
    cut = sized.select(*marked.columns, number=number)
    return iter(cut.partition_by("number", include_key=False, maintain_order=True))


def _alike(pairs: pl.DataFrame, texts: pl.DataFrame, min_score: float) -> pl.DataFrame:
    letters = texts.select("row", "letters")
    for side in ("o", "c"):
        named = letters.rename({"row": f"{side}_row", "letters": f"{side}_letters"})
        pairs = pairs.join(named, on=f"{side}_row", maintain_order="left")
    scores = cpdist(
        pairs["o_letters"].to_list(), pairs["c_letters"].to_list(), scorer=fuzz.ratio, score_cutoff=min_score
    )
    return pairs.filter(pl.Series(scores, dtype=pl.Float64) > 0).select(list(_PAIR))
