"""The Dask runner: every result, on its own cluster or on one that exists; a dead worker costs only its item."""

import os

import pytest
from distributed import LocalCluster

from pipeline.errors import TryAgainError
from pipeline.runners import TaskLost, dask_runner
from pipeline.runners.dask_runner import DaskRunner


def _die_on_three(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number * number


def test_joins_a_cluster_that_exists() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        runner = DaskRunner(cluster.scheduler_address, None)
        try:
            assert sorted(runner.map(len, ["", "a", "bb", "ccc"])) == [(0, 0), (1, 1), (2, 2), (3, 3)]
        finally:
            runner.close()


def test_a_dead_worker_is_named_and_the_rest_goes_on() -> None:
    runner = DaskRunner("local", workers=1)
    try:
        found = dict(runner.map(_die_on_three, [1, 2, 3]))
        again = dict(runner.map(_die_on_three, [4, 5]))
    finally:
        runner.close()
    assert found[2] == TaskLost("worker_died")
    assert again == {0: 16, 1: 25}


def test_no_worker_is_worth_trying_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_runner, "_WAIT_FOR_WORKERS_S", 1)
    with pytest.raises(TryAgainError, match="no Dask worker came"):
        list(DaskRunner("tcp://127.0.0.1:9", None).map(len, ["a"]))
