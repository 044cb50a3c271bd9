"""The rules by which metadata proposes a pair, each with its name, its values and its verdict.

A rule is a polars expression over pairs, so that one rule decides a hundred thousand pairs and explains one. A pair's
reason is the first rule it breaks, in the order of `RULES`.

References: Humphrey et al., ISMIR 2017, and Jansson et al., ISMIR 2017 (same artist, "instrumental" in one title only,
titles match, durations less than a second apart); the rest from reading real catalogues.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import polars as pl
from annotated_types import Ge, Le

from mining.title_similarity import may_be_one_title, title_score

ALTERNATIVES_EXCEEDED = "alternatives_exceeded"
"""Reason of a pair that obeys every rule, but whose tracks have better partners enough."""
OTHER_EDITION = "other_edition"
"""Reason of a pair that obeys every rule, while a better ranked pair is kept of the same two recordings."""
Tier = Literal["strict", "same_album"]
NO_INSTRUMENTAL = "no_instrumental"
"""Reason of an a cappella whose song has no instrumental among the candidates."""
_ALIAS_SCORE = 95.0
"""Score of a title equal to one half of a bilingual one."""


@dataclass(frozen=True, kw_only=True)
class CandidateRules:
    """What makes two tracks a candidate pair."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 – pydantic's own name, no field

    max_duration_difference_s: Annotated[float, Ge(0), Le(60)] = 1.0
    """Durations differ by less than this, where they have fractions (Humphrey 2017: less than 1 s apart)."""
    max_whole_second_difference_s: Annotated[float, Ge(0), Le(60)] = 1.0
    """Durations in whole seconds are intervals, and may differ by up to this: 180 and 181 may be 0.1 s apart."""
    max_same_album_difference_s: Annotated[float, Ge(0), Le(60)] = 0.0
    """Tracks of one album may differ by up to this; such pairs are marked `same_album` in the column `tier`, and the
    audio has to confirm them. 0: no such tier."""
    min_title_score: Annotated[float, Ge(0), Le(100)] = 88.0
    """Likeness that unequal titles need besides agreeing word for word: one slip in a title of nine letters."""
    listed_title_score: Annotated[float, Ge(0), Le(100)] = 75.0
    """Unequal titles of one artist at one length are listed as turned down from this likeness on, not below."""
    short_title_length: Annotated[int, Ge(0), Le(40)] = 5
    """Titles of up to this many letters must be equal: STOP and TOP are two songs."""
    max_alternatives: Annotated[int, Ge(1), Le(50)] = 3
    """Originals kept for a counterpart, and counterparts of a kind for an original: recordings have 3
    editions on average (a tally over 256 million tracks)."""
    max_editions: Annotated[int, Ge(1), Le(50)] = 3
    """Of these, editions of one recording: stand-ins for a file that turns out broken or mislabelled. They never take
    the place of another recording. 1 listens to one edition only."""
    acapella_needs_instrumental: bool = True
    """An a cappella joins a song that has an instrumental, as its third member; alone, it is no pair of the rule."""
    compared_within_s: Annotated[float, Ge(1), Le(600)] = 10.0
    """Tracks further apart in length than this (and than any rule allows) are not compared at all; nearer ones that are
    too far apart are listed as `duration_differs`."""
    max_pairs_per_title: Annotated[int, Ge(1)] = 10_000
    """Where one artist has more pairs than this under one title, only those that are near enough in length to pass are
    compared; the rest is counted in `uncompared`."""
    nearest_in_large_blocks: Annotated[int, Ge(2), Le(10_000)] = 64
    """Of these, for each counterpart, the originals nearest in length: bounds a block of ten thousand tracks that have
    one artist, one title and one length."""
    chunk_pairs: Annotated[int, Ge(1000)] = 1_000_000
    """Pairs scored at a time while titles are compared letter by letter: bounds memory, changes no result."""

    @property
    def reach_s(self) -> float:
        """Difference in length up to which tracks are compared: `compared_within_s`, or what a rule allows."""
        return max(self.compared_within_s, self.widest_difference_s)

    @property
    def widest_difference_s(self) -> float:
        """Difference in length up to which any rule can pass; at least a tenth of a second."""
        return max(
            self.max_duration_difference_s, self.max_whole_second_difference_s, self.max_same_album_difference_s, 0.1
        )


