"""Artists by key: spellings, lists of artists in one string, and names that stand for anyone."""

import tomllib
from importlib import resources

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mining.artist_facts import artist_keys
from mining.artists import is_compilation, is_cover_act, name_key, name_keys, split_keys
from mining.titles import Lexicon

LEXICON = Lexicon.from_table(
    tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize(
    ("a", "b"),
    [("The Midnight", "Midnight"), ("Beyoncé", "BEYONCE"), ("Earth, Wind & Fire", "Earth, Wind and Fire"),
     ("AC/DC", "AC-DC"), ("ＢＴＳ", "bts"), ("Guns N’ Roses", "Guns N' Roses"), ("Sigur Rós", "sigur ros")],
)  # fmt: skip
def test_spellings_share_a_key(a: str, b: str) -> None:
    assert name_key(a) == name_key(b)


@pytest.mark.parametrize(("a", "b"), [("が", "か"), ("Йога", "Иога"), ("IU", "UI"), ("!!!", "???")])
def test_other_names_have_other_keys(a: str, b: str) -> None:
    assert name_key(a) != name_key(b)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Octane/DLR/Subterra", {"octane", "dlr", "subterra"}),
        ("Octane & DLR ft Gusto & Subterra", {"octane and dlr", "octane", "dlr", "gusto", "subterra"}),
        ("Simon & Garfunkel", {"simon and garfunkel", "simon", "garfunkel"}),
        ("Jay-Z; Kanye West", {"jay z", "kanye west"}),
        ("Marky vs. XRS", {"marky", "xrs"}),
        ("Tyler, The Creator", {"tyler the creator"}),
        ("AC/DC", {"ac dc"}),
        ("X", {"x"}),
    ],
)
def test_keys_of_a_string_that_lists_artists(name: str, keys: set[str]) -> None:
    assert keys <= set(name_keys(name, LEXICON))


def test_slashes_within_short_names_make_no_artists() -> None:
    assert name_keys("AC/DC", LEXICON) == ("ac dc",)


@pytest.mark.parametrize(
    "name",
    ["Various Artists", "V.A.", "VARIOUS", "Varios Artistas", "オムニバス", "群星", "Разные исполнители", "", "  "],
)
def test_compilation_artists_have_no_key(name: str) -> None:
    assert name_keys(name, LEXICON) == ()


def test_compilation_artists_are_told_apart_from_artists() -> None:
    assert is_compilation("Various Artists", LEXICON)
    assert not is_compilation("Various Cruelties", LEXICON)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("Zoom Karaoke", True),
        ("Party Tyme Karaoke", True),
        ("Sing King", True),
        ("Karaokeman", False),
        ("Queen", False),
    ],
)
def test_cover_acts(name: str, act: bool) -> None:
    assert is_cover_act(name, LEXICON) is act


def test_split_keys_prefer_ids_and_keep_bands_whole() -> None:
    assert split_keys(["Various Artists", "Queen"], ["0", "7"], LEXICON) == ("id:7",)
    assert split_keys(["Queen", "Bowie"], None, LEXICON) == ("queen", "bowie")
    assert split_keys(["Earth, Wind & Fire feat. Ramsey Lewis"], [], LEXICON) == ("earth wind and fire", "ramsey lewis")
    assert split_keys(["Queen", "Bowie"], ["7"], LEXICON) == ("queen", "bowie")
    assert split_keys(["Various Artists"], None, LEXICON) == ()


SEPARATORS = [
    " & ",
    ", ",
    "&",
    "+",
    " and ",
    " x ",
    " X ",
    " feat. ",
    " ft",
    " vs. ",
    "/",
    " / ",
    "//",
    ";",
    "|",
    "×",
    "、",
]
PIECES = [
    "Simon",
    "Garfunkel",
    "the ",
    "The",
    "・",
    "!!!",
    "÷",
    "A",
    "B",
    "AC",
    "DC",
    "Various Artists",
    "V.A.",
    "Karaoke",
]
PIECES += [
    "Zoom Karaoke",
    "tribute",
    "Beyoncé",
    "群星",
    "名前",
    "カラオケ",
    "Кино",
    "ไทย",
    "&amp;",
    "e\u0301",
    "'",
    "’n’",
]
PIECES += ["(", ")", " ", "  ", "-", *SEPARATORS]
NAMES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=7).map(" ".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)


@settings(max_examples=200, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=20))
def test_bulk_is_one_by_one(names: list[str]) -> None:
    check_bulk(names, LEXICON)


def test_bulk_without_a_lexicon() -> None:
    check_bulk(["Simon & Garfunkel", "Various Artists", "Zoom Karaoke", "A, B", ", ;", "!!!"], Lexicon.from_table({}))


def check_bulk(names: list[str], lexicon: Lexicon) -> None:
    bulk = artist_keys(pl.Series(names, dtype=pl.String), lexicon)
    rows = [
        (name, key, is_cover_act(name, lexicon), is_compilation(name, lexicon))
        for name in dict.fromkeys(names)
        for key in name_keys(name, lexicon) or (None,)
    ]
    expected = pl.DataFrame(rows, schema=bulk.schema, orient="row")
    assert_frame_equal(bulk.sort("name", "key"), expected.sort("name", "key"))


def test_nulls_are_no_names() -> None:
    assert artist_keys(pl.Series(["Queen", None, "Queen"]), LEXICON).rows() == [("Queen", "queen", False, False)]
