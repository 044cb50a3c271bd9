"""Any string is a title: parsing never raises, ends, and finds nothing more in its own result."""

import tomllib
from importlib import resources

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mining.title_text import clean, normalised
from mining.titles import Lexicon, parse_title

LEXICON = Lexicon.from_table(
    tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
)
INDEXES = (LEXICON.bracket_tags, LEXICON.named_tags, LEXICON.openers, LEXICON.closers, LEXICON.bare)
MARKERS = sorted({" ".join(marker.words) for index in INDEXES for group in index.values() for marker in group})
PIECES = st.sampled_from(
    [
        *"()[]【】-~_&:'’.,<>;# éｶ🎵nux",
        *(" - ", " / ", "&amp;", "\u200b", "\u200f", "the ", "feat. ", "ft", "Part II", "2011", "30 sec", "60 second"),
        *(
            "Song",
            "名前",
            "이름",
            "שיר",
            "e\u0301",
            "no",
            "with ",
            "《",
            "』",
            "より",
            ":30",
            "Interlude: ",
            "\ufeff",
            "٣",
        ),
    ]
)
TITLES = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(PIECES, st.sampled_from(MARKERS), st.text(max_size=3)), max_size=12).map("".join),
    st.lists(st.one_of(PIECES, st.sampled_from(MARKERS)), max_size=10).map(" ".join),
)


@settings(max_examples=400, deadline=None)
@given(TITLES)
@example("f't x")
@example("\ud800")
@example("&#0;&#x110000;&amp;amp;lt;")
@example("(" * 50 + "instrumental")
@example("The the THE")
@example("ᄀ'ᅡ")
def test_never_raises_and_is_idempotent(title: str) -> None:
    parsed = parse_title(title, LEXICON)
    again = parse_title(parsed.base, LEXICON)
    assert again.base == parsed.base
    assert (again.kind, again.tags, again.featured) == (None, frozenset(), ())
    assert again.numbers == parsed.numbers


@settings(max_examples=200, deadline=None)
@given(TITLES)
def test_cleaning_is_idempotent(title: str) -> None:
    assert clean(clean(title)) == clean(title)
    assert normalised(normalised(title)) == normalised(title)


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="abcdefgh", min_size=3, max_size=12),
    st.sampled_from(["(%s)", "[%s]", "【%s】", "- %s", "-%s-", "~%s~"]),
)
def test_a_marker_is_found_whatever_the_name(name: str, dress: str) -> None:
    parsed = parse_title(f"{name} {dress % 'Instrumental'}", LEXICON)
    assert parsed.kind == "instrumental"
    assert parsed.base == parse_title(name, LEXICON).base


@settings(max_examples=200, deadline=None)
@given(TITLES, st.booleans())
def test_case_and_outer_space_do_not_matter(title: str, upper: bool) -> None:
    ascii_title = "".join(c for c in title if c.isascii() and c.isprintable())
    changed = ascii_title.upper() if upper else ascii_title.lower()
    if "&" not in title:
        assert parse_title(f"  {changed} ", LEXICON) == parse_title(ascii_title, LEXICON)
