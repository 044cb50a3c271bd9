"""Titles that may be one: orthographies and slips pass, inflections and other words do not."""

import pytest

from mining.title_similarity import may_be_one_title, slipped, spelled_alike, title_score

SHORT = 5


def one(a: str, b: str) -> bool:
    forth = may_be_one_title(a, b, short_title_length=SHORT)
    assert forth == may_be_one_title(b, a, short_title_length=SHORT)
    return forth


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("sun flower", "sunflower"),
        ("madchen", "maedchen"),
        ("dancing in the dark", "dancin in the dark"),
        ("colour of love", "color of love"),
        ("favourite", "favorite"),
        ("realise it", "realize it"),
        ("travelling man", "traveling man"),
        ("コンピューター", "コンピュータ"),
        ("ヴァイオリン弾き", "バイオリン弾き"),
        ("майские дни", "маиские дни"),
        ("αγαπη μου", "αγάπη μου"),
        ("tomorrow never knows", "tommorrow never knows"),
        ("beautiful day", "beatiful day"),
        ("beautiful day", "beautfiul day"),
        ("невероятный вечер", "неверояятный вечер"),
    ],
)
def test_spaces_orthographies_and_slips_pass(a: str, b: str) -> None:
    assert one(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("dreamer", "dreamers"), ("dreamed", "dreamer"), ("dreamer", "dreaming"), ("walked away", "walking away"),
        ("amigos", "amigas"), ("perdido", "perdida"), ("belle histoire", "belles histoires"),
        ("glauben", "glaubten"), ("dromer", "dromers"), ("flickan", "flickor"), ("kochany", "kochana"),
        ("новый день", "новой день"), ("героиня", "героини"), ("герой", "герои"), ("seviyorum", "seviyordum"),
        ("woman in love", "women in love"), ("princes", "princess"), ("remember", "remembers"),
    ],
)  # fmt: skip
def test_inflections_are_other_titles(a: str, b: str) -> None:
    assert not one(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("stop", "top"), ("loving you", "living you"), ("sacred heart", "scared heart"),
        ("country roads", "county roads"),
        ("angel eyes", "angle eyes"), ("mourning dove", "morning dove"), ("staring at it", "starring at it"),
        ("better days", "bitter days"), ("summer nights", "summer lights"), ("september", "decembers"),
        ("what to do", "to do what"), ("part 2 of it", "part 3 of it"), ("another 1234567", "another 1234568"),
        ("裏切り者の歌", "里切り者の歌"), ("はなびら舞う", "ばなびら舞う"), ("ビールの歌だよ", "ビルの歌だよ"),
        ("한국어노래하나둘셋", "한국어노래하나둘"), ("closer to me", "closer to you"),
    ],
)  # fmt: skip
def test_other_words_are_other_titles(a: str, b: str) -> None:
    assert not one(a, b)


def test_one_slip_is_the_most() -> None:
    assert one("beautiful tomorrow", "beatiful tomorrow")
    assert not one("beautiful tomorrow", "beatiful tommorrow")
    assert not slipped("beautiful", "betiful")


def test_a_slip_needs_a_long_word_of_letters() -> None:
    assert not slipped("dinner", "diner")
    assert not slipped("abc4efghi", "abc4efhi")
    assert not slipped("same word".replace(" ", ""), "sameword")


def test_short_titles_must_be_equal() -> None:
    assert not may_be_one_title("color", "colour", short_title_length=5)
    assert may_be_one_title("a b", "ab", short_title_length=5)


def test_orthographies_are_no_slips() -> None:
    assert spelled_alike("theatre", "theater")
    assert not spelled_alike("theatre", "theatres")
    assert title_score("sun flower", "sunflower") == 100


def test_ampersands_stand_for_the_word_of_any_language() -> None:
    assert one("liebe and schmerz", "liebe und schmerz")
    assert one("amor and dolor", "amor y dolor")
    assert not one("liebe oder schmerz", "liebe und schmerz")
    assert title_score("liebe and schmerz", "liebe und schmerz") == 100


def test_a_turkish_denial_is_no_slip() -> None:
    assert not one("seni seviyorum", "seni sevmiyorum")
