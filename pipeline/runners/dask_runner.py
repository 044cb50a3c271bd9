"""Batches on Dask workers: a local cluster of processes, or a cluster that exists already.

The only file that imports Dask. Never more than a bounded number of tasks are in flight; futures are released as they
finish; the scheduler keeps nothing that a run needs (the ledger on storage does). Workers are spawned, not forked
(polars deadlocks after fork), with one thread each and one thread per numeric library.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dask
from distributed import Client, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from pipeline.errors import TryAgainError
from pipeline.runners import TaskLost

_TASKS_IN_FLIGHT_PER_WORKER = 3
_WAIT_FOR_WORKERS_S = 60
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
_SETTINGS = {
    "distributed.worker.multiprocessing-method": "spawn",
    "distributed.scheduler.allowed-failures": 1,
    "distributed.admin.tick.limit": "60s",  # decoding holds the GIL for seconds; that is no fault
    "distributed.comm.timeouts.connect": "30s",
    "distributed.nanny.pre-spawn-environ": {
        **dict.fromkeys(_ONE_THREAD, "1"),
        "DASK_LOGGING__DISTRIBUTED": "critical",  # its chatter; faults reach us as exceptions
    },
}


class DaskRunner:
    """Runs items on Dask workers; the cluster starts with the first `map`.

    Parameters
    ----------
    scheduler
        `local`, or the address (`tcp://host:port`) of a running scheduler.
    workers
        Processes of a local cluster; the number of cores where None.
    """

    def __init__(self, scheduler: str, workers: int | None) -> None:
        self.name = scheduler
        self._num_workers = workers or os.cpu_count() or 1
        self._client: Client | None = None
        self._cluster: LocalCluster | None = None

    def map(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any | TaskLost]]:
        """Yield results as they come, with a bounded number of tasks in flight."""
        if not items:
            return
        client = self._connect()
        limit = _TASKS_IN_FLIGHT_PER_WORKER * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        waiting = iter(enumerate(items))
        index_of: dict[Any, int] = {}
        running = as_completed([], loop=client.loop)

        def submit_next() -> None:
            entry = next(waiting, None)
            if entry is not None:
                future = client.submit(task, entry[1], pure=False, retries=0)
                index_of[future.key] = entry[0]
                running.add(future)

        for _ in range(min(limit, len(items))):
            submit_next()
        for future in running:
            index = index_of.pop(future.key)
            try:
                result = future.result()
            except KilledWorker:
                result = TaskLost("worker_died")
            future.release()
            submit_next()
            yield index, result

    def close(self) -> None:
        """Close the connection, and the local cluster if this runner started it."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None

    def _connect(self) -> Client:
        if self._client is not None:
            return self._client
        dask.config.set(_SETTINGS)
        for name in (
            "distributed",
            "distributed.worker",
            "distributed.nanny",
            "distributed.scheduler",
            "distributed.core",
        ):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        address = self.name
        if address == "local":
            self._cluster = LocalCluster(
                n_workers=self._num_workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=":0",  # any free port: several runs share a machine
                silence_logs=logging.CRITICAL,
            )
            address = self._cluster.scheduler_address
        try:
            self._client = Client(address, timeout=_WAIT_FOR_WORKERS_S, set_as_default=False)
            self._client.wait_for_workers(1, timeout=_WAIT_FOR_WORKERS_S)
        except (TimeoutError, OSError) as error:
            self.close()
            raise TryAgainError(
                f"no Dask worker came at {address} within {_WAIT_FOR_WORKERS_S} s; "
                "start workers (`dask worker ADDRESS`) or use --scheduler local"
            ) from error
        return self._client
