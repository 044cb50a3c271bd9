"""Everything measured on one pair of recordings: how they relate, and how good the derived vocal would be.

Evidence only measures; `mining.decisions` decides. All columns are plain finite numbers, whatever the audio: silence, a
tone or a second of sound give zero confidence, never an exception.

For an acapella the counterpart is the voice and the accompaniment is always on top. Gain, offset, drift and polarity
are those of the voice; `residual_db` is what is left where the voice rules (its formants in the backing's gaps: −10 to
−25 dB for a true acapella, 0 for any other); `difference_share` is the share owned by the backing; activity is the
acapella's own.
"""

from dataclasses import dataclass, fields

import numpy as np
import soxr
from numpy.typing import NDArray

from mining import fingerprints
from mining.alignment import Alignment, align
from mining.block_lags import BlockPlan
from mining.evidence_settings import EvidenceSettings
from mining.levels import Kind, Levels, measure_levels, target_sdrs_db
from mining.paired_frames import MAX_ANALYSIS_RATE_HZ, PairedFrames, to_analysis_rate
from mining.quality import LOWEST_DB, combine_sdr_db
from mining.speed import propose_speed
from mining.targets import Placement

Audio = NDArray[np.float32]

_SILENT_RMS = 1e-5
_WORKING_RMS = 0.1
_MIN_CHAIN = 3
_ALIGNED = 0.5
_MIN_FRAMES = 32


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One row of evidence. Times are the original's; see `Placement` for the sense of offset, drift, gain, polarity."""

    bit_error_rate: float
    """Of the fingerprints at their best offset, 0..1; 0.5 where there are none."""
    offset_s: float
    offset_uncertainty_s: float
    """Standard error of the lag where it is worst along the overlap."""
    drift_ppm: float
    gain_db: float
    gain_uncertainty_db: float
    polarity: int
    alignment_confidence: float
    """0..1: the lesser share of audible windows on the line and of audible blocks on the chain, less chance."""
    residual_db: float
    """Energy left where nobody sings, relative to the mixture (best-fitting regions); 0 where nothing fits."""
    vocal_activity: float
    """Share of audible frames with voice, 0..1."""
    overlap_s: float
    """Length of the original over which the alignment holds and both sound files have sound."""
    compared_s: float
    """Length of the shorter recording; 0 where one is silent."""
    aligned_fraction: float
    """Share of audible windows on the line, 0..1."""
    chain_fraction: float
    """Share of audible blocks on the main run, 0..1; well below 1 where there are cuts."""
    mean_coherence: float
    """Mean phase agreement of the windows on the line, 0..1."""
    num_cuts: int
    longest_gap_s: float
    """Longest stretch without agreement."""
    lag_scatter_s: float
    """Robust deviation of window lags about the line."""
    local_residual_db: float
    """As `residual_db`, with a gain per frame: beyond what separate limiting does."""
    frame_residual_db: float
    """Energy left in the best-fitting whole frames, after a gain per frame."""
    difference_share: float
    """Share of the mixture in cells owned by what is left, 0..1; near 0 for a duplicate."""
    vocal_to_backing_db: float
    gain_spread_db: float
    """Deviation of the gain over frames: separate limiting."""
    counterpart_only_share: float
    """Share of the counterpart that the original lacks where somebody sings, 0..1: a counterpart that sings too."""
    bandwidth_hz: float
    """Below which 99.9 % of the common energy lies (seen up to 10 kHz)."""
    speed_ratio_ppm: float
    """Speed of the counterpart against the original, less one, where a deliberate change was found; else 0."""
    half_wave_sdr_db: float
    waveform_sdr_db: float
    """Predicted for either target; −30 where it does not apply."""
    predicted_sdr_db: float
    """Of the better target."""

    @property
    def placement(self) -> Placement:
        """How the counterpart sits on the original."""
        return Placement(offset_s=self.offset_s, drift_ppm=self.drift_ppm, gain_db=self.gain_db, polarity=self.polarity)


