"""A published model: a folder with `model.json` and the weights it names.

`model.json` says what the weights are: architecture, target, signal profile, the manifest they were trained on, config
and scores. Weights are safetensors, named by content. `model.json` is replaced last, so that a folder holds the old
model or the new one. Nothing in it is code, so that loading a stranger's model is safe.
"""

import hashlib
import json
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from data_manifests.profiles import SignalProfile
from training.errors import ConfigError, ModelFileError
from training.models import build_model
from training.tensor_files import decode_tensors, encode_tensors

FORMAT_VERSION = 1
CARD_NAME = "model.json"


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a published model is, and where it comes from."""

    model: str
    """Name in `training.models.MODELS`."""
    target: str
    """`vocals` or `instrumental`: what the mask lets through."""
    profile: SignalProfile
    manifest_digest: str
    """The manifest whose segments it was trained on."""
    config: dict[str, Any]
    step: int
    """Optimiser steps behind the weights."""
    scores: dict[str, float]
    """Such as `valid_spectral_sdr_db`; empty where nothing was held out."""


def save_model(folder: Path, network: nn.Module, card: ModelCard) -> None:
    """Write a model to `folder`, replacing the one there in one step.

    Raises
    ------
    OSError
        The disk is full or writing is not allowed; the old model stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = encode_tensors(network.state_dict())
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"weights-{sha256[:16]}.safetensors"
    values = {"mixminus_model": FORMAT_VERSION, **asdict(card), "weights": {"file": name, "sha256": sha256}}
    write_whole(folder / name, content)
    write_whole(folder / CARD_NAME, (json.dumps(values, indent=1, sort_keys=True) + "\n").encode())
    for old in folder.glob("weights-*.safetensors"):
        if old.name != name:
            old.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_card(path: str | Path) -> tuple[ModelCard, Path, str]:
    """Read what a model is: its card, the file of its weights and that file's SHA-256.

    Parameters
    ----------
    path
        The model's folder, or its `model.json`.

    Raises
    ------
    ModelFileError
        Where there is no model, an unfinished one, or one of a later format.
    """
    folder = Path(path).parent if Path(path).name == CARD_NAME else Path(path)
    try:
        values = json.loads((folder / CARD_NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_model(folder) from error
    except ValueError as error:
        raise ModelFileError(f"{folder / CARD_NAME} is not JSON ({error}): copy the model again") from error
    version = values.pop("mixminus_model", None) if isinstance(values, dict) else None
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{folder / CARD_NAME} is a model of format {version}, this program reads {FORMAT_VERSION}: "
            "use the mixminus that wrote it, or train again"
        )
    try:
        weights = values.pop("weights")
        card = ModelCard(**{**values, "profile": SignalProfile.from_dict(values["profile"])})
        return card, folder / weights["file"], weights["sha256"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{folder / CARD_NAME} is incomplete ({error}): copy the model again") from error


def _no_model(folder: Path) -> ModelFileError:
    if (folder / "training").is_dir():
        return ModelFileError(
            f"{folder} holds a training that has not published a model yet: run the same `mixminus train` again"
        )
    return ModelFileError(
        f"{folder} is not a model: expected a folder with {CARD_NAME}, as `mixminus train RUN --out MODEL` writes it"
    )


def read_model(path: str | Path, *, profile: SignalProfile | None = None) -> tuple[nn.Module, ModelCard]:
    """Load a model, ready for inference.

    Parameters
    ----------
    path
        The model's folder.
    profile
        The profile it must have, such as that of the shards to score; None accepts any.

    Raises
    ------
    ModelFileError
        No model there, altered or missing weights, an architecture that is not known, or another profile.
    """
    card, weights_path, sha256 = read_card(path)
    if profile is not None and card.profile != profile:
        raise ModelFileError(
            f"{path} works on profile {card.profile.name!r}, the data has {profile.name!r}: "
            "choose a model trained on shards of that profile"
        )
    try:
        content = weights_path.read_bytes()
    except FileNotFoundError as error:
        raise ModelFileError(f"{path} lacks its weights, {weights_path.name}: copy the whole folder") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelFileError(f"{weights_path} is damaged (its SHA-256 is not the one in {CARD_NAME}): copy it again")
    try:
        network = build_model(card.model)
        network.load_state_dict(decode_tensors(content))
    except (ConfigError, RuntimeError) as error:
        raise ModelFileError(f"{path} cannot be loaded: {error}") from error
    return network.eval(), card
