"""Titles: markers in every dress, and the traps of real catalogues, each by name."""

import sys
import time
import tomllib
from importlib import resources
from typing import Any

import pytest

from mining.titles import Lexicon, ParsedTitle, parse_title

TABLE: dict[str, Any] = tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
LEXICON = Lexicon.from_table(TABLE)


def parsed(title: str) -> ParsedTitle:
    return parse_title(title, LEXICON)


def classes(title: str) -> set[str]:
    return {name for name, _ in parsed(title).tags}


@pytest.mark.parametrize(
    "title",
    [
        "Song (Instrumental)", "Song - Instrumental", "Song [Instrumental Version]", "Song instrumental",
        "Song (inst.)",
        "Song -Instrumental-", "Song ~Instrumental~", "Song_Instrumental", "Song / Instrumental",
        "Song | Karaoke Version",
        "Instrumental: Song", "Instrumental - Song", "(Instrumental) Song", "<Instrumental> Song",
        "Song (Instrumental) [2009]", "Song - Instrumental Mix 2011", "Song (Instrumental", "Song (No Vocals)",
        "Song (Official Instrumental)", "Song (off vocal ver.)", "Song【Off Vocal】", "Song（Ｉｎｓｔ．）",
        "Song (MR)",
        "Song (Minus One)", "Song [Backing Track]", "Song - Instrumental - Remastered 2009",
        "Song (Without Lead Vocal)",
        "Song (Versión Instrumental)", "Song (sin voz)", "Song (Pista)", "Song (Versão Instrumental)",
        "Song (Playback)",
        "Song (version instrumentale)", "Song (sans voix)", "Song (Instrumentalversion)", "Song (ohne Gesang)",
        "Song (versione strumentale)", "Song (Base Musicale)", "Song (instrumentaal)", "Song (zonder zang)",
        "Song (instrumental version)", "Song (utan sång)", "Song (wersja instrumentalna)", "Song (podkład muzyczny)",
        "Song (Инструментал)", "Song (минус)", "Song (enstrümantal)", "Song (Altyapı)", "Song (versi instrumental)",
        "Song (tanpa vokal)", "Song (インスト)", "Song（オフボーカル）", "Song (ｶﾗｵｹ)", "Song (オリジナル・カラオケ)",
        "Song (반주)", "Song (노래방 버전)", "Song (伴奏)", "Song【纯音乐】", "Song (无人声)", "Song (אינסטרומנטלי)",
        "Song &#40;Instrumental&#41;", "Song (Instru\u200bmental)", "🎵 Song 🎵 (Instrumental) 🔥",
        "SONG (INSTRUMENTAL)",
    ],
)  # fmt: skip
def test_instrumental_in_every_dress(title: str) -> None:
    found = parsed(title)
    assert (found.base, found.kind, found.disqualifier) == ("song", "instrumental", None)


@pytest.mark.parametrize(
    "title",
    ["Song (Acapella)", "Song - A Cappella", "Song (acappella version)", "Song (à capela)", "Song (Акапелла)",
     "Song (アカペラ)", "Song (아카펠라)", "Song (清唱版)", "Song (vocals only)", "Song Accapella"],
)  # fmt: skip
def test_acapella_is_its_own_kind(title: str) -> None:
    assert (parsed(title).base, parsed(title).kind) == ("song", "acapella")


@pytest.mark.parametrize(
    ("title", "kind"),
    [("Song (No Guitar)", "minus:guitar"), ("Song - Drumless", "minus:drums"), ("Song (sin bajo)", "minus:bass"),
     ("Song (ギターレス)", "minus:guitar"), ("Song (Backing Track) [No Drums]", "minus:drums")],
)  # fmt: skip
def test_minus_one_instrument(title: str, kind: str) -> None:
    assert (parsed(title).base, parsed(title).kind) == ("song", kind)