def compare_recordings(
    original: Audio,
    original_rate_hz: int,
    counterpart: Audio,
    counterpart_rate_hz: int,
    *,
    original_fingerprint: NDArray[np.uint32],
    counterpart_fingerprint: NDArray[np.uint32],
    kind: str,
    settings: EvidenceSettings,
) -> Evidence:
    """Measure how two recordings relate.

    Parameters
    ----------
    original, counterpart : float32, shape (channels, samples), finite; any length, any level
    original_fingerprint, counterpart_fingerprint : uint32, shape (codes,); may be empty
    kind : 'acapella', or anything else for a counterpart without the voice

    Returns
    -------
    Evidence
        With zero confidence where nothing fits; never raises on finite audio.
    """
    match = fingerprints.compare(
        original_fingerprint,
        counterpart_fingerprint,
        max_shift_frames=round(settings.fingerprint_shift_s / fingerprints.FRAME_S),
    )
    rate = min(original_rate_hz, counterpart_rate_hz, MAX_ANALYSIS_RATE_HZ)
    first, first_scale = _prepared(original, original_rate_hz, rate)
    second, second_scale = _prepared(counterpart, counterpart_rate_hz, rate)
    if first_scale == 0.0 or second_scale == 0.0:
        return _nothing(match.bit_error_rate)
    found, frames = _search(first, second, rate, match, settings)
    compared_s = min(len(first), len(second)) / rate
    if frames.num_frames < _MIN_FRAMES:
        return _nothing(match.bit_error_rate, compared_s)
    measured: Kind = "acapella" if kind == "acapella" else "instrumental"
    levels = measure_levels(frames, found.gain, measured)
    speed_ratio_ppm = 0.0 if _confidence(found, settings) >= _ALIGNED else _speed(first, second, rate, settings)
    return _assemble(
        match.bit_error_rate,
        found,
        levels,
        _predict(frames, found, levels, measured),
        settings,
        scale=second_scale / first_scale,
        speed_ratio_ppm=speed_ratio_ppm,
        overlap_s=_overlap(frames),
        compared_s=compared_s,
    )


def _prepared(samples: Audio, sample_rate_hz: int, rate_hz: int) -> tuple[Audio, float]:
    """Mix to mono, resample, and bring to a common level; the factor used, 0 where there is nothing to hear."""
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    if peak <= _SILENT_RMS:
        return np.zeros(0, dtype=np.float32), 0.0
    mono = to_analysis_rate(samples * np.float32(1.0 / peak), sample_rate_hz, rate_hz)
    rms = float(np.sqrt(np.mean(np.square(mono, dtype=np.float64)))) if mono.size else 0.0
    if rms * peak <= _SILENT_RMS:
        return mono, 0.0
    return mono * np.float32(_WORKING_RMS / rms), _WORKING_RMS / rms / peak


def _search(
    first: Audio, second: Audio, rate_hz: int, match: fingerprints.FingerprintMatch, settings: EvidenceSettings
) -> tuple[Alignment, PairedFrames]:
    """Align about zero lag, and about the fingerprints' offset where that finds nothing."""
    plan = BlockPlan(reach_s=settings.search_reach_s)
    near = align(first, second, rate_hz, centre_s=0.0, plan=plan)
    far_s = match.offset_frames * fingerprints.FRAME_S
    if settings.far_search and _confidence(near[0], settings) < 1.0 and abs(far_s) > 0.5 * plan.reach_s:
        far = align(first, second, rate_hz, centre_s=far_s, plan=plan)
        return max(near, far, key=lambda found: _confidence(found[0], settings))
    return near


def _speed(first: Audio, second: Audio, rate_hz: int, settings: EvidenceSettings) -> float:
    """Relative speed in ppm, where that makes the two align; else 0."""
    proposed = propose_speed(first, second, rate_hz)
    if proposed is None:
        return 0.0
    undone = soxr.resample(second, rate_hz, rate_hz / (1.0 + proposed), quality="HQ")
    found, _ = align(first, undone, rate_hz, centre_s=0.0, plan=BlockPlan(reach_s=settings.search_reach_s))
    if _confidence(found, settings) < _ALIGNED:
        return 0.0
    return 1e6 * ((1.0 + proposed) * (1.0 + found.line.drift) - 1.0)


