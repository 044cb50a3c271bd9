"""The training program: from a run's shards to a published model.

    report = fit("RUN", Path("MODEL"), TrainConfig(max_minutes=10))

Lightning drives the steps (precision, devices, gradient clipping, the optimiser's state). It is given one endless
stream of batches, and a companion that watches the budget, validates, publishes and writes checkpoints.
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import lightning
import torch

from data_manifests.profiles import SignalProfile
from training.companion import Companion
from training.config import TrainConfig
from training.errors import ConfigError, NoShardsError, TrainingError
from training.interruption import deferred_signals
from training.module import SeparationModule
from training.pair_loader import PairLoader
from training.progress import ConsoleProgress, ProgressCallback
from training.samples import Sample
from training.session import FitReport, TrainingFolder
from training.shards import PairShards
from training.unet import FRAME_MULTIPLE, UNet
from training.validation import COLUMNS

_VALID_BATCH = 16


def fit(run: str | Path, out: Path, config: TrainConfig, progress: ProgressCallback | None = None) -> FitReport:
    """Train a network on the segments of a run, or go on with the training in `out`.

    Parameters
    ----------
    run
        Run directory or URL, or the path of one of its manifests.
    out
        The model's folder. An interrupted training there is continued as if it had not stopped; a finished one is
        left alone unless `steps` or `max_minutes` were raised.
    config
        What to train and how.
    progress
        Called about twice a second with a `TrainingProgress`; by default stderr shows it.

    Raises
    ------
    NoShardsError, DamagedShardError, ShardsError
        The run cannot serve this training.
    ConfigError
        Settings do not go together, or `out` holds a training with others.
    DivergedError
        The loss became NaN or infinite.
    OSError
        The disk is full or writing is not allowed; the last checkpoint stays.

    Notes
    -----
    SIGINT and SIGTERM are held back until the step is done and a checkpoint is written, then delivered.
    """
    folder = TrainingFolder(out)
    newest = PairShards(run).manifest_digest
    digest, earlier = folder.open(config, newest, out=out)
    if earlier is not None:
        return earlier
    train = PairShards(
        run,
        grades=config.grades,
        segment_frames=config.segment_frames,
        seed=config.seed,
        batch_size=config.batch_size,
        columns=COLUMNS,
        manifest_digest=digest,
        endless=True,
    )
    valid = _held_out(run, digest)
    with _quietly(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        module = SeparationModule(config)
        _check_together(config, train.profile, module)
        with deferred_signals() as stop:
            companion = Companion(module, folder, out, train, valid, stop, progress or ConsoleProgress())
            _run(module, companion, _Stream(train, companion, config.num_workers), config, folder)
    return companion.report


def _held_out(run: str | Path, digest: str) -> PairShards | None:
    valid = PairShards(
        run,
        split="valid",
        shuffle=False,
        batch_size=_VALID_BATCH,
        columns=COLUMNS,
        manifest_digest=digest,
        rank=0,
        world_size=1,
    )
    try:
        len(valid)
    except NoShardsError:
        return None
    return valid


def _check_together(config: TrainConfig, profile: SignalProfile, module: SeparationModule) -> None:
    faults = []
    if isinstance(module.network, UNet):
        if profile.num_bins != UNet.num_bins:
            faults.append(
                f"model {config.model!r} takes {UNet.num_bins} bins, profile {profile.name!r} has {profile.num_bins}"
            )
        if config.segment_frames % FRAME_MULTIPLE:
            faults.append(f"segment_frames is {config.segment_frames}, model {config.model!r} takes multiples of 64")
    if faults:
        raise ConfigError("; ".join(faults))


class _Stream:
    """Batches without end, each with the loader's state after it (Lightning fetches ahead of the step)."""

    def __init__(self, shards: PairShards, companion: Companion, num_workers: int) -> None:
        self._shards, self._companion, self._num_workers = shards, companion, num_workers

    def __iter__(self) -> Iterator[Sample]:
        on_gpu = torch.cuda.is_available()
        loader: PairLoader = self._shards.loader(num_workers=self._num_workers, pin_memory=on_gpu)
        if self._companion.loader_state is not None:
            loader.load_state_dict(self._companion.loader_state)
        for batch in loader:
            yield {**batch, "loader_state": loader.state_dict()}


def _run(
    module: SeparationModule, companion: Companion, stream: _Stream, config: TrainConfig, folder: TrainingFolder
) -> None:
    trainer = lightning.Trainer(
        max_epochs=-1,  # steps or time end it
        max_steps=config.total_steps if config.total_steps is not None else -1,
        accelerator="auto",
        devices="auto",
        precision=_precision(config),
        gradient_clip_val=config.gradient_clip or None,
        callbacks=[companion],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
        use_distributed_sampler=False,
        default_root_dir=str(folder.checkpoint.parent),
    )
    resumed = str(folder.checkpoint) if folder.checkpoint.exists() else None
    try:
        trainer.fit(module, stream, ckpt_path=resumed, weights_only=True)
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"the device's memory does not hold {config.batch_size} segments of {config.segment_frames} frames: "
            "choose a smaller batch_size or segment_frames"
        ) from error


def _precision(config: TrainConfig) -> Literal["32-true", "16-mixed", "bf16-mixed"]:
    """Name the arithmetic as Lightning does."""
    if config.precision == "fp32":
        return "32-true"
    if config.precision == "bf16":
        return "bf16-mixed"
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bf16-mixed" if native and not torch.backends.mps.is_available() else "32-true"


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Silence Lightning's banners, tips and advice: what matters is said by us."""
    names = ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning(\.|$)")
            warnings.filterwarnings("ignore", module=r"torch(\.|$)")
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