@pytest.mark.parametrize(
    "title",
    ["Etudes Instrumentales", "Fightstarter Karaoke", "Mr.Mr.", "Mr. Blue Sky", "Song MR", "Loss (Mr. G's Raw Dub)",
     "Lunar Lullaby (mr_slace Remix)", "Brilliant Eyes - Jody Wisternoff Vocal Remix", "Wisternoff Vocal",
     "Loco in Acapulco", "Midnight Minus One", "Acapella", "Instrumental", "The Instrumental", "Karaoke", "Playback",
     "Instrumental (Remix)", "Istampita instrumentale: Isabella", "Instrumental Piece", "Karaoke Song",
     "(Instrumental)",
     "Instruments", "Institution", "Off Vocals Road", "Song (Interlude)", "Mein Playback", "Bass"],
)  # fmt: skip
def test_markers_within_words_and_titles_are_no_markers(title: str) -> None:
    assert parsed(title).kind is None
    assert parsed(title).base


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("曲 (コーラス入りカラオケ)", "vocals_kept"),
        ("曲 (オリジナル・メロディ・カラオケ)", "vocals_kept"),
        ("曲 オリジナル・メロディ・カラオケ", "vocals_kept"),
        ("Song [Karaoke Version with backing vocals]", "vocals_kept"),
        ("Song (Karaoke) [Guide Melody]", "vocals_kept"),
        ("Песня (минус с бэками)", "vocals_kept"),
        ("Song [In the Style of Lee Jong Yong] - Karaoke", "cover"),
        ("Song (Karaoke Version Originally Performed By X)", "cover"),
        ("Song (Karaoke) (al estilo de X)", "cover"),
        ("Sunny Day (30 sec)", "cut_down"),
        ("Sunny Day - 15s Instrumental", "cut_down"),
        ("Sunny Day (:60)", "cut_down"),
        ("Sunny Day 60 Second Instrumental", "cut_down"),
        ("Song (Instrumental) [Acapella]", "two_kinds"),
    ],
)
def test_not_an_instrumental_of_the_song(title: str, reason: str) -> None:
    assert parsed(title).disqualifier == reason


@pytest.mark.parametrize("title", ["Gone in 60 Seconds", "Groove - Sanchez Dirty 90's Mix", "Judas (80s Ver.)"])
def test_seconds_and_decades_in_titles_are_no_cut_downs(title: str) -> None:
    assert parsed(title).disqualifier is None


@pytest.mark.parametrize(
    ("title", "tag"),
    [
        ("Song - Joe Goddard Remix", ("remix", "joe goddard")),
        ("Song (Joe Goddard Instrumental)", ("remix", "joe goddard")),
        ("Song (Remix Mall Grab)", ("remix", "mall grab")),
        ("Song_Peshay Vocal", ("remix", "peshay")),
        ("Song - Radio Edit", ("edit", "radio")),
        ("Song (Live at Wembley)", ("live", "wembley")),
        ("Song (Live)", ("live", "")),
        ("Song - WHISTLE Acoustic Ver.", ("remix", "whistle")),
        ("Song - Acoustic Ver.", ("acoustic", "")),
        ("Song (TV-size)", ("tv_size", "")),
        ("Song -Japanese ver.-", ("language", "ja")),
        ("Song - Remastered 2011", ("year", "2011")),
        ("Song [2009]", ("year", "2009")),
        ("Song (Slowed + Reverb)", ("speed", "down")),
        ("Song (Dijon Cover)", ("cover", "dijon")),
        ('Song ("Tower of God" OP)', ("origin", "tower god")),
        ("Song (Demo)", ("demo", "")),
        ("Song (Taylor’s Version)", ("remix", "taylors")),
    ],
)
def test_version_tags(title: str, tag: tuple[str, str]) -> None:
    found = parsed(title)
    assert tag in found.tags
    assert found.base == "song"


