"""The title lexicon as a value: which words around a song's name say what about a recording.

Built from a parsed TOML table (the built-in one explains its own shape in its first lines). Markers are kept as tuples
of normalised words and indexed by their first or last word, so that reading a title costs a dictionary look-up a word.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from mining.title_text import clean, normalised, words

Policy = Literal["kind", "agree", "one_sided", "neutral", "guests", "disqualify"]
Position = Literal["bare", "tag", "brackets", "opens"]
_WORD_LISTS = ("articles", "connectors", "parts", "pronouns", "seconds")
_CLASS_KEYS = {"policy", "kind", "reason", "takes_name", *get_args(Position)}
# Scripts written without spaces between words.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, kw_only=True, slots=True)
class TagClass:
    """A class of markers and what it means when two titles are compared."""

    name: str
    policy: Policy
    kind: str | None = None
    reason: str | None = None
    takes_name: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Marker:
    """Words that mark a title, such as ("karaoke", "version"), with the class and detail they stand for."""

    words: tuple[str, ...]
    tag_class: TagClass
    detail: str
    language: str


Index = Mapping[str, tuple[Marker, ...]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lexicon:
    """Markers by the place where they count, and the plain lists that reading titles and artists needs.

    Attributes
    ----------
    tags, bracket_tags, openers
        Markers by first word, longest first.
    bare
        Markers by last word, longest first: those that count at the end of a title without any delimiter.
    dense
        Finds markers of scripts without spaces within a run of characters; None without such markers.
    """

    classes: Mapping[str, TagClass]
    tags: Index
    bracket_tags: Index
    openers: Index
    bare: Index
    dense: re.Pattern[str] | None
    guests: re.Pattern[str] | None
    guest_words: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    connectors: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    seconds: frozenset[str] = frozenset()
    spellings: Mapping[str, str] = field(default_factory=dict)
    numerals: Mapping[str, int] = field(default_factory=dict)
    compilations: frozenset[str] = frozenset()
    cover_acts: re.Pattern[str] | None = None

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Lexicon":
        """Check a parsed TOML table and index it.

        Raises
        ------
        ValueError
            Naming every fault of the table at once.
        """
        faults: list[str] = []
        lists, artists = table.get("words", {}), table.get("artists", {})
        sections = {name: section for name, section in table.items() if name not in ("words", "artists")}
        classes = {name: _tag_class(name, section, faults) for name, section in sections.items()}
        markers: dict[str, list[Marker]] = {position: [] for position in get_args(Position)}
        for name, section in sections.items():
            for position, found in markers.items():
                found.extend(_markers(classes[name], section, position, faults))
        _check_doubles(markers, faults)
        _check_lists(lists, artists, faults)
        if faults:
            raise ValueError("title lexicon: " + "; ".join(faults))
        guests = [marker for marker in markers["bare"] if marker.tag_class.policy == "guests"]
        bare = [marker for marker in markers["bare"] if marker.tag_class.policy != "guests"]
        return cls(
            classes=classes,
            tags=_by_first([*bare, *markers["tag"]]),
            bracket_tags=_by_first([*bare, *markers["tag"], *markers["brackets"]]),
            openers=_by_first([*guests, *markers["opens"]]),
            bare=_by_last(bare),
            dense=_dense_pattern([*bare, *markers["tag"], *markers["brackets"]]),
            guests=_guest_pattern(guests),
            guest_words=frozenset(marker.words[0] for marker in guests),
            **{name: frozenset(normalised(word) for word in lists.get(name, ())) for name in _WORD_LISTS},
            spellings={normalised(a): normalised(b) for a, b in lists.get("spellings", {}).items()},
            numerals={normalised(a): int(b) for a, b in lists.get("numerals", {}).items()},
            compilations=frozenset(_names(artists.get("compilations", {}))),
            cover_acts=_acts_pattern(_names(artists.get("cover_acts", {}))),
        )


def _tag_class(name: str, section: Any, faults: list[str]) -> TagClass:
    if not isinstance(section, Mapping):
        faults.append(f"[{name}] should be a table, got {type(section).__name__}")
        section = {}
    faults.extend(
        f"[{name}] has an unknown key {key!r}; known are {', '.join(sorted(_CLASS_KEYS))}"
        for key in sorted(set(section) - _CLASS_KEYS)
    )
    policy = section.get("policy", "neutral" if not section else None)
    if policy not in get_args(Policy):
        faults.append(f"[{name}] policy is {policy!r}; it should be one of {', '.join(get_args(Policy))}")
    if policy == "kind" and not section.get("kind"):
        faults.append(f"[{name}] has the policy 'kind' but names no kind, such as kind = \"instrumental\"")
    if policy == "disqualify" and not section.get("reason"):
        faults.append(f"[{name}] has the policy 'disqualify' but names no reason")
    return TagClass(
        name=name,
        policy=policy,
        kind=section.get("kind"),
        reason=section.get("reason"),
        takes_name=bool(section.get("takes_name", False)),
    )


def _markers(tag_class: TagClass, section: Any, position: str, faults: list[str]) -> Iterator[Marker]:
    by_language = section.get(position, {}) if isinstance(section, Mapping) else {}
    if not isinstance(by_language, Mapping):
        faults.append(f"[{tag_class.name}.{position}] should hold lists by language")
        return
    for language, texts in by_language.items():
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            faults.append(f"[{tag_class.name}.{position}] {language} should be a list of strings")
            continue
        for text in texts:
            marker, _, detail = text.partition("=>")
            found = tuple(words(clean(marker)))
            if not found:
                faults.append(f"[{tag_class.name}.{position}] {language} has a marker without words: {text!r}")
                continue
            yield Marker(words=found, tag_class=tag_class, detail=detail.strip(), language=language)


def _check_doubles(markers: Mapping[str, list[Marker]], faults: list[str]) -> None:
    """One wording, one meaning: within openers, and within all other places together."""
    for positions in (("bare", "tag", "brackets"), ("opens",)):
        seen: dict[tuple[str, ...], Marker] = {}
        for marker in (marker for position in positions for marker in markers[position]):
            other = seen.setdefault(marker.words, marker)
            if (other.tag_class.name, other.detail) != (marker.tag_class.name, marker.detail):
                faults.append(
                    f"{' '.join(marker.words)!r} is both {other.tag_class.name} ({other.language}) and "
                    f"{marker.tag_class.name} ({marker.language}); keep one"
                )


def _check_lists(lists: Mapping[str, Any], artists: Mapping[str, Any], faults: list[str]) -> None:
    known = {*_WORD_LISTS, "spellings", "numerals"}
    faults.extend(f"[words] has an unknown key {key!r}" for key in sorted(set(lists) - known))
    known = {"compilations", "cover_acts"}
    faults.extend(f"[artists] has an unknown key {key!r}" for key in sorted(set(artists) - known))


def _names(by_language: Mapping[str, list[str]]) -> Iterator[str]:
    for names in by_language.values():
        yield from (normalised(name) for name in names)


def _longest_first(markers: list[Marker]) -> tuple[Marker, ...]:
    unique = {marker.words: marker for marker in reversed(markers)}
    return tuple(sorted(unique.values(), key=lambda marker: (-len(marker.words), marker.words)))


def _by_first(markers: list[Marker]) -> Index:
    return _indexed(markers, 0)


def _by_last(markers: list[Marker]) -> Index:
    return _indexed(markers, -1)


def _indexed(markers: list[Marker], place: int) -> Index:
    groups: dict[str, list[Marker]] = {}
    for marker in markers:
        groups.setdefault(marker.words[place], []).append(marker)
    return {word: _longest_first(group) for word, group in groups.items()}


def _dense_pattern(markers: list[Marker]) -> re.Pattern[str] | None:
    texts = {marker.words[0] for marker in markers if len(marker.words) == 1 and _DENSE.search(marker.words[0])}
    if not texts:
        return None
    return re.compile("|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text))))


def _acts_pattern(names: Iterator[str]) -> re.Pattern[str] | None:
    texts = sorted({re.escape(name) for name in names if name})
    return re.compile(rf"(?<!\S)(?:{'|'.join(texts)})(?!\S)") if texts else None


def _guest_pattern(markers: list[Marker]) -> re.Pattern[str] | None:
    if not markers:
        return None
    texts = sorted(
        {r"\s+".join(map(re.escape, marker.words)) for marker in markers}, key=lambda text: (-len(text), text)
    )
    return re.compile(rf"(?<!\w)(?<!\d )(?:{'|'.join(texts)})(?!\w)\.?")