@dataclass(frozen=True, kw_only=True)
class RuleVerdict:
    """How one rule judged one pair: the values it looked at, as text, and whether they pass."""

    rule: str
    original: str
    counterpart: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule's name (its rejection reason), the value it shows of either side, and the test on pairs.

    Pairs have the facts of both tracks, with the prefixes `o_` and `c_`, and what `with_comparisons` adds.
    """

    name: str
    shows: Callable[[str], pl.Expr]
    passes: Callable[[CandidateRules], pl.Expr]


def _text(column: str) -> Callable[[str], pl.Expr]:
    return lambda side: pl.col(f"{side}_{column}").cast(pl.String)


def _list(column: str) -> Callable[[str], pl.Expr]:
    return lambda side: pl.col(f"{side}_{column}").list.join(", ")


def _not_disqualified(reason: str) -> Callable[[CandidateRules], pl.Expr]:
    return lambda _: (
        ((pl.col("o_disqualifier") == reason) | (pl.col("c_disqualifier") == reason)).fill_null(False).not_()
    )


def _no_cover(_: CandidateRules) -> pl.Expr:
    """Neither is a cover, or both: a karaoke label's own version with its singer, which says so, and without."""
    styled = [(pl.col(f"{side}_disqualifier") == "cover").fill_null(False) for side in ("o", "c")]
    acts = (pl.col("o_cover_act") & pl.col("o_is_sung")) | ~pl.col("c_cover_act")
    return (styled[0] == styled[1]) & acts & (pl.col("o_is_cover") == pl.col("c_is_cover"))


def _titles_match(rules: CandidateRules) -> pl.Expr:
    return pl.col("title_equal") | (pl.col("titles_alike") & (pl.col("title_score") >= rules.min_title_score))


def _versions_agree(_: CandidateRules) -> pl.Expr:
    return _same_versions() & _one_sided_or_shared("languages") & _one_sided_or_shared("guests") & _same_origin()


def _same_versions() -> pl.Expr:
    original = pl.col("o_versions")
    equal = (original == pl.col("c_versions")) | (original == pl.col("c_versions_too"))
    return equal | (pl.col("o_wording") == pl.col("c_wording"))


def _same_origin() -> pl.Expr:
    """Where both titles name the film or game they are from, one says no more words than the other, and its numbers."""
    original, counterpart = (pl.col(f"{side}_origins") for side in ("o", "c"))
    one_sided = original.is_null() | counterpart.is_null()
    shared = original.list.set_intersection(counterpart).list.len()
    within = shared == pl.min_horizontal(original.list.len(), counterpart.list.len())
    differing = original.list.set_symmetric_difference(counterpart).list.eval(pl.element().str.contains(r"^\d+$"))
    return one_sided | (within & ~differing.list.any())


def _one_sided_or_shared(column: str) -> pl.Expr:
    """Lists agree where one is empty or they share a value."""
    a, b = pl.col(f"o_{column}"), pl.col(f"c_{column}")
    one_sided = (a.list.len().fill_null(0) == 0) | (b.list.len().fill_null(0) == 0)
    return one_sided | (a.list.set_intersection(b).list.len() > 0).fill_null(False)


def _strictly_as_long(rules: CandidateRules) -> pl.Expr:
    whole = (pl.col("o_duration_s") % 1 == 0) & (pl.col("c_duration_s") % 1 == 0)
    difference = pl.col("duration_difference_s").abs()
    return (difference < rules.max_duration_difference_s) | (
        whole & (difference <= rules.max_whole_second_difference_s)
    )


def _durations_match(rules: CandidateRules) -> pl.Expr:
    strict = _strictly_as_long(rules)
    if not rules.max_same_album_difference_s:
        return strict
    same_album = (pl.col("o_album") == pl.col("c_album")).fill_null(False)
    return strict | (same_album & (pl.col("duration_difference_s").abs() <= rules.max_same_album_difference_s))


def tier(rules: CandidateRules) -> pl.Expr:
    """Name the tier of the duration rule that a pair passes by: one of `Tier`."""
    return pl.when(_strictly_as_long(rules)).then(pl.lit("strict")).otherwise(pl.lit("same_album"))


def _numbers_agree(_: CandidateRules) -> pl.Expr:
    return _texts_equal() | (pl.col("o_numbers") == pl.col("c_numbers"))


def _shown_artists(side: str) -> pl.Expr:
    return pl.col(f"{side}_artists").list.join(", ")


