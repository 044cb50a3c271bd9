"""Published models: safe to load, whole or not there, errors that say what to do."""

import json
from pathlib import Path

import pytest
import torch

from data_manifests.profiles import PROFILES
from training.checkpoints import ModelCard, read_model, save_model
from training.errors import ModelFileError
from training.models import build_model
from training.tensor_files import decode_tensors, encode_tensors

CARD = ModelCard(
    model="unet", target="vocals", profile=PROFILES["jansson-8k"], manifest_digest="d", config={}, step=3, scores={}
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    save_model(folder, build_model("unet"), CARD)
    return folder


def test_a_model_comes_back_as_it_was(model: Path) -> None:
    network, card = read_model(model)
    assert card == CARD
    torch.manual_seed(0)
    for name, values in build_model("unet").state_dict().items():
        assert torch.equal(network.state_dict()[name], values)
    assert not network.training
    assert read_model(model / "model.json")[1] == CARD


def test_saving_again_replaces_the_weights(tmp_path: Path) -> None:
    for _ in range(2):
        save_model(tmp_path, build_model("unet-noskip"), CARD)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".safetensors"]


def test_files_that_are_no_models_are_explained(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"is not a model: expected a folder with model.json.*mixminus train"):
        read_model(tmp_path)
    (tmp_path / "training").mkdir()
    with pytest.raises(ModelFileError, match="has not published a model yet"):
        read_model(tmp_path)
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ModelFileError, match="is not JSON"):
        read_model(tmp_path)
    (tmp_path / "model.json").write_text('{"mixminus_model": 7}')
    with pytest.raises(ModelFileError, match="format 7, this program reads 1"):
        read_model(tmp_path)
    (tmp_path / "model.json").write_text('{"mixminus_model": 1}')
    with pytest.raises(ModelFileError, match="incomplete"):
        read_model(tmp_path)
    with pytest.raises(ModelFileError, match="works on profile 'jansson-8k', the data has 'hq-44k'"):
        read_model(model, profile=PROFILES["hq-44k"])


def test_damaged_weights_are_named(model: Path, tmp_path: Path) -> None:
    values = json.loads((model / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(values))
    with pytest.raises(ModelFileError, match=r"lacks its weights, weights-"):
        read_model(tmp_path)
    (tmp_path / values["weights"]["file"]).write_bytes(b"x" * 100)
    with pytest.raises(ModelFileError, match="damaged"):
        read_model(tmp_path)


def test_tensors_round_trip_and_bad_bytes_are_refused() -> None:
    tensors = {
        "a": torch.randn(3, 4),
        "b": torch.tensor(7),
        "c": torch.arange(5, dtype=torch.int32),
        "e": torch.zeros(0, 3),
        "h": torch.rand(3).half(),
    }
    content = encode_tensors(tensors)
    decoded = decode_tensors(content)
    assert all(
        torch.equal(decoded[name], values) and decoded[name].dtype == values.dtype for name, values in tensors.items()
    )
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert header["a"] == {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}
    for bad in (b"", b"12", content[:40], content[:-8], b"\xff" * 64):
        with pytest.raises(ModelFileError):
            decode_tensors(bad)
