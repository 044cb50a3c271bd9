"""BSSEval v4 against museval, and what is reported where museval leaves frames out."""

import shutil

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from evaluation.bsseval import FrameScores, bsseval_v4
from evaluation.distortion_filters import correlations

RATE = 4000
METRICS = ("sdr", "isr", "sir", "sar")
if shutil.which("ffmpeg") is None:
    pytest.skip("museval raises at import without an ffmpeg program", allow_module_level=True)
museval = pytest.importorskip("museval")


def coloured(seed: int, sources: int = 2, channels: int = 2, seconds: float = 5.3) -> NDArray[np.float64]:
    """Noise whose spectrum falls differently in each source."""
    noise = np.random.default_rng(seed).standard_normal((sources, channels, int(seconds * RATE)))
    return np.stack([lfilter([1.0], [1.0, -0.3 - 0.4 * k / sources], noise[k]) for k in range(sources)])


def separated(references: NDArray[np.float64], seed: int = 1) -> NDArray[np.float64]:
    """Leakage, filtering and artefacts, as a separator makes them."""
    noise = np.random.default_rng(seed).standard_normal(references.shape)
    return references + 0.3 * references[::-1] + 0.1 * np.roll(references, 3, axis=-1) + 0.05 * noise


def from_museval(references: NDArray[np.float64], estimates: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    scores = museval.evaluate(references.transpose(0, 2, 1), estimates.transpose(0, 2, 1), win=RATE, hop=RATE)
    return dict(zip(METRICS, scores, strict=True))


def assert_like_museval(ours: FrameScores, references: NDArray[np.float64], estimates: NDArray[np.float64]) -> None:
    for metric, expected in from_museval(references, estimates).items():
        np.testing.assert_allclose(ours.as_museval(metric), expected, rtol=0, atol=1e-6, err_msg=metric)


@pytest.mark.parametrize(("sources", "channels"), [(2, 1), (2, 2), (3, 1)])
def test_equals_museval(sources: int, channels: int) -> None:
    references = coloured(0, sources, channels)
    estimates = separated(references)
    ours = bsseval_v4(references, estimates, RATE)
    assert ours.sdr.shape == (sources, 5)
    assert_like_museval(ours, references, estimates)
    assert not ours.excluded.any()


def test_equals_museval_on_one_source() -> None:
    references = coloured(0, sources=1)
    estimates = separated(references)
    ours = bsseval_v4(references, estimates, RATE)
    assert_like_museval(ours, references, estimates)
    assert np.isposinf(ours.sir).all()


def test_equals_museval_on_references_without_a_top_octave() -> None:
    """Normal equations of condition 1e16: only the same order of operations gives the same digits."""
    references = sosfilt(butter(8, 0.4, output="sos"), coloured(0))
    estimates = separated(references)
    assert_like_museval(bsseval_v4(references, estimates, RATE), references, estimates)


def test_equals_museval_near_the_limit_of_the_quick_road() -> None:
    references = sosfilt(butter(3, 0.5, output="sos"), coloured(0))
    estimates = separated(references)
    assert_like_museval(bsseval_v4(references, estimates, RATE), references, estimates)


def test_equals_museval_on_a_signal_shorter_than_a_frame() -> None:
    references = coloured(0, seconds=0.6)
    estimates = separated(references)
    ours = bsseval_v4(references, estimates, RATE)
    assert ours.sdr.shape == (2, 1)
    assert_like_museval(ours, references, estimates)


def test_equals_museval_on_short_estimates() -> None:
    references = coloured(0)
    estimates = separated(references)[..., :-7000]
    assert_like_museval(bsseval_v4(references, estimates, RATE), references, estimates)


def test_frames_that_museval_drops_are_marked_and_scored_beside() -> None:
    """A gate that zeroes a frame leaves museval's median better off; the score of all frames is not fooled."""
    references = coloured(0)
    estimates = separated(references)
    estimates[0, :, RATE : 2 * RATE] = 0
    estimates[0, :, 3 * RATE : 4 * RATE] = 0
    ours = bsseval_v4(references, estimates, RATE)
    assert_like_museval(ours, references, estimates)
    assert ours.excluded.tolist() == [False, True, False, True, False]
    assert ours.all_frames("sdr")[0, [1, 3]].tolist() == [0.0, 0.0]
    assert np.isfinite(ours.all_frames("sdr")).all()
    assert np.nanmedian(ours.as_museval("sdr")[0]) > np.median(ours.all_frames("sdr")[0])


def test_a_frame_without_reference_is_left_out_for_its_own_source_only() -> None:
    references = coloured(0)
    references[0, :, :RATE] = 0
    estimates = separated(coloured(0))
    ours = bsseval_v4(references, estimates, RATE)
    assert_like_museval(ours, references, estimates)
    assert np.isnan(ours.all_frames("sdr")[0, 0])
    assert np.isfinite(ours.all_frames("sdr")[1, 0])


def test_left_minus_right_counts_as_silent_for_museval_alone() -> None:
    references = coloured(0)
    references[0, 1] = -references[0, 0]
    with pytest.raises(ValueError, match="silent"):
        from_museval(references, separated(references))
    ours = bsseval_v4(references, separated(references), RATE)
    assert ours.excluded.all()
    assert np.isfinite(ours.all_frames("sdr")).all()


def test_silent_estimate_scores_zero_in_all_frames() -> None:
    references = coloured(0)
    estimates = separated(references)
    estimates[1] = 0
    ours = bsseval_v4(references, estimates, RATE)
    assert ours.excluded.all()
    assert ours.all_frames("sdr")[1].tolist() == [0.0] * 5


def test_batches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    references = coloured(0)
    estimates = separated(references)
    whole = bsseval_v4(references, estimates, RATE)
    monkeypatch.setattr("evaluation.bsseval.SAMPLES_PER_BATCH", 1)
    np.testing.assert_allclose(bsseval_v4(references, estimates, RATE).sar, whole.sar, rtol=0, atol=1e-9)


def test_correlations_against_the_definition() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, 20000)), rng.standard_normal((3, 20000))
    found = correlations(torch.from_numpy(left), torch.from_numpy(right), taps=4).numpy()
    for lag in range(-3, 4):
        shifted = np.zeros_like(right)
        source = slice(max(lag, 0), 20000 + min(lag, 0))
        shifted[:, max(-lag, 0) : 20000 + min(-lag, 0)] = right[:, source]
        np.testing.assert_allclose(found[:, :, lag + 3], left @ shifted.T, atol=1e-9)


@pytest.mark.parametrize("shape", [(2, 2, 100), (1, 2, 100), (2, 100)])
def test_disagreeing_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="channels, samples"):
        bsseval_v4(np.ones((2, 1, 100)), np.ones(shape), RATE)


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        bsseval_v4(np.ones((1, 1, 100)), np.full((1, 1, 100), np.nan), RATE)