def _confidence(found: Alignment, settings: EvidenceSettings) -> float:
    if found.chain_blocks < _MIN_CHAIN:
        return 0.0
    span = max(settings.certain_share - settings.chance_share, 1e-9)
    agreeing = min(found.window_share, found.chain_share)
    return float(np.clip((agreeing - settings.chance_share) / span, 0.0, 1.0))


def _overlap(frames: PairedFrames) -> float:
    return float(frames.times_s[-1] - frames.times_s[0]) + frames.frame_s


def _predict(frames: PairedFrames, found: Alignment, levels: Levels, kind: Kind) -> tuple[float, float, float]:
    """Predict SDRs: half-wave, waveform, and of the target that would be used."""
    if kind == "acapella":
        # an acapella is the target itself: what the regions it rules do not explain bounds its error
        return LOWEST_DB, LOWEST_DB, combine_sdr_db(-levels.residual_db)
    half_wave, waveform = target_sdrs_db(frames, found.gain, levels)
    return half_wave, waveform, max(half_wave, waveform)


def _assemble(
    bit_error_rate: float,
    found: Alignment,
    levels: Levels,
    predicted: tuple[float, float, float],
    settings: EvidenceSettings,
    *,
    scale: float,
    speed_ratio_ppm: float,
    overlap_s: float,
    compared_s: float,
) -> Evidence:
    return Evidence(
        bit_error_rate=bit_error_rate,
        offset_s=found.line.offset_s,
        offset_uncertainty_s=float(min(found.offset_uncertainty_s, 1.0)),
        drift_ppm=1e6 * found.line.drift,
        gain_db=float(20.0 * np.log10(max(abs(found.gain) * scale, 1e-12))),
        gain_uncertainty_db=float(min(found.gain_uncertainty_db, 99.0)),
        polarity=found.polarity,
        alignment_confidence=_confidence(found, settings),
        residual_db=levels.residual_db,
        vocal_activity=levels.vocal_activity,
        overlap_s=overlap_s,
        compared_s=compared_s,
        aligned_fraction=found.window_share,
        chain_fraction=found.block_share,
        mean_coherence=found.mean_height,
        num_cuts=found.num_cuts,
        longest_gap_s=found.longest_gap_s,
        lag_scatter_s=found.scatter_s,
        local_residual_db=levels.local_residual_db,
        frame_residual_db=levels.frame_residual_db,
        difference_share=levels.difference_share,
        vocal_to_backing_db=levels.vocal_to_backing_db,
        gain_spread_db=levels.gain_spread_db,
        counterpart_only_share=levels.counterpart_only_share,
        bandwidth_hz=levels.bandwidth_hz,
        speed_ratio_ppm=speed_ratio_ppm,
        half_wave_sdr_db=predicted[0],
        waveform_sdr_db=predicted[1],
        predicted_sdr_db=predicted[2],
    )


def _nothing(bit_error_rate: float, compared_s: float = 0.0) -> Evidence:
    """Evidence where there is nothing to compare."""
    zeros = dict.fromkeys((field.name for field in fields(Evidence)), 0.0)
    certain = {"bit_error_rate": bit_error_rate, "compared_s": compared_s, "polarity": 1, "num_cuts": 0}
    unknown = {"offset_uncertainty_s": 1.0, "gain_uncertainty_db": 99.0, "lag_scatter_s": 1.0}
    hopeless = dict.fromkeys(("half_wave_sdr_db", "waveform_sdr_db", "predicted_sdr_db"), LOWEST_DB)
    return Evidence(**(zeros | certain | unknown | hopeless))  # type: ignore[arg-type]  # two of them are integers
