"""Manifests: immutable JSON named by content; `manifest.json` is the newest. Standard library and fsspec only."""

import json
from typing import Any

from data_manifests.ids import digest
from data_manifests.storage import Store

NEWEST = "manifest.json"


class InvalidManifestError(Exception):
    """A manifest is missing, unreadable, or not what its name says."""


def read_manifest(store: Store, name: str = NEWEST) -> dict[str, Any]:
    """Read a manifest and check that its content has the digest it states.

    Raises
    ------
    InvalidManifestError
    """
    try:
        values = json.loads(store.read(name))
    except FileNotFoundError as error:
        raise InvalidManifestError(
            f"{store.root} has no {name}; `mixminus mine` writes it as its last stage"
        ) from error
    except ValueError as error:
        raise InvalidManifestError(f"{store.root}/{name} is not valid JSON: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("shards"), list):
        raise InvalidManifestError(f"{store.root}/{name} is not a manifest of mixminus")
    content = {key: value for key, value in values.items() if key != "digest"}
    if digest(content) != values.get("digest"):
        raise InvalidManifestError(f"{store.root}/{name} was altered: its content does not have the digest it states")
    return values
