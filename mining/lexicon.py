"""The title lexicon as a value: which words around a song's name say what about a recording.

Built from a parsed TOML table (the built-in one explains its own shape in its first lines). Markers are kept as tuples
of normalised words and indexed by their first or last word, so that reading a title costs a dictionary look-up a word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from mining.title_text import clean, normalised, words

Policy = Literal["kind", "agree", "one_sided", "neutral", "guests", "disqualify"]
Position = Literal["bare", "tag", "brackets", "named", "weak", "opens", "quotes", "closes"]
_SPLIT_POSITIONS: tuple[tuple[Position, ...], ...] = (
    ("bare", "tag", "brackets", "named", "weak"),
    ("opens", "quotes"),
    ("closes",),
)
"""Positions within which one wording must have one meaning."""
_WORD_LISTS = ("articles", "connectors", "parts", "pronouns", "seconds")
_CLASS_KEYS = {"policy", "kind", "reason", "takes_name", "describes", "examples", *get_args(Position)}
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
    describes: bool = False
    """Words beside its markers in a tag describe the track and name nobody: "(Original Key Backing Track)"."""


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
    tags, bracket_tags, named_tags, openers
        Markers by first word, longest first: those of any tag, of a tag in brackets, of a tag with a name in it, and
        those that open a tag.
    quoting
        Openers that count before a name in quotes only.
    closers
        Markers by last word that close a tag, the rest of which is their detail.
    bare
        Markers by last word, longest first: those that count at the end of a title without any delimiter.
    weak
        Markers by last word that are names more often than marks.
    endings
        Words that may be a kind's mark at the end of a title, or a part of its name, and the kind.
    unclear, unclear_beginnings
        Finds words that leave it open, beside a mark, whether anybody sings: voices, choirs, keys, instruments.
    dense
        Finds markers of scripts without spaces within a run of characters; None without such markers.
    examples
        Titles by class (or list of words) and language, as catalogues write them.
    """

    classes: Mapping[str, TagClass]
    tags: Index
    bracket_tags: Index
    named_tags: Index
    openers: Index
    quoting: frozenset[Marker]
    closers: Index
    bare: Index
    weak: Index
    endings: Mapping[str, str]
    unclear: re.Pattern[str] | None
    unclear_beginnings: tuple[str, ...]
    dense: re.Pattern[str] | None
    guests: re.Pattern[str] | None
    guest_words: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    connectors: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    seconds: frozenset[str] = frozenset()
    part_spellings: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    numerals: Mapping[str, int] = field(default_factory=dict)
    compilations: frozenset[str] = frozenset()
    cover_acts: re.Pattern[str] | None = None
    examples: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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
        examples = {name: _examples(name, section, faults) for name, section in sections.items()}
        plain = {name: _word_list(name, lists.get(name, ()), faults) for name in _WORD_LISTS}
        examples["parts"] = _examples("words.parts", lists.get("parts", {}), faults)
        beginnings = tuple(sorted(_word_list("unclear", lists.get("unclear", {}), faults)))
        if faults:
            raise ValueError("title lexicon: " + "; ".join(faults))
        guests = [marker for marker in markers["bare"] if marker.tag_class.policy == "guests"]
        bare = [marker for marker in markers["bare"] if marker.tag_class.policy != "guests"]
        return cls(
            classes=classes,
            tags=_by_first([*bare, *markers["tag"]]),
            bracket_tags=_by_first([*bare, *markers["tag"], *markers["brackets"]]),
            named_tags=_by_first([*bare, *markers["tag"], *markers["named"]]),
            openers=_by_first([*guests, *markers["opens"], *markers["quotes"]]),
            quoting=frozenset(markers["quotes"]),
            closers=_by_last(markers["closes"]),
            bare=_by_last(bare),
            weak=_by_last(markers["weak"]),
            unclear=_beginnings_pattern(beginnings),
            unclear_beginnings=beginnings,
            endings=_endings([*bare, *markers["tag"], *markers["weak"]]),
            dense=_dense_pattern([*bare, *markers["tag"], *markers["brackets"]]),
            guests=_guest_pattern(guests),
            guest_words=frozenset(marker.words[0] for marker in guests),
            **{name: frozenset(found) for name, found in plain.items()},
            part_spellings={word: same for word, same in plain["parts"].items() if same},
            spellings={normalised(a): normalised(b) for a, b in lists.get("spellings", {}).items()},
            numerals={normalised(a): int(b) for a, b in lists.get("numerals", {}).items()},
            compilations=frozenset(_names(artists.get("compilations", {}))),
            cover_acts=_acts_pattern(_names(artists.get("cover_acts", {}))),
            examples={name: found for name, found in examples.items() if found},
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
        describes=bool(section.get("describes", False)),
    )