@pytest.mark.parametrize(
    ("title", "base"),
    [
        ("Rock &amp; Roll", "rock and roll"),
        ("The Boys", "boys"),
        ("Déjà Vu", "deja vu"),
        ("が", "が"),
        ("Don’t Stop", "dont stop"),
        ("Й", "й"),
        ("Ёлка", "елка"),
        ("İstanbul", "istanbul"),
        ("ＳＴＲＡＳＳＥ", "strasse"),
        ("Straße", "strasse"),
        ("What to Do", "what to do"),
        ("To Do What", "to do what"),
        ("Song (Looking Back)", "song looking back"),
        ("World's End ~Rebirth~", "worlds end rebirth"),
        ("???", "???"),
        ("÷ (Instrumental)", "÷"),
        ("", ""),
        ("()", ""),
    ],
)
def test_bases(title: str, base: str) -> None:
    assert parsed(title).base == base


@pytest.mark.parametrize(
    ("title", "numbers"),
    [("Song, Part II", (2,)), ("Song Pt. 2", (2,)), ("Song (Part Two)", (2,)), ("Song (Part II)", (2,)),
    ("Jazzterfield 3", (3,)), ("Song", ()),
     ("Song II (Instrumental)", (2,)), ("1999", (1999,)), ("100 Hz Drone II", (100, 2))],
)  # fmt: skip
def test_numbers(title: str, numbers: tuple[int, ...]) -> None:
    assert parsed(title).numbers == numbers


@pytest.mark.parametrize(
    ("title", "featured"),
    [
        ("Song (feat. Ann & Bob)", ("ann", "bob")),
        ("Song feat. Ann Instrumental", ("ann",)),
        ("Song ft. Ann - Radio Edit", ("ann",)),
        ("Song (with Eminem)", ("eminem",)),
        ("6 Ft Under", ()),
        ("Naked (With My Headphones On)", ()),
    ],
)
def test_featured_artists(title: str, featured: tuple[str, ...]) -> None:
    assert parsed(title).featured == featured


def test_same_wording_with_and_without_brackets() -> None:
    assert parsed("Song Dave Rodgers Remix").wording == parsed("Song (Dave Rodgers Remix) [Instrumental]").wording


def markers(policy: str) -> list[tuple[str, str, str]]:
    return [
        (name, section.get("kind", ""), text.partition("=>")[0].strip())
        for name, section in TABLE.items()
        if section.get("policy") == policy
        for place in ("bare", "tag", "brackets")  # the places where a marker counts alone
        for texts in section.get(place, {}).values()
        for text in texts
    ]


def test_every_counterpart_marker_counts_in_brackets() -> None:
    wrong = []
    for name, kind, text in markers("kind"):
        found = parsed(f"Copper Harbour ({text})")
        if found.base != "copper harbour" or not str(found.kind).startswith(kind) or name not in classes(f"X ({text})"):
            wrong.append((text, found))
    assert not wrong


@pytest.mark.parametrize("policy", ["agree", "one_sided", "neutral", "disqualify"])
def test_every_other_marker_is_a_tag_in_brackets(policy: str) -> None:
    wrong = [(name, text) for name, _, text in markers(policy) if name not in classes(f"Copper Harbour ({text})")]
    assert not wrong


@pytest.mark.parametrize(
    ("title", "base", "kind"),
    [
        ("Watermelon Sugar (featuring Avenue Beat)", "watermelon sugar", None),
        ("Trọn Một Đêm (Beat)", "tron mot dem", "instrumental"),
        ("Me Quedé Sin Voz", "me quede sin voz", None),
        ("Sin Voz", "sin voz", None),
        ("Je suis sans voix", "je suis sans voix", None),
        ("Jump (Ins Licht)", "jump ins licht", None),
        ("Freestyle (Base)", "freestyle base", None),
        ("Angels (Aus und vorbei)", "angels aus und vorbei", None),
        ("Sommar (Från askan)", "sommar fran askan", None),
        ("Bailar (Con Amor)", "bailar con amor", None),
        ("Echo (Flip)", "echo flip", None),
        ("Song (Karaoke) Karaoke", "song", "instrumental"),
        ("Song (Sub) Karaoke", "song sub", "instrumental"),
        ("(Love) Karaoke", "love karaoke", None),
    ],
)
def test_words_of_song_names_are_no_marks(title: str, base: str, kind: str | None) -> None:
    assert (parsed(title).base, parsed(title).kind) == (base, kind)


