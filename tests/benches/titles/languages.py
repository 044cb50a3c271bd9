"""Words and catalogue habits of one language, read from `languages/<name>.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True, kw_only=True)
class Language:
    """How songs, artists and versions are named in one language.

    Attributes
    ----------
    templates, clauses, imperatives, phrases, nouns, words, romans
        What song names are built from; `romans` are the Latin names that Asian catalogues mix in.
    given, family, roman_given, roman_family, bands
        What artist names are built from.
    tags, bare
        Marks of an instrumental: in brackets or after a dash; and bare at the end of a title.
    chorus
        Marks of a backing that keeps voices or plays the melody.
    arrangements
        Marks of another arrangement, sung by nobody.
    live, acoustic, demo, extended
        Each list holds equal writings of one version.
    originals, language_tags
        Tags that leave the recording, or its backing, as it is.
    near, short
        Two different songs whose names are easily confused.
    """

    name: str
    spaced: bool
    templates: tuple[str, ...]
    clauses: tuple[str, ...]
    imperatives: tuple[str, ...]
    phrases: tuple[str, ...]
    nouns: tuple[str, ...]
    words: tuple[str, ...]
    romans: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    roman_given: tuple[str, ...]
    roman_family: tuple[str, ...]
    bands: tuple[str, ...]
    tags: tuple[str, ...]
    bare: tuple[str, ...]
    chorus: tuple[str, ...]
    arrangements: tuple[str, ...]
    live: tuple[str, ...]
    acoustic: tuple[str, ...]
    demo: tuple[str, ...]
    extended: tuple[str, ...]
    originals: tuple[str, ...]
    language_tags: tuple[str, ...]
    feat: tuple[str, ...]
    parts: tuple[str, ...]
    numerals: tuple[str, ...]
    covers: tuple[str, ...]
    labels: tuple[str, ...]
    near: tuple[tuple[str, str], ...]
    short: tuple[tuple[str, str], ...]
    medley: tuple[str, ...]
    in_titles: tuple[str, ...]

    @property
    def is_asian(self) -> bool:
        """Whether names are written in the language's own script beside the Latin one."""
        return bool(self.roman_given)


@cache
def languages() -> tuple[Language, ...]:
    """Every language, in the order of their names."""
    return tuple(_language(path) for path in sorted(_FOLDER.glob("*.toml")))


def _language(path: Path) -> Language:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    values: dict[str, Any] = {"name": path.stem, "spaced": table.pop("spaced", True)}
    for name in ("imperatives", "romans", "roman_given", "roman_family"):
        values[name] = ()
    for name in ("templates", "bands"):
        values[name] = tuple(table.pop(name))
    for name in ("near", "short"):
        values[name] = tuple(tuple(pair.split(" / ")) for pair in table.pop(name).split(" | "))
    values |= {name: tuple(text.split(" | ")) for name, text in table.items()}
    return Language(**values)
