"""What the loader promises: order, completeness, resume, ranks, pinning, clear errors."""

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from training import PairShards
from training.errors import ConfigError, DamagedShardError, NoShardsError, ShardsError

NUM_TRAIN = 67
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more workers than this machine's cores


def ids(items: Any) -> list[str]:
    flat: list[str] = []
    for item in items:
        flat.extend(item["segment_id"] if isinstance(item["segment_id"], list) else [item["segment_id"]])
    return flat


def test_samples_hold_the_columns_as_written(run_dir: Path) -> None:
    sample = next(iter(PairShards(run_dir, shuffle=False)))
    assert sample["segment_id"] == "train-0000"
    assert sample["mixture"].dtype == torch.float16
    assert sample["mixture"].shape == (128, 512)
    assert sample["activity"].shape == (128,)
    torch.testing.assert_close(sample["mixture"], sample["vocals"] + sample["instrumental"])
    assert sample["genre"] == ""
    assert np.isnan(sample["predicted_sdr_db"])


def test_without_shuffle_the_order_is_the_manifests(run_dir: Path) -> None:
    assert ids(PairShards(run_dir, shuffle=False)) == [f"train-{i:04d}" for i in range(NUM_TRAIN)]


def test_every_sample_once_an_epoch_in_an_order_of_seed_and_epoch(run_dir: Path) -> None:
    shards = PairShards(run_dir, seed=3)
    first, second = ids(shards), ids(shards)
    assert sorted(first) == sorted(second) == [f"train-{i:04d}" for i in range(NUM_TRAIN)]
    assert first != second
    again = PairShards(run_dir, seed=3)
    again.set_epoch(1)
    assert ids(again) == second
    assert ids(PairShards(run_dir, seed=4)) != first


@pytest.mark.parametrize("num_workers", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [None, 4])
def test_order_does_not_depend_on_workers(run_dir: Path, num_workers: int, batch_size: int | None) -> None:
    expected = PairShards(run_dir, seed=5, batch_size=batch_size, segment_frames=64)
    loader = PairShards(run_dir, seed=5, batch_size=batch_size, segment_frames=64).loader(num_workers=num_workers)
    for _ in range(2):  # two epochs
        for ours, theirs in zip(expected, loader, strict=True):
            assert ours["segment_id"] == theirs["segment_id"]
            assert torch.equal(ours["mixture"], theirs["mixture"])


def test_spawned_workers_read_the_same(run_dir: Path) -> None:
    loader = PairShards(run_dir, seed=5, batch_size=16).loader(num_workers=1, start_method="spawn")
    assert ids(loader) == ids(PairShards(run_dir, seed=5))


def test_a_plain_data_loader_sees_every_sample_once(run_dir: Path) -> None:
    loader = torch.utils.data.DataLoader(PairShards(run_dir, seed=1), batch_size=8, num_workers=2)
    assert sorted(ids(loader)) == [f"train-{i:04d}" for i in range(NUM_TRAIN)]


def test_a_small_shuffle_window_keeps_row_groups_together_and_loses_nothing(run_dir: Path) -> None:
    order = ids(PairShards(run_dir, seed=2, shuffle_window=1))
    assert sorted(order) == [f"train-{i:04d}" for i in range(NUM_TRAIN)]
    shard_changes = sum((int(a[-4:]) < 30) != (int(b[-4:]) < 30) for a, b in itertools.pairwise(order))
    assert shard_changes <= 4


@pytest.mark.parametrize("world_size", [1, 2, 3, 5])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_ranks_take_equal_steps_and_share_all_but_the_remainder(
    run_dir: Path, world_size: int, batch_size: int
) -> None:
    ranks = [
        list(
            PairShards(run_dir, seed=7, batch_size=batch_size, rank=rank, world_size=world_size, columns=["segment_id"])
        )
        for rank in range(world_size)
    ]
    sizes = [[len(batch["segment_id"]) for batch in rank] for rank in ranks]
    assert all(size == sizes[0] for size in sizes)
    taken = [name for rank in ranks for name in ids(rank)]
    assert len(set(taken)) == len(taken) == NUM_TRAIN - NUM_TRAIN % world_size
    interleaved = [name for step in zip(*ranks, strict=True) for name in ids(step)]
    assert interleaved == ids(PairShards(run_dir, seed=7))[: len(interleaved)]


def test_resumes_exactly_twice_in_mid_epoch(run_dir: Path) -> None:
    whole = PairShards(run_dir, seed=1, segment_frames=64)
    expected = [*whole, *whole]
    state: dict[str, Any] | None = None
    seen: list[Any] = []
    for target in (10, 33, 83):
        shards = PairShards(run_dir, seed=1, segment_frames=64)
        if state is not None:
            shards.load_state_dict(json.loads(json.dumps(state)))
        while len(seen) < target:
            for sample in shards:
                seen.append(sample)
                if len(seen) == target:
                    break
        state = shards.state_dict()
    assert ids(seen) == ids(expected)[:83]
    assert all(torch.equal(a["vocals"], b["vocals"]) for a, b in zip(seen, expected, strict=False))


def test_resumes_with_other_numbers_of_workers(run_dir: Path) -> None:
    expected = ids(PairShards(run_dir, seed=1))
    state, seen = None, []
    for num_workers, num_batches in ((2, 3), (0, 4), (3, 100)):
        loader = PairShards(run_dir, seed=1, batch_size=4).loader(num_workers=num_workers)
        if state is not None:
            loader.load_state_dict(state)
        for _, batch in zip(range(num_batches), loader, strict=False):
            seen.extend(batch["segment_id"])
            state = loader.state_dict()
    assert seen == expected


