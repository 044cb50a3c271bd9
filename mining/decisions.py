"""From evidence to a verdict: accepted, or the name of the rule that turned a pair down.

Decisions read evidence only and never measure; another threshold needs no new listening. Each default sits in the
middle of the gap that planted pairs leave (docstring under the field), so none of them is critical.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le

Reason = Literal[
    "too_short_overlap",
    "too_different",
    "not_aligned",
    "speed_differs",
    "edited",
    "too_similar",
    "vocals_kept",
]
REASONS: tuple[Reason, ...] = (
    "too_short_overlap",
    "too_different",
    "not_aligned",
    "speed_differs",
    "edited",
    "too_similar",
    "vocals_kept",
)


@dataclass(frozen=True, kw_only=True)
class DecisionRules:
    """Thresholds on evidence."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    min_overlap_s: Annotated[float, Ge(0.0)] = 6.0
    """Half a patch of the published U-Net; below it alignment rests on fewer than eight windows."""
    min_confidence: Annotated[float, Ge(0.0), Le(1.0)] = 0.5
    """0.5 means that three windows in ten agree within 0.1 ms; true pairs have nine, unrelated ones one in fifteen."""
    max_drift_ppm: Annotated[float, Ge(0.0)] = 300.0
    """Twice the largest clock drift seen in the field (145 ppm); deliberate speed changes start at 1,000."""
    max_residual_db: Annotated[float, Le(0.0)] = -6.0
    """Of `local_residual_db`: unrelated sound leaves 0 dB where it fits best, limited lossy pairs −17 dB or less."""
    max_cuts: Annotated[int, Ge(0)] = 0
    """Jumps of the lag; each is borne out by at least two blocks of three seconds."""
    max_gap_share: Annotated[float, Ge(0.0), Le(1.0)] = 0.3
    """A longer stretch in which nothing agrees is another arrangement; a voice drowns seconds, no third of a song."""
    min_gap_s: Annotated[float, Ge(0.0)] = 8.0
    """Shorter stretches without agreement are forgiven whatever their share."""
    min_difference_share: Annotated[float, Ge(0.0), Le(1.0)] = 0.01
    """Duplicates leave at most 0.001 of the energy in cells of their own, the quietest voices (−15 dB) 0.02 or more."""
    min_vocal_activity: Annotated[float, Ge(0.0), Le(1.0)] = 0.02
    """Five seconds of voice in a song of four minutes."""
    too_different_bit_error_rate: Annotated[float, Ge(0.0), Le(0.5)] = 0.38
    """Only names the reason: what does not align is `too_different` above, `not_aligned` (loop, stretch) below."""
    max_counterpart_only_share: Annotated[float, Ge(0.0), Le(1.0)] = 0.14
    """Of a true backing up to a tenth cancels by chance where somebody sings; of one that sings too, 0.15 and more."""
    max_counterpart_only_ratio: Annotated[float, Ge(0.0)] = 0.4
    """Quiet voices kept: what only the counterpart has, over `difference_share`; alike where both sing, 0.3 at most
    where only the original does. Below a share of 0.02 nothing is concluded."""
    share_backings_across_languages: bool = False
    """One instrumental may serve an original of each language: versions in other languages often share the backing.
    The sound has confirmed each such pair; the default keeps pairs one to one."""


def decide(evidence: Mapping[str, Any], kind: str, rules: DecisionRules) -> Reason | None:
    """Decide one pair.

    Parameters
    ----------
    evidence : a row of evidence (`mining.evidence.Evidence` as a mapping)
    kind : 'instrumental' or 'acapella' (or 'minus:<instrument>', judged as an instrumental)

    Returns
    -------
    Reason or None
        The first rule that turns the pair down, None where it is accepted.
    """
    if evidence["alignment_confidence"] < rules.min_confidence:
        return _unaligned(evidence, rules)
    if abs(evidence["drift_ppm"]) > rules.max_drift_ppm:
        return "speed_differs"
    if evidence["num_cuts"] > rules.max_cuts or _has_gap(evidence, rules):
        return "edited"
    if evidence["overlap_s"] < rules.min_overlap_s:
        return "too_short_overlap"
    if evidence["local_residual_db"] > rules.max_residual_db:
        return "not_aligned"
    if _too_similar(evidence, rules):
        return "too_similar"
    if _sings_too(evidence, rules):
        return "not_aligned" if kind == "acapella" else "vocals_kept"
    return None


def _unaligned(evidence: Mapping[str, Any], rules: DecisionRules) -> Reason:
    """Name why nothing aligns."""
    if abs(evidence["speed_ratio_ppm"]) > rules.max_drift_ppm:
        return "speed_differs"
    if 0.0 < evidence["compared_s"] < rules.min_overlap_s:
        return "too_short_overlap"
    different = evidence["bit_error_rate"] > rules.too_different_bit_error_rate
    return "too_different" if different else "not_aligned"


def _has_gap(evidence: Mapping[str, Any], rules: DecisionRules) -> bool:
    gap = evidence["longest_gap_s"]
    return bool(gap > rules.min_gap_s and gap > rules.max_gap_share * max(evidence["overlap_s"], 1e-9))


def _too_similar(evidence: Mapping[str, Any], rules: DecisionRules) -> bool:
    quiet = evidence["vocal_activity"] < rules.min_vocal_activity
    return bool(evidence["difference_share"] < rules.min_difference_share or quiet)


def _sings_too(evidence: Mapping[str, Any], rules: DecisionRules) -> bool:
    alone = evidence["counterpart_only_share"]
    quietly = alone > 0.02 and alone > rules.max_counterpart_only_ratio * evidence["difference_share"]
    return bool(alone > rules.max_counterpart_only_share or quietly)
