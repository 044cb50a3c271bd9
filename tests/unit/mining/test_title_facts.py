"""Titles in bulk say what each says alone, whatever they are made of and whatever the lexicon holds."""

import tomllib
from importlib import resources
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mining.lexicon import Lexicon
from mining.text_columns import cleaned, worded
from mining.title_facts import may_be_counterpart, title_facts
from mining.title_notes import notes
from mining.title_tails import markers_of
from mining.title_text import clean, words
from mining.titles import parse_title

TABLE: dict[str, Any] = tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
LEXICON = Lexicon.from_table(TABLE)
OTHER_LEXICON = Lexicon.from_table(
    {
        "bare_band": {
            "policy": "kind",
            "kind": "instrumental",
            "takes_name": True,
            "bare": {"xx": ["love off", "qzq"]},
        },
        "twist": {"policy": "agree", "takes_name": True, "tag": {"xx": ["twist", "song twist"]}},
        "guest": {"policy": "guests", "bare": {"xx": ["and also", "plus"]}},
        "words": {
            "spellings": {"luv": "love", "love": "loves", "da": "the"},
            "parts": ["song"],
            "numerals": {"uno": 1},
        },
    }
)
LEXICONS = {"built-in": LEXICON, "other": OTHER_LEXICON, "empty": Lexicon.from_table({})}
MARKERS = sorted({" ".join(marker.words) for marker in markers_of(LEXICON)})
LISTED = sorted({*LEXICON.articles, *LEXICON.connectors, *LEXICON.parts, *LEXICON.pronouns, *LEXICON.spellings,
                 *LEXICON.numerals, *LEXICON.seconds, *LEXICON.guest_words})  # fmt: skip