def _shown_versions(side: str) -> pl.Expr:
    parts = [pl.col(f"{side}_versions"), _list("languages")(side), _list("guests")(side)]
    return (
        pl.concat_list([part.fill_null("") for part in parts])
        .list.eval(pl.element().filter(pl.element() != ""))
        .list.join(" | ")
    )


RULES: tuple[Rule, ...] = (
    Rule(
        name="not_a_counterpart",
        shows=_text("kind"),
        passes=lambda _: pl.col("o_kind").is_null() & pl.col("c_kind").is_not_null(),
    ),
    Rule(name="different_artist", shows=_shown_artists, passes=lambda _: pl.col("shared_artists") > 0),
    Rule(name="kind_unclear", shows=_text("disqualifier"), passes=_not_disqualified("two_kinds")),
    Rule(name="vocals_kept", shows=_text("disqualifier"), passes=_not_disqualified("vocals_kept")),
    Rule(name="cut_down", shows=_text("disqualifier"), passes=_not_disqualified("cut_down")),
    Rule(name="cover_version", shows=_text("disqualifier"), passes=_no_cover),
    Rule(name="title_mismatch", shows=_text("base"), passes=_titles_match),
    Rule(name="numbers_differ", shows=_text("numbers"), passes=_numbers_agree),
    Rule(name="version_tags_differ", shows=_shown_versions, passes=_versions_agree),
    Rule(name="duration_differs", shows=_text("duration_s"), passes=_durations_match),
)
RULE_NAMES: tuple[str, ...] = tuple(rule.name for rule in RULES)


def _texts_equal() -> pl.Expr:
    return (pl.col("o_key") == pl.col("c_key")) | (pl.col("o_wording") == pl.col("c_wording"))


def with_comparisons(pairs: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Add `shared_artists`, `title_equal`, `titles_alike`, `title_score` and `duration_difference_s`."""
    equal = _texts_equal()
    alias = pl.col("c_aliases").list.contains(pl.col("o_key")).fill_null(False) | pl.col("o_aliases").list.contains(
        pl.col("c_key")
    ).fill_null(False)
    by_id = (pl.col("o_ids").list.len() > 0) & (pl.col("c_ids").list.len() > 0)
    pairs = pairs.with_columns(
        title_equal=equal | alias,
        title_score=pl.when(equal).then(100.0).when(alias).then(_ALIAS_SCORE),
        duration_difference_s=(pl.col("c_duration_s") - pl.col("o_duration_s")).round(6),
        shared_artists=pl.when(by_id)
        .then(pl.col("o_ids").list.set_intersection("c_ids").list.len())
        .otherwise(pl.col("o_names").list.set_intersection("c_names").list.len()),
    )
    return _with_likeness(pairs, rules)


def _with_likeness(pairs: pl.DataFrame, rules: CandidateRules) -> pl.DataFrame:
    """Score titles that are not equal, each pair of them once."""
    unequal = pairs.filter(~pl.col("title_equal")).select("o_stem", "c_stem").unique()
    scored = [
        (a, b, title_score(a, b), may_be_one_title(a, b, short_title_length=rules.short_title_length))
        for a, b in unequal.iter_rows()
    ]
    likeness = pl.DataFrame(
        scored,
        schema={"o_stem": pl.String, "c_stem": pl.String, "score": pl.Float64, "titles_alike": pl.Boolean},
        orient="row",
    )
    return (
        pairs.join(likeness, on=["o_stem", "c_stem"], how="left", maintain_order="left")
        .with_columns(
            title_score=pl.col("title_score").fill_null(pl.col("score")),
            titles_alike=pl.col("titles_alike").fill_null(True),
        )
        .drop("score")
    )


def first_broken_rule(rules: CandidateRules) -> pl.Expr:
    """Name the first rule that a pair breaks, null where it obeys all."""
    reason = pl.lit(None, dtype=pl.String)
    for rule in reversed(RULES):
        reason = pl.when(rule.passes(rules).fill_null(False)).then(reason).otherwise(pl.lit(rule.name))
    return reason.alias("reason")


def verdicts(pair: pl.DataFrame, rules: CandidateRules) -> list[RuleVerdict]:
    """Judge a frame of one pair rule by rule."""
    return [
        RuleVerdict(
            rule=rule.name,
            original=pair.select(rule.shows("o").fill_null("")).item(),
            counterpart=pair.select(rule.shows("c").fill_null("")).item(),
            passed=bool(pair.select(rule.passes(rules).fill_null(False)).item()),
        )
        for rule in RULES
    ]
