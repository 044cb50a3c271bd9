"""Trained models as estimators: names, loading once, and travelling to workers."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from evaluation import trained_models
from evaluation.songs import Song
from evaluation.trained_models import TrainedModel


def test_model_is_loaded_once_and_not_sent_along(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[tuple[str, ...]] = []

    def load(paths: tuple[str, ...], *, device: str | None):
        loads.append(paths)
        return lambda audio, sample_rate_hz: {"vocals": audio / 2, "instrumental": audio / 2}

    monkeypatch.setattr(trained_models, "load_models", load)
    audio = np.ones((1, 100), dtype=np.float32)
    song = Song(
        track_id="t",
        mixture=audio,
        references={"vocals": audio},
        sample_rate_hz=8192,
        reference_kind="true stems",
    )
    model = TrainedModel.at(Path("a/vocals-net"), Path("a/backing-net"))
    assert model.name == "vocals-net+backing-net"
    for _ in range(2):
        np.testing.assert_array_equal(model(song)["vocals"], audio / 2)
    assert loads == [("a/vocals-net", "a/backing-net")]
    travelled = pickle.loads(pickle.dumps(model))
    assert travelled == model
    travelled(song)
    assert len(loads) == 2