DELIMITERS = ["(", ")", "[", "]", " - ", "-", "- ", " -", " / ", "/", "_", "|", ": ", ":", "~", " ", " ", "'", "’", "&"]
DELIMITERS += [", ", "!", "【", "】", "（", "）", "–", " — ", "・", ".", "vs.", " x ", " & ", "&amp;", ";", "$", '"']
NAMES = [
    "Song",
    "love",
    "Ü",
    "Beyoncé",
    "名前",
    "이름",
    "Имя",
    "ёлка",
    "שיר",
    "ไทย",
    "Σίσυφος",
    "The",
    "the",
    "II",
    "iv",
]
NAMES += [
    "X",
    "I",
    "2",
    "007",
    "30",
    "1999",
    "sec",
    "second",
    "Off",
    "luv",
    "da",
    "qzq",
    "qzqa",
    "uno",
    "twist",
    "plus",
]
NAMES += [
    "also",
    "don't",
    "rock'n'roll",
    "\u200b",
    "e\u0301",
    "ﬁ",
    "ﾊﾞ",
    "\t",
    "İ",
    "´",
    "ᄀ",
    "12345678901234567890",
    "٣",
]
NAMES += ["mix", "dj", "Anti-Hero", "V", "minus", "sped up", "karaoke", "version", "and"]
GUESTS = ["feat. ", "ft ", "Remix", "(Live)"]
PIECES = st.one_of(*map(st.sampled_from, (DELIMITERS, NAMES, MARKERS, LISTED, GUESTS)))
SHAPES = ["{} ({})", "{} - {}", "{} [{}] (Remix)", "{} feat. {}", "{} (feat. X) - {}"]
TITLES = st.one_of(
    st.lists(PIECES, max_size=9).map("".join),
    st.lists(PIECES, max_size=9).map(" ".join),
    st.builds(
        lambda shape, name, tail: shape.format(" ".join(name), " ".join(tail)),
        st.sampled_from(SHAPES),
        st.lists(st.sampled_from([*NAMES, *MARKERS, *LISTED]), min_size=1, max_size=3),
        st.lists(PIECES, max_size=4),
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(st.characters(max_codepoint=0x24F), max_size=12),
)


def one_by_one(titles: list[str], lexicon: Lexicon) -> pl.DataFrame:
    """Read titles without any short cut."""
    names = ("kind", "disqualifier", "wording", "aliases", "numbers", "stem", "versions", "versions_too")
    names = (*names, "languages", "guests", "origins", "edition", "is_cover", "is_sung")
    rows = []
    for title in dict.fromkeys(titles):
        parsed = parse_title(title, lexicon)
        row = dict(zip(names, notes(parsed, lexicon), strict=True))
        lists = {
            name: row[name] and str(row[name]).split("\x1f") for name in ("aliases", "languages", "guests", "origins")
        }
        rows.append({"title": title, "base": parsed.base, "key": parsed.base.replace(" ", ""), **row, **lists})
    return pl.DataFrame(rows, schema=title_facts(pl.Series([], dtype=pl.String), lexicon).schema).sort("title")


@pytest.mark.parametrize("lexicon", sorted(LEXICONS))
@settings(max_examples=150, deadline=None)
@given(titles=st.lists(TITLES, min_size=1, max_size=20))
def test_bulk_is_one_by_one(lexicon: str, titles: list[str]) -> None:
    bulk = title_facts(pl.Series(titles, dtype=pl.String), LEXICONS[lexicon])
    assert_frame_equal(bulk.sort("title"), one_by_one(titles, LEXICONS[lexicon]))


@settings(max_examples=150, deadline=None)
@given(titles=st.lists(TITLES, min_size=1, max_size=20))
def test_no_counterpart_is_passed_over(titles: list[str]) -> None:
    maybe = may_be_counterpart(pl.Series(titles, dtype=pl.String), LEXICON)
    for title, may_be in zip(titles, maybe, strict=True):
        assert may_be or parse_title(title, LEXICON).kind is None, title


@pytest.mark.parametrize("name", ["built-in", "other"])
def test_every_marker_may_make_a_counterpart(name: str) -> None:
    lexicon = LEXICONS[name]
    markers = {" ".join(marker.words) for marker in markers_of(lexicon)}
    shapes = ("Song ({})", "S {}", "S_{}_")
    titles = pl.Series([shape.format(marker) for marker in sorted(markers) for shape in shapes], dtype=pl.String)
    kinds = title_facts(titles, lexicon).filter(pl.col("kind").is_not_null())["title"]
    assert may_be_counterpart(kinds, lexicon).all()
    assert len(kinds) > 0


def test_plain_titles_are_no_counterparts() -> None:
    titles = pl.Series(["Against the Wind", "Mrs. Robinson", "Insomnia", "Déjà Vu", "Songbird (Live)", None])
    assert may_be_counterpart(titles, LEXICON).to_list() == [False] * 5 + [None]


def test_a_row_for_each_distinct_title() -> None:
    facts = title_facts(pl.Series(["Song", None, "Song", "song", "Song (Instrumental)"]), LEXICON)
    assert sorted(facts["title"]) == ["Song", "Song (Instrumental)", "song"]
    assert set(facts["base"]) == {"song"}


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(TITLES, min_size=1, max_size=20))
def test_columns_are_cleaned_as_texts_are(texts: list[str]) -> None:
    table = pl.DataFrame({"text": texts}).with_columns(cleaned=cleaned(pl.col("text")))
    table = table.with_columns(words=worded(pl.col("cleaned")))
    for text, found, found_words in table.rows():
        assert found in (None, clean(text))
        assert found is None or found_words == " ".join(words(found))


def test_letters_that_stand_alone_are_cleaned_one_by_one() -> None:
    letters = pl.Series([f"a{chr(code)}b" for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000])
    found = letters.to_frame("text").select(cleaned(pl.col("text"))).to_series()
    sure = [(text, text_cleaned) for text, text_cleaned in zip(letters, found, strict=True) if text_cleaned is not None]
    assert len(sure) > 40_000
    assert [text for text, text_cleaned in sure if clean(text) != text_cleaned] == []


@pytest.mark.parametrize("text", ["e\u0301", "ᄀ", "ﾊﾞ", "&amp;", "\ud55c\u11ab", "ไทย"])
def test_what_composes_with_its_neighbours_is_left_to_cleaning(text: str) -> None:
    assert pl.DataFrame({"text": [text]}).select(cleaned(pl.col("text"))).item() is None
