"""The built-in lexicon against its own examples, and lexicons of other people: markers added, faults named."""

import tomllib
from importlib import resources
from typing import Any, get_args

import pytest

from mining.artists import is_compilation, is_cover_act
from mining.lexicon import Position
from mining.title_text import normalised
from mining.titles import Lexicon, parse_title

TABLE: dict[str, Any] = tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
LEXICON = Lexicon.from_table(TABLE)
LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "nl", "sv", "pl", "ru", "tr", "id", "ja", "ko", "zh")
CLASSES = sorted(set(TABLE) - {"words", "artists"})
EVERYWHERE = (
    "instrumental", "karaoke", "off_vocal", "backing_track", "minus", "acapella", "live", "acoustic", "demo", "edit",
    "extended", "speed", "style_of", "vocals_kept", "cut_down", "language", "version", "neutral", "origin", "feat",
)  # fmt: skip
"""Classes for which catalogues of all of `LANGUAGES` have words of their own."""


def wordings(name: str, language: str) -> set[str]:
    """Markers of a class in a language, normalised."""
    section = TABLE[name]
    texts = [text for place in get_args(Position) for text in section.get(place, {}).get(language, ())]
    return {normalised(text.partition("=>")[0]) for text in texts}


def languages(name: str) -> set[str]:
    section = TABLE[name]
    return {language for place in get_args(Position) for language, texts in section.get(place, {}).items() if texts}


EXAMPLES = [(name, language, title) for name in CLASSES for language, title in LEXICON.examples.get(name, {}).items()]


@pytest.mark.parametrize(("name", "language", "title"), EXAMPLES)
def test_every_example_is_read_as_its_class(name: str, language: str, title: str) -> None:
    found = parse_title(title, LEXICON)
    assert (name in {tag for tag, _ in found.tags}) or (name == "feat" and found.featured)
    front = normalised(title.replace("(", "-").replace("[", "-").partition("-")[0])
    assert found.base.startswith(front)


@pytest.mark.parametrize(("name", "language", "title"), EXAMPLES)
def test_every_example_shows_a_wording_of_its_language(name: str, language: str, title: str) -> None:
    plain = normalised(title).replace(" ", "")
    assert any(wording.replace(" ", "") in plain for wording in wordings(name, language))


@pytest.mark.parametrize("name", CLASSES)
def test_every_language_of_a_class_has_an_example_and_only_those(name: str) -> None:
    assert set(LEXICON.examples.get(name, {})) == languages(name)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_class_that_catalogues_everywhere_use_speaks_every_language(name: str) -> None:
    assert set(LANGUAGES) <= languages(name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_numbers_its_parts(language: str) -> None:
    found = parse_title(TABLE["words"]["parts"]["examples"][language], LEXICON)
    assert found.numbers == (2,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_its_compilations(language: str) -> None:
    names = TABLE["artists"]["compilations"][language]
    assert names
    assert all(is_compilation(name, LEXICON) for name in names)


def test_every_cover_act_is_one() -> None:
    names = [name for found in TABLE["artists"]["cover_acts"].values() for name in found]
    assert all(is_cover_act(f"{name} Nine", LEXICON) for name in names)
    assert not is_cover_act("The Beatles", LEXICON)


def test_kinds_of_the_examples() -> None:
    for section in TABLE.values():
        if section.get("policy") == "kind":
            for title in section["examples"].values():
                assert str(parse_title(title, LEXICON).kind).startswith(section["kind"]), title
        if section.get("policy") == "disqualify":
            for title in section["examples"].values():
                assert parse_title(title, LEXICON).disqualifier == section["reason"], title


def test_a_new_language_is_one_line() -> None:
    table = {**TABLE, "instrumental": {**TABLE["instrumental"], "tag": {"sw": ["ala tu"]}}}
    assert parse_title("Wimbo (Ala Tu)", Lexicon.from_table(table)).kind == "instrumental"
    assert parse_title("Wimbo (Ala Tu)", LEXICON).kind is None


def test_a_new_class_is_one_table() -> None:
    table = {**TABLE, "spatial": {"policy": "agree", "tag": {"en": ["binaural"]}}}
    assert ("spatial", "") in parse_title("Song (Binaural)", Lexicon.from_table(table)).tags


@pytest.mark.parametrize(
    ("position", "title", "found"),
    [
        ("bare", "Copper Harbour zonk", True),
        ("bare", "Copper Harbour (zonk)", True),
        ("tag", "Copper Harbour zonk", False),
        ("tag", "Copper Harbour - zonk", True),
        ("brackets", "Copper Harbour - zonk", False),
        ("brackets", "Copper Harbour (zonk)", True),
        ("named", "Copper Harbour (zonk)", False),
        ("named", "Copper Harbour (Ann zonk)", True),
        ("opens", "Copper Harbour (zonk Ann)", True),
        ("opens", "Copper Harbour (zonk)", False),
        ("quotes", "Copper Harbour (zonk Ann)", False),
        ("quotes", 'Copper Harbour (zonk "Ann")', True),
        ("closes", "Copper Harbour (Ann zonk)", True),
        ("closes", "Copper Harbour (zonk Ann)", False),
    ],
)
def test_a_marker_counts_in_its_place_only(position: str, title: str, found: bool) -> None:
    table = {"odd": {"policy": "agree", "takes_name": position == "named", position: {"en": ["zonk"]}}}
    read = parse_title(title, Lexicon.from_table(table))
    assert (read.base == "copper harbour") is found


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"x": {"policy": "odd"}}, "policy is 'odd'"),
        ({"x": {"policy": "kind"}}, "names no kind"),
        ({"x": {"policy": "disqualify"}}, "names no reason"),
        ({"x": {"policy": "neutral", "tags": {}}}, "unknown key 'tags'"),
        ({"x": {"policy": "neutral", "tag": ["a"]}}, "lists by language"),
        ({"x": {"policy": "neutral", "tag": {"en": "a"}}}, "list of strings"),
        ({"x": {"policy": "neutral", "tag": {"en": 3}}}, "list of strings"),
        ({"x": {"policy": "neutral", "tag": {"en": ["!"]}}}, "without words"),
        ({"x": {"policy": "neutral", "tag": {"en": ["a"]}}, "y": {"policy": "agree", "tag": {"de": ["A"]}}}, "is both"),
        ({"x": {"policy": "neutral", "examples": ["a"]}}, "one title a language"),
        ({"x": {"policy": "neutral", "examples": {"en": 3}}}, "should be a title, got 3"),
        ({"x": 3}, "should be a table"),
        ({"words": {"odd": []}}, "unknown key 'odd'"),
        ({"words": {"parts": "part"}}, "parts .*list of strings"),
        ({"words": {"numerals": {"one": "1"}}}, "one should be a whole number, got '1'"),
        ({"words": {"spellings": {"u": 3}}}, "u should be a word, got 3"),
        ({"artists": {"cover_acts": {"en": "karaoke"}}}, "en should be a list of strings"),
    ],
)
def test_faults_of_a_lexicon_are_named(table: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Lexicon.from_table(table)


def test_all_faults_at_once() -> None:
    with pytest.raises(ValueError, match=r"\[x\] policy.*\[y\] policy.*unknown key 'z'"):
        Lexicon.from_table({"x": {"policy": "a"}, "y": {"policy": "b"}, "words": {"z": []}})
