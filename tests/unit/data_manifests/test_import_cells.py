"""Single cells: durations, flags, dates and names in the spellings that people use."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_manifests.import_cells import (
    ARTIST_SEPARATORS,
    NAMES_WITH_COMMAS,
    parse_date,
    parse_decimal,
    parse_duration_s,
    parse_flag,
    split_names,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3:21", 201.0), ("03:21.5", 201.5), ("75:00", 4500.0), ("1:02:03", 3723.0), ("0:00:07,25", 7.25),
        ("PT3M21S", 201.0), ("pt1h2m3.5s", 3723.5), ("PT201S", 201.0), ("P1DT1S", 86401.0), (" 3:21 ", 201.0),
        ("3:61", None), ("1:75:00", None), ("P", None), ("PT", None), ("", None), ("3m", None), ("٣:٢١", None),
        ("-3:21", None), ("3:21:", None),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration_s(text) == seconds


@given(st.integers(0, 99 * 3600 + 3599))
def test_every_clock_time_is_read_back(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    clock = f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    assert parse_duration_s(clock) == seconds
    assert parse_duration_s(f"PT{hours}H{rest // 60}M{rest % 60}S") == seconds
    assert parse_duration_s(f"{seconds // 60}:{seconds % 60:02d}") == seconds


def test_decimal_commas() -> None:
    assert parse_decimal("205,5") == 205.5
    assert parse_decimal("1,234,5") is None
    assert parse_decimal("205.5") is None


@pytest.mark.parametrize(
    ("text", "flag"),
    [("TRUE", True), ("yes", True), ("1", True), ("Explicit", True), (" no ", False), ("F", False), ("0", False),
     ("Clean", False), ("perhaps", None), ("2", None)],
)  # fmt: skip
def test_flags(text: str, flag: bool | None) -> None:
    assert parse_flag(text) is flag


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2020", "2020"), ("2020-03", "2020-03"), ("2020-03-04", "2020-03-04"), ("20200304", "2020-03-04"),
        ("2020-03-04T05:06:07Z", "2020-03-04"), ("2020-03-04 05:06", "2020-03-04"), ("2020/3/4", "2020-03-04"),
        ("04.03.2020", "2020-03-04"), ("31/12/2020", "2020-12-31"), ("12/31/2020", "2020-12-31"),
        ("03/04/2020", "2020"), ("05/05/2020", "2020-05-05"), ("2020-00-00", "2020"), ("0000-00-00", None),
        ("2020-13-01", None), ("2021-02-30", None), ("soon", None), ("", None),
    ],
)  # fmt: skip
def test_dates(text: str, date: str | None) -> None:
    assert parse_date(text) == date


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_every_iso_date_stays_what_it_is(date: datetime.date) -> None:
    assert parse_date(date.isoformat()) == date.isoformat()
    assert parse_date(date.isoformat()[:7]) == date.isoformat()[:7]
    assert parse_date(f"{date:%Y%m%d}".zfill(8)) == date.isoformat()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A; B ;C", ["A", "B", "C"]),
        ("A|B", ["A", "B"]),
        ("A\x00B", ["A", "B"]),
        ("A / B", ["A", "B"]),
        ("AC/DC", ["AC/DC"]),
        ("Tyler, The Creator", ["Tyler, The Creator"]),
        ("Earth, Wind & Fire; Guest", ["Earth, Wind & Fire", "Guest"]),
        ("Simon & Garfunkel", ["Simon & Garfunkel"]),
        (";;", []),
        ('["A, the first", "B"]', ["A, the first", "B"]),
        ("['A', \"B's\"]", ["A", "B's"]),
        ('[{"name": "A", "id": 7}, {"name": "B"}]', ["A", "B"]),
        ("[unknown artist]", ["[unknown artist]"]),
        ("[]", []),
        ("[null, 3]", ["3"]),
    ],
)
def test_artists(text: str, names: list[str]) -> None:
    assert split_names(text, ARTIST_SEPARATORS) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A, B,C", ["A", "B", "C"]),
        ("Kali Uchis, Tyler, The Creator, Bootsy Collins", ["Kali Uchis", "Tyler, The Creator", "Bootsy Collins"]),
        ("tyler, the creator,A", ["tyler, the creator", "A"]),
        ("10,000 Maniacs, A", ["10,000 Maniacs", "A"]),
        ("Nick Cave\\, Esq., A", ["Nick Cave, Esq.", "A"]),
        ("Bryan Tyler, Someone", ["Bryan Tyler", "Someone"]),
        ("Crosby, Stills, Nash & Young", ["Crosby, Stills, Nash & Young"]),
        ("A,, B", ["A", "B"]),
    ],
)
def test_comma_lists_where_they_are_asked_for(text: str, names: list[str]) -> None:
    assert split_names(text, (",",)) == names


@given(st.lists(st.sampled_from([*NAMES_WITH_COMMAS, "A", "B C", "AC/DC"]), min_size=1, max_size=5))
def test_comma_lists_of_known_names_come_back(names: list[str]) -> None:
    assert split_names(", ".join(names), (",",)) == names


@given(st.text(), st.lists(st.sampled_from([",", ";", "|", " / ", "\x00"]), min_size=1, unique=True))
def test_any_text_gives_trimmed_names(text: str, separators: list[str]) -> None:
    for name in split_names(text, separators):
        assert name
        assert name == name.strip()
