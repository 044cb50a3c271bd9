"""Nobody moves, and no artist is in two splits."""

from hypothesis import given
from hypothesis import strategies as st

from mining.splitting import SplitRules, extend_ledger, settle_together, split_of_artist, split_of_song

artists = st.text(min_size=1, max_size=12)
songs = st.lists(st.lists(artists, min_size=1, max_size=4, unique=True), max_size=30)


@given(songs)
def test_no_artist_crosses_a_split(songs: list[list[str]]) -> None:
    ledger = extend_ledger({}, (artist for song in songs for artist in song), SplitRules())
    splits: dict[str, set[str]] = {}
    for song in songs:
        split = split_of_song(song, ledger)
        if split is not None:
            for artist in song:
                splits.setdefault(artist, set()).add(split)
    assert all(len(found) == 1 for found in splits.values())


@given(st.sets(artists), st.sets(artists))
def test_nobody_moves_when_the_catalogue_grows_or_the_shares_change(first: set[str], second: set[str]) -> None:
    before = extend_ledger({}, first, SplitRules())
    after = extend_ledger(before, second, SplitRules(valid_share=0.4, test_share=0.4))
    assert all(after[artist] == split for artist, split in before.items())
    assert set(after) == first | second


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["train", "valid", None])), max_size=12))
def test_no_recording_crosses_a_split(songs: list[tuple[str, str | None]]) -> None:
    settled = settle_together(songs)
    for recording in "abc":
        found = {split for (name, _), split in zip(songs, settled, strict=True) if name == recording}
        assert len(found - {None}) <= 1
        assert len(found) <= 1


def test_shares_are_as_asked() -> None:
    rules = SplitRules(valid_share=0.2, test_share=0.1)
    found = [split_of_artist(f"artist {number}", rules) for number in range(20_000)]
    assert abs(found.count("valid") / 20_000 - 0.2) < 0.01
    assert abs(found.count("test") / 20_000 - 0.1) < 0.01


def test_a_song_of_nobody_trains() -> None:
    assert split_of_song([], {}) == "train"
