"""The training loop: resuming bit for bit, budgets, publishing, refusals."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from training.checkpoints import read_card, read_model
from training.config import TrainConfig
from training.errors import ConfigError, DivergedError, NoShardsError
from training.fit import fit
from training.progress import TrainingProgress

TINY = TrainConfig(
    steps=6, batch_size=2, segment_frames=64, precision="fp32", validate_every=100, checkpoint_minutes=1e9, ema=0.5
)


class Watcher:
    """Keeps what is reported, and sends a signal to this process at one step."""

    def __init__(self, stop_at: int | None = None, number: signal.Signals = signal.SIGINT) -> None:
        self.stop_at, self.number = stop_at, number
        self.seen: list[TrainingProgress] = []

    def __call__(self, progress: TrainingProgress) -> None:
        self.seen.append(progress)
        if progress.step == self.stop_at and progress.share_done < 1:
            self.stop_at = None
            os.kill(os.getpid(), self.number)


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.companion._REPORT_EVERY_S", 0.0)


@pytest.fixture
def small_run(make_run: Any) -> Path:
    """Seven training segments: an epoch of four steps, the last one of a single segment."""
    run: Path = make_run({"train": [7], "valid": [2]})
    return run


def weights(model: Path) -> dict[str, torch.Tensor]:
    return read_model(model)[0].state_dict()


def last_checkpoint(model: Path) -> dict[str, Any]:
    checkpoint: dict[str, Any] = torch.load(model / "training/last.ckpt", weights_only=True)
    return checkpoint


def test_an_interrupted_training_ends_as_an_uninterrupted_one(small_run: Path, tmp_path: Path) -> None:
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    report = fit(small_run, whole, TINY, Watcher())
    for stop_at in (2, 4):  # within the first epoch, and again at its end
        with pytest.raises(KeyboardInterrupt):
            fit(small_run, pieces, TINY, Watcher(stop_at))
    resumed = Watcher()
    again = fit(small_run, pieces, TINY, resumed)
    assert [progress.step for progress in resumed.seen] == [6, 6] or resumed.seen[0].step > 4
    ours, theirs = last_checkpoint(whole), last_checkpoint(pieces)
    for name, values in ours["state_dict"].items():
        assert torch.equal(values, theirs["state_dict"][name]), name
    assert (again.steps, again.epochs, again.loss > 0) == (report.steps, report.epochs, True)
    assert all(torch.equal(values, weights(pieces)[name]) for name, values in weights(whole).items())
    assert report.validation_sdr_db == again.validation_sdr_db
    assert report.finished
    assert report.num_valid_segments == 2


def test_sigterm_is_delivered_after_the_checkpoint(small_run: Path, tmp_path: Path) -> None:
    received = []
    previous = signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))
    try:
        report = fit(small_run, tmp_path / "model", TINY, Watcher(2, signal.SIGTERM))
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert received == [signal.SIGTERM]
    assert not report.finished
    assert last_checkpoint(tmp_path / "model")["global_step"] in (2, 3)


def test_running_again_does_nothing_and_more_steps_go_on(small_run: Path, tmp_path: Path) -> None:
    config = replace(TINY, steps=2)
    first = fit(small_run, tmp_path / "model", config, Watcher())
    watcher = Watcher()
    again = fit(small_run, tmp_path / "model", config, watcher)
    assert watcher.seen == []
    assert again.steps == first.steps
    assert again.notes == ("finished before: nothing was left to do",)
    further = fit(small_run, tmp_path / "model", replace(config, steps=3), Watcher())
    assert further.steps == 3
    with pytest.raises(ConfigError, match=r"other settings \(learning_rate: 0.001, now 0.002\)"):
        fit(small_run, tmp_path / "model", replace(config, learning_rate=0.002), Watcher())


def test_a_time_limit_ends_the_training(small_run: Path, tmp_path: Path) -> None:
    watcher = Watcher()
    report = fit(small_run, tmp_path / "model", replace(TINY, steps=None, max_minutes=0.02), watcher)
    assert report.finished
    assert 1.0 <= report.seconds < 20
    shares = [progress.share_done for progress in watcher.seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert watcher.seen[-1].seconds_left == 0.0


def test_the_model_says_where_it_comes_from(small_run: Path, tmp_path: Path) -> None:
    fit(small_run, tmp_path / "model", replace(TINY, steps=1, target="instrumental"), Watcher())
    card, _, _ = read_card(tmp_path / "model")
    manifest = json.loads((small_run / "manifest.json").read_text())
    assert card.manifest_digest == manifest["digest"]
    assert (card.model, card.target, card.profile.name, card.step) == ("unet", "instrumental", "jansson-8k", 1)
    assert card.config["steps"] == 1
    assert card.scores["valid_pairs"] == 1


def test_without_a_held_out_split_it_trains_and_says_so(make_run: Any, tmp_path: Path) -> None:
    report = fit(make_run({"train": [3]}), tmp_path / "model", replace(TINY, steps=1, ema=0.0), Watcher())
    assert report.validation_sdr_db is None
    assert "no segment is held out" in report.notes[0]
    assert weights(tmp_path / "model")


def test_a_loss_that_is_no_number_is_explained(
    small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.module.masked_l1", lambda mask, *_: mask.sum() * float("nan"))
    with pytest.raises(DivergedError, match=r"became nan by step 1.*learning rate.*precision fp32"):
        fit(small_run, tmp_path / "model", TINY, Watcher())
    assert not (tmp_path / "model/model.json").exists()


def test_a_run_without_training_segments_is_refused(make_run: Any, tmp_path: Path) -> None:
    with pytest.raises(NoShardsError, match="split 'train'"):
        fit(make_run({"valid": [2]}), tmp_path / "model", TINY, Watcher())


def test_all_faults_of_a_config_are_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"batch_size is 0.*ema is 1\.5.*model is 'net'.*precision is 'fp8'"):
        TrainConfig(batch_size=0, ema=1.5, model="net", precision="fp8")  # type: ignore[arg-type]


def test_unknown_keys_are_refused_by_pydantic() -> None:
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(TrainConfig)
    assert adapter.validate_python({"batch_size": 4}).batch_size == 4
    with pytest.raises(ValidationError, match="learning_rat"):
        adapter.validate_python({"learning_rat": 0.1})


def test_frames_that_the_network_cannot_take_are_refused(small_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="segment_frames is 100, model 'unet' takes multiples of 64"):
        fit(small_run, tmp_path / "model", replace(TINY, segment_frames=100), Watcher())
