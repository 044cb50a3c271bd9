"""The config of a run: one frozen value, read from TOML, checked whole at the door and trusted afterwards.

Each section belongs to one stage; a stage depends on its own sections only, so that changing a threshold runs again
exactly what it touches. The fields' docstrings are the documentation: `mixminus config` prints them.
"""

import copy
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from annotated_types import Ge, Gt, Le
from pydantic import TypeAdapter, ValidationError

from mining.candidates import CandidateRules
from mining.decisions import DecisionRules
from mining.evidence_settings import EvidenceSettings
from mining.splitting import SplitRules
from pipeline.errors import UsageError

T = TypeVar("T")

_FORBID = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class CatalogRules:
    """Which rows of the catalogue may be used."""

    __pydantic_config__ = _FORBID

    allowed_licences: tuple[str, ...] | None = None
    """Licences that allow use, compared without case; null allows every one, a missing licence included."""
    max_duration_s: Annotated[float, Gt(0)] = 3600.0
    """Longer tracks are DJ mixes, audio books and whole albums, not songs."""


@dataclass(frozen=True, kw_only=True)
class TitleSettings:
    """How titles are read."""

    __pydantic_config__ = _FORBID

    lexicon: str | None = None
    """Path of a lexicon to use in place of the built-in `pipeline/lexicon.toml`."""
    extra_markers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Markers added to a class of the lexicon, such as `instrumental = ["ohne Gesang"]`."""


@dataclass(frozen=True, kw_only=True)
class TrackSettings:
    """How tracks are heard."""

    __pydantic_config__ = _FORBID

    min_duration_s: Annotated[float, Ge(0)] = 10.0
    """Below this a fingerprint holds too few codes (81) to tell a match from chance."""
    max_duration_s: Annotated[float, Gt(0)] = 3600.0
    """Decoding stops here, so that one file cannot fill a worker's memory."""


@dataclass(frozen=True, kw_only=True)
class ShardSettings:
    """How accepted pairs become segments in shards."""

    __pydantic_config__ = _FORBID

    profile: Literal["jansson-8k"] = "jansson-8k"
    """Signal profile of the magnitudes."""
    grades: tuple[Literal["A", "B", "C"], ...] = ("A", "B", "C")
    """Pairs of other grades give no segments."""
    min_vocal_activity: Annotated[float, Ge(0), Le(1)] = 0.0
    """Segments in which somebody sings for a smaller share of the time are left out."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a mining run's results depend on, beside the catalogue and the audio."""

    __pydantic_config__ = _FORBID

    catalog: CatalogRules = field(default_factory=CatalogRules)
    titles: TitleSettings = field(default_factory=TitleSettings)
    candidates: CandidateRules = field(default_factory=CandidateRules)
    tracks: TrackSettings = field(default_factory=TrackSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    decisions: DecisionRules = field(default_factory=DecisionRules)
    splits: SplitRules = field(default_factory=SplitRules)
    shards: ShardSettings = field(default_factory=ShardSettings)


def load_config(path: Path | None) -> Config:
    """Read a config file; defaults where there is none.

    Raises
    ------
    UsageError
        Where the file is unreadable, no TOML, has unknown keys or values out of bounds; all faults at once.
    """
    if path is None:
        return Config()
    return parse_config(read_toml(path), str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    UsageError
        Where it cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error


def parse_config(values: dict[str, Any], where: str) -> Config:
    """Check plain values against the declared config."""
    return checked(Config, values, where)


def checked(kind: type[T], values: dict[str, Any], where: str) -> T:
    """Build a declared settings class from plain values.

    Raises
    ------
    UsageError
        Naming every unknown key and every bad value at once.
    """
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        faults = "; ".join(_fault(detail) for detail in error.errors(include_url=False))
        raise UsageError(f"{where}: {faults}") from error
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from error


def _fault(detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "unexpected_keyword_argument":
        return f"unknown key {key!r} (`mixminus config` lists the known ones)"
    return f"{key} = {detail['input']!r}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def lexicon_table(settings: TitleSettings) -> dict[str, Any]:
    """Read the title lexicon that the config names, with the config's own markers added."""
    if settings.lexicon is None:
        table = tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    else:
        table = read_toml(Path(settings.lexicon))
    return add_markers(table, settings.extra_markers)


def add_markers(table: dict[str, Any], extra: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Add the config's markers to a lexicon: `class` adds tags, `class.bare` (or another position) adds there.

    Raises
    ------
    UsageError
        Where a class is unknown.
    """
    extended = copy.deepcopy(table)
    for name, markers in extra.items():
        tag_class, _, position = name.partition(".")
        if tag_class not in extended:
            known = ", ".join(sorted(set(extended) - {"words", "artists"}))
            raise UsageError(f"titles.extra_markers: the lexicon has no class {tag_class!r}; it has {known}")
        extended[tag_class].setdefault(position or "tag", {})["config"] = list(markers)
    return extended
