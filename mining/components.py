"""Connected components of a graph that is given as a table of links."""

import polars as pl


def components(links: pl.DataFrame) -> pl.DataFrame:
    """Find what hangs together.

    Parameters
    ----------
    links
        Two columns of one type, `a` and `b`; a link to itself makes a member that may stand alone.

    Returns
    -------
    One row a member, sorted: `member`, and `first`, the smallest member of its component.
    """
    ways = pl.concat([links.select(member="a", other="b"), links.select(member="b", other="a")]).unique()
    first = ways.group_by("member").agg(first=pl.min_horizontal(pl.col("other").min(), pl.col("member").first()))
    while True:
        further = ways.join(first.rename({"member": "other"}), on="other").group_by("member").agg(pl.col("first").min())
        jump = first.rename({"member": "first", "first": "beyond"})
        nearer = pl.concat([first, further]).group_by("member").agg(pl.col("first").min())
        nearer = nearer.join(jump, on="first").select("member", first="beyond").sort("member")
        if nearer.equals(first.sort("member")):
            return nearer
        first = nearer
