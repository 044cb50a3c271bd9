"""Sample-rate conversion, one way for the whole program (soxr, high quality)."""

import numpy as np
import soxr
from numpy.typing import NDArray


def resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Convert the sample rate of audio.

    Parameters
    ----------
    samples : float32, shape (channels, num_samples)
    from_hz, to_hz : sample rates in hertz

    Returns
    -------
    float32, shape (channels, round(num_samples · to_hz / from_hz))
    """
    if from_hz == to_hz:
        return samples
    converted = soxr.resample(np.ascontiguousarray(samples.T), from_hz, to_hz, quality="HQ")
    return np.ascontiguousarray(converted.T, dtype=np.float32)