@pytest.mark.parametrize(
    ("title", "base", "tag"),
    [
        ('Darling U [From "Oh My Venus (Original Television Soundtrack), Pt. 2"]', "darling you", "origin"),
        ("想見你想見你想見你(電視劇《想見你》片尾曲)", "想見你想見你想見你", "origin"),
        ("想見你想見你想見你 - 電視劇《想見你》片尾曲", "想見你想見你想見你", "origin"),
        ("曲名（映画『君の名は』より）", "曲名", "origin"),
        ("Song (Instrumental (with Chorus))", "song", "vocals_kept"),
        ("曲 (伴奏(保留和声))", "曲", "vocals_kept"),
        ("Song (Instrumental with Choir)", "song", "vocals_kept"),
        ("Song (French Braids Remix)", "song", "remix"),
        ("Interlude: Shadow", "shadow", "passage"),
        ("Song [Performance Track in Key of F with Background Vocals]", "song", "key_change"),
    ],
)
def test_tags_within_tags(title: str, base: str, tag: str) -> None:
    assert parsed(title).base == base
    assert tag in classes(title)


def test_a_language_in_a_name_is_no_language() -> None:
    assert parsed("Song (French Braids Remix)").tags == {("remix", "french braids")}
    assert parsed("Song (Neil Frances Remix)").tags == {("remix", "neil frances")}
    assert ("language", "ja") in parsed("Song (Japanese Remix)").tags


@pytest.mark.parametrize(
    ("title", "base"),
    [
        ("Song (Live) (", "song"),
        ("Song ((Live))", "song"),
        ("Song )Live(", "song live"),
        ("Song （Live）", "song"),
        ("Song &lt;Live&gt;", "song"),
        ("Song &#x28;Live&#x29;", "song"),
        ("\u200fשיר (Live)\u200f", "שיר"),
        ("أغنية - Live", "أغنية"),
        ("So\u200bng\ufeff (Li\u00adve)", "song"),
        ("🎵🎵 (Live)", "🎵🎵"),
        ("Song -Live-", "song"),
        ("Song ～Live～", "song"),
        ("- - -", ""),
        ("!!!", "!!!"),
        ("()[]【】", ""),
        ("\ud800", ""),
    ],
)
def test_odd_writing(title: str, base: str) -> None:
    assert parsed(title).base == base


def test_a_remix_instrumental_is_not_of_the_plain_original() -> None:
    assert ("remix", "x") in parsed("Song (X Remix Instrumental)").tags
    assert parsed("Song").tags == frozenset()


HOSTILE = [
    "(", ")", "- ", "-", "a-", "_", "~", "/ ", " ", "\t-", "feat ", "a(", "[[a]]", "the ", "inst the ", "instrumental ",
    "(instrumental)", "live at ", "with you ", "karaoke version in the style of ", ":10", "30 sec ", "&amp;", "a;",
    "(a, ", "part ii ", "カラオケ", "x ile ", "a & ", "instrumental: ", "(feat. a & b, c) ", "'", ".", "1",
    "\u200b", "x - y (",
]  # fmt: skip


def calls(title: str) -> int:
    """Count calls of functions, Python's and C's, while a title is parsed."""
    found = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        parse_title(title, LEXICON)
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("front", ["", "Song (", "Song - "])
@pytest.mark.parametrize("text", HOSTILE)
def test_twice_the_length_takes_about_twice_the_work(text: str, front: str) -> None:
    size = 2000 // len(text)
    once, twice = calls(front + text * size), calls(front + text * (2 * size))
    assert twice <= 3 * once + 200


@pytest.mark.parametrize("front", ["", "Song (", "Song - "])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hundred_thousand_characters_are_read_in_time(text: str, front: str) -> None:
    begun = time.process_time()
    parse_title(front + text * (100_000 // len(text)), LEXICON)
    # About 0.5 s at most; what is quadratic takes minutes.
    assert time.process_time() - begun < 20