def test_resumes_with_another_number_of_ranks(run_dir: Path) -> None:
    expected = ids(PairShards(run_dir, seed=1))
    loader = PairShards(run_dir, seed=1, batch_size=4).loader()
    head = [name for _, batch in zip(range(3), loader, strict=False) for name in batch["segment_id"]]
    rest = []
    for rank in range(2):
        shards = PairShards(run_dir, seed=1, batch_size=2, rank=rank, world_size=2)
        shards.load_state_dict(loader.state_dict())
        rest.append(list(shards))
    assert head + [name for step in zip(*rest, strict=True) for name in ids(step)] == expected[:66]


def test_an_iteration_left_early_starts_its_epoch_again(run_dir: Path) -> None:
    shards = PairShards(run_dir, seed=9)
    loader = PairShards(run_dir, seed=9).loader()
    for items in (shards, loader):
        first = next(iter(items))["segment_id"]
        whole = ids(items)
        assert whole[0] == first
        assert len(whole) == NUM_TRAIN


def test_endless_iteration_runs_through_the_epochs(run_dir: Path) -> None:
    epochs = PairShards(run_dir, seed=4)
    expected = [*ids(epochs), *ids(epochs)]
    for num_workers in (0, 2):
        loader = PairShards(run_dir, seed=4, batch_size=8, endless=True).loader(num_workers=num_workers)
        batches = [batch for _, batch in zip(range(18), loader, strict=False)]
        assert ids(batches)[: 2 * NUM_TRAIN] == expected
        state = loader.state_dict()
        assert (state["epoch"], state["position"]) == (1, NUM_TRAIN)


def test_grades_select_rows(run_dir: Path) -> None:
    graded = PairShards(run_dir, grades=["B"], shuffle=False)
    assert ids(graded) == [f"train-{i:04d}" for i in range(NUM_TRAIN) if i % 3 == 2]
    assert {sample["grade"] for sample in graded} == {"B"}


def test_crops_lie_within_the_real_frames_and_follow_the_seed(run_dir: Path) -> None:
    whole = {sample["segment_id"]: sample for sample in PairShards(run_dir)}
    starts = set()
    for sample in PairShards(run_dir, segment_frames=32, seed=6):
        parent = whole[sample["segment_id"]]
        start = round((sample["start_s"] - parent["start_s"]) / (768 / 8192))
        starts.add(start)
        assert 0 <= start <= parent["num_frames"] - 32
        assert torch.equal(sample["mixture"], parent["mixture"][start : start + 32])
    assert len(starts) > 20


def test_a_dataset_stays_on_its_manifest_while_mining_goes_on(make_run: Any) -> None:
    root = make_run({"train": [6]})
    shards = PairShards(root, seed=1)
    it = iter(shards)
    head = [next(it)["segment_id"] for _ in range(2)]
    state = shards.state_dict()
    make_run({"train": [6, 4]})
    rest = PairShards(root, seed=1)
    assert rest.num_samples == 10
    rest.load_state_dict(state)
    assert rest.num_samples == 6
    assert head + ids(rest) == ids(PairShards(root, seed=1, manifest_digest=state["manifest_digest"]))
    manifest = root / "manifests" / f"{state['manifest_digest']}.json"
    assert len(ids(PairShards(manifest))) == 6
    manifest.unlink()
    with pytest.raises(ShardsError, match="no longer in"):
        PairShards(root, seed=1).load_state_dict(state)


def test_state_of_other_settings_is_refused_by_name(run_dir: Path) -> None:
    state = PairShards(run_dir, seed=1).state_dict()
    with pytest.raises(ShardsError, match=r"seed: 1, now 2; shuffle: True, now False"):
        PairShards(run_dir, seed=2, shuffle=False).load_state_dict(state)


def test_one_shard_of_one_row(make_run: Any) -> None:
    root = make_run({"train": [1]})
    assert ids(PairShards(root, batch_size=16).loader(num_workers=2)) == ["train-0000"]


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
@pytest.mark.parametrize("num_workers", [0, 1])
def test_a_damaged_shard_is_named(run_dir: Path, tmp_path: Path, damage: str, num_workers: int) -> None:
    root = tmp_path / "copy"
    shutil.copytree(run_dir, root)
    manifest = json.loads((root / "manifest.json").read_text())
    name = next(shard["path"] for shard in manifest["shards"] if shard["rows"] == 7)
    content = (root / name).read_bytes()
    if damage == "missing":
        (root / name).unlink()
    elif damage == "cut":
        (root / name).write_bytes(content[:-1000])
    else:
        middle = len(content) // 2
        (root / name).write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    with pytest.raises(DamagedShardError, match=name) as caught:
        list(PairShards(root, batch_size=4).loader(num_workers=num_workers))
    assert str(caught.value).startswith("shard ")
    assert len(str(caught.value).splitlines()) == 1


def test_errors_say_what_to_do(run_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NoShardsError, match=r"split 'test' .*train 67, valid 10, test 0.*another split"):
        list(PairShards(run_dir, split="test"))
    with pytest.raises(NoShardsError, match="choose other grades"):
        PairShards(run_dir, grades=["C"]).loader()
    with pytest.raises(ShardsError, match=r"no manifest.json .*mixminus mine"):
        PairShards(tmp_path)
    (tmp_path / "manifest.json").write_text('{"schema_version": 9}')
    with pytest.raises(ShardsError, match="schema version 9"):
        PairShards(tmp_path)
    with pytest.raises(ConfigError, match=r"segment_frames is 200.*seed is -1"):
        PairShards(run_dir, segment_frames=200, seed=-1)


def test_reads_through_fsspec_urls(run_dir: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(str(run_dir), "/remote-run", recursive=True)
    assert ids(PairShards("memory://remote-run", seed=1)) == ids(PairShards(run_dir, seed=1))