def _markers(tag_class: TagClass, section: Any, position: str, faults: list[str]) -> Iterator[Marker]:
    by_language = section.get(position, {}) if isinstance(section, Mapping) else {}
    if not isinstance(by_language, Mapping):
        faults.append(f"[{tag_class.name}.{position}] should hold lists by language")
        return
    for language, texts in by_language.items():
        if not _is_list_of_strings(texts):
            faults.append(f"[{tag_class.name}.{position}] {language} should be a list of strings")
            continue
        for text in texts:
            marker, _, detail = text.partition("=>")
            found = tuple(words(clean(marker)))
            if not found:
                faults.append(f"[{tag_class.name}.{position}] {language} has a marker without words: {text!r}")
                continue
            yield Marker(words=found, tag_class=tag_class, detail=detail.strip(), language=language)


def _is_list_of_strings(texts: Any) -> bool:
    return isinstance(texts, Sequence) and not isinstance(texts, str) and all(isinstance(text, str) for text in texts)


def _check_doubles(markers: Mapping[str, list[Marker]], faults: list[str]) -> None:
    """One wording, one meaning: among tags, among what opens a tag, and among what closes one."""
    for positions in _SPLIT_POSITIONS:
        seen: dict[tuple[str, ...], Marker] = {}
        for marker in (marker for position in positions for marker in markers[position]):
            other = seen.setdefault(marker.words, marker)
            if (other.tag_class.name, other.detail) != (marker.tag_class.name, marker.detail):
                faults.append(
                    f"{' '.join(marker.words)!r} is both {other.tag_class.name} ({other.language}) and "
                    f"{marker.tag_class.name} ({marker.language}); keep one"
                )


def _examples(name: str, section: Any, faults: list[str]) -> dict[str, str]:
    """Read the titles under `examples`, one a language."""
    found = section.get("examples", {}) if isinstance(section, Mapping) else {}
    if not isinstance(found, Mapping):
        faults.append(f'[{name}.examples] should hold one title a language, such as en = "Song (Live)"')
        return {}
    wrong = sorted(language for language, title in found.items() if not (isinstance(title, str) and title.strip()))
    faults.extend(f"[{name}.examples] {language} should be a title, got {found[language]!r}" for language in wrong)
    return {language: title for language, title in found.items() if language not in wrong}


def _word_list(name: str, given: Any, faults: list[str]) -> dict[str, str]:
    """Read a plain list of words, or one list a language: each word, and the one that it is written as, if any."""
    by_language = given if isinstance(given, Mapping) else {"": given}
    found: dict[str, str] = {}
    for language, texts in by_language.items():
        if language == "examples":
            continue
        if not _is_list_of_strings(texts):
            faults.append(f"[words] {name} {language} should be a list of strings")
            continue
        for word, _, same in (text.partition("=>") for text in texts):
            found[normalised(word)] = normalised(same)
    return found


def _check_lists(lists: Mapping[str, Any], artists: Mapping[str, Any], faults: list[str]) -> None:
    known = {*_WORD_LISTS, "unclear", "spellings", "numerals"}
    faults.extend(f"[words] has an unknown key {key!r}" for key in sorted(set(lists) - known))
    spellings, numerals = lists.get("spellings", {}), lists.get("numerals", {})
    faults.extend(
        f"[words.spellings] {word} should be a word, got {same!r}"
        for word, same in spellings.items()
        if not isinstance(same, str)
    )
    faults.extend(
        f"[words.numerals] {word} should be a whole number, got {number!r}"
        for word, number in numerals.items()
        if not isinstance(number, int)
    )
    known = {"compilations", "cover_acts"}
    faults.extend(f"[artists] has an unknown key {key!r}" for key in sorted(set(artists) - known))
    faults.extend(
        f"[artists.{key}] {language} should be a list of strings"
        for key in sorted(known & set(artists))
        for language, names in artists[key].items()
        if not _is_list_of_strings(names)
    )


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


def _endings(markers: list[Marker]) -> dict[str, str]:
    """Kinds by the words of a marker; a mix without one instrument has its own."""
    return {
        " ".join(marker.words): f"minus:{marker.detail}" if marker.tag_class.kind == "minus" else marker.tag_class.kind
        for marker in markers
        if marker.tag_class.policy == "kind" and marker.tag_class.kind
    }


def _beginnings_pattern(found: tuple[str, ...]) -> re.Pattern[str] | None:
    """Match words that begin so; in scripts without spaces, also within a run of characters."""
    texts = sorted(re.escape(text) if _DENSE.search(text) else rf"(?<!\w){re.escape(text)}" for text in found)
    return re.compile("|".join(texts)) if texts else None


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
