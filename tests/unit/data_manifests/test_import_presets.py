"""Layouts that engineers hold already: each is written here as its program writes it."""

import datetime
import json
import plistlib
from pathlib import Path

import pytest

from data_manifests.import_presets import PRESETS
from data_manifests.imports import Imported, import_table
from data_manifests.musicbrainz_dump import TABLES
from data_manifests.tables import InvalidTableError


def _reasons(found: Imported) -> dict[int, list[str]]:
    return dict(found.quarantine.select("row_number", "reasons").rows())


def test_an_unknown_preset_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidTableError, match="no preset 'deezer'") as error:
        import_table(tmp_path, {}, preset="deezer")
    assert [name for name in PRESETS if name not in str(error.value)] == []


def test_a_missing_column_names_the_preset_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Track URI,Name\nspotify:track:1,One\n")
    with pytest.raises(InvalidTableError, match=r"preset spotify lacks .*'title', 'artists', 'duration_s'") as error:
        import_table(tmp_path / "a.csv", {}, preset="spotify")
    assert "['Track URI', 'Name']" in str(error.value)


# Exportify: every cell quoted, commas of names escaped (watsonbox, since 2020)
_WATSONBOX = (
    '"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album URI","Album Name","Album Artist URI(s)",'
    '"Album Artist Name(s)","Album Release Date","Album Image URL","Disc Number","Track Number","Track Duration (ms)",'
    '"Track Preview URL","Explicit","Popularity","ISRC","Added By","Added At"\n'
    '"spotify:track:4iV5W9uYEdYUVa79Axb7Rh","EARFQUAKE","spotify:artist:4V8LLVI7PbaPR0K2TGSxFF",'
    '"Tyler\\, The Creator","spotify:album:5zi7WsKlIiUXv09tbGLKsE","IGOR","spotify:artist:4V8LLVI7PbaPR0K2TGSxFF",'
    '"Tyler\\, The Creator","2019-05-17","https://i.scdn.co/image/x","1","2","190066","","true","82","USQX91901100",'
    '"spotify:user:x","2020-01-01T00:00:00Z"\n'
    '"spotify:track:0000000000000000000002","After ""The"" Storm","spotify:artist:a1, spotify:artist:a2, '
    'spotify:artist:a3","Kali Uchis, Tyler\\, The Creator, Bootsy Collins","spotify:album:b","Isolation",'
    '"spotify:artist:a1","Kali Uchis","2018","","1","3","207454","","false","70",'
    '"USUM71800463","","2020-01-01T00:00:00Z"\n'
    '"spotify:track:4iV5W9uYEdYUVa79Axb7Rh","EARFQUAKE","spotify:artist:4V8LLVI7PbaPR0K2TGSxFF",'
    '"Tyler\\, The Creator","","IGOR","","","2019-05-17","","1","2","190066","","true","82","","",""\n'
    '"spotify:episode:0000000000000000000003","A podcast","","Someone","","","","","2020","","1","1","3600000","",'
    '"false","1","","",""\n'
    '"spotify:local:Me:Album:Song:181","Song","","Me","","","","","","","0","0","181000","","false","0","","",""\n'
)


def test_exportify_since_2020(tmp_path: Path) -> None:
    table = tmp_path / "playlist.csv"
    table.write_text("\ufeff" + _WATSONBOX, encoding="utf-8")
    found = import_table(table, {}, preset="spotify")
    rows = found.catalogue.select("track_id", "title", "artists", "artist_ids", "duration_s", "isrc", "explicit").rows()
    assert rows == [
        ("4iV5W9uYEdYUVa79Axb7Rh", "EARFQUAKE", ["Tyler, The Creator"], ["4V8LLVI7PbaPR0K2TGSxFF"], 190.066,
         "USQX91901100", True),
        ("0000000000000000000002", 'After "The" Storm', ["Kali Uchis", "Tyler, The Creator", "Bootsy Collins"],
         ["a1", "a2", "a3"], 207.454, "USUM71800463", False),
        ("spotify:local:Me:Album:Song:181", "Song", ["Me"], None, 181.0, None, False),
    ]  # fmt: skip
    assert found.catalogue["release_date"].to_list() == ["2019-05-17", "2018", None]
    assert _reasons(found) == {3: ["duplicate_track_id"], 4: ["podcast_episode"]}


@pytest.mark.parametrize(
    ("heading", "row", "track_id", "artists"),
    [
        (  # watsonbox, 2015
            "Spotify URI,Track Name,Artist Name,Album Name,Disc Number,Track Number,Track Duration (ms),Added By,"
            "Added At",
            '"spotify:track:1","T","A, B","Al","1","1","61500","",""', "1", ["A", "B"],
        ),
        (  # pavelkomarov, 2020
            "Spotify ID,Artist IDs,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Added By,"
            "Added At,Genres,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
            "Valence,Tempo,Time Signature",
            '1,"x,y","T","Al","A,B",2020-01-02,61500,7,u,2020,"pop,rock",.1,.2,3,-4,1,.1,.2,.3,.4,.5,120,4',
            "1", ["A", "B"],
        ),
        (  # pavelkomarov, 2024
            "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,"
            "Added At,Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,"
            "Instrumentalness,Liveness,Valence,Tempo,Time Signature",
            'spotify:track:1,"T","Al","Tyler, The Creator;B",2020-01-02,61500,7,true,u,2020,"pop","L",.1,.2,3,-4,1,'
            ".1,.2,.3,.4,.5,120,4", "1", ["Tyler, The Creator", "B"],
        ),
    ],
)  # fmt: skip
def test_other_exportify_headings(tmp_path: Path, heading: str, row: str, track_id: str, artists: list[str]) -> None:
    table = tmp_path / "playlist.csv"
    table.write_text(f"{heading}\n{row}\n", encoding="utf-8")
    found = import_table(table, {}, preset="spotify")
    assert found.quarantine.height == 0
    assert found.catalogue.select("track_id", "title", "artists", "duration_s").rows() == [
        (track_id, "T", artists, 61.5)
    ]


def test_a_preset_leaves_the_last_word_to_the_user(tmp_path: Path) -> None:
    table = tmp_path / "playlist.csv"
    table.write_text("Track URI,Track Name,Other,Artist Name(s),Duration (ms)\nspotify:track:1,T,U,A,1000\n")
    assert import_table(table, {"title": "Other"}, preset="spotify").catalogue["title"].to_list() == ["U"]


def test_spotify_account_data_is_recognised_and_refused(tmp_path: Path) -> None:
    track = {"trackName": "T", "artistName": "A", "albumName": "Al", "trackUri": "spotify:track:1"}
    playlist = {"playlists": [{"name": "P", "items": [{"track": track, "addedDate": "2020-01-01"}]}]}
    (tmp_path / "Playlist1.json").write_text(json.dumps(playlist))
    with pytest.raises(InvalidTableError, match=r"no durations.*Exportify"):
        import_table(tmp_path / "Playlist1.json", {}, preset="spotify")


def _track(**more: object) -> dict[str, object]:
    track = {
        "Track ID": 1, "Persistent ID": "0A0A0A0A0A0A0A0A", "Name": "Song", "Artist": "AC/DC", "Album": "Al",
        "Genre": "Rock", "Kind": "MPEG audio file", "Total Time": 201500, "Year": 1980, "Track Type": "File",
        "Location": "file:///Users/x/Music/Media/Music/AC_DC/01%20Song%20%231.mp3",
    }  # fmt: skip
    return {key: value for key, value in (track | more).items() if value is not None}


def _library(path: Path, tracks: list[dict[str, object]], folder: str = "file:///Users/x/Music/Media/") -> Path:
    library = {
        "Major Version": 1, "Minor Version": 1, "Application Version": "12.9", "Music Folder": folder,
        "Tracks": {str(number): track for number, track in enumerate(tracks, start=1)}, "Playlists": [],
    }  # fmt: skip
    path.write_bytes(plistlib.dumps(library, sort_keys=False))
    return path


def test_itunes_library(tmp_path: Path) -> None:
    tracks = [
        _track(Explicit=True, **{"Release Date": datetime.datetime(1980, 7, 25, 12)}),
        _track(
            **{"Persistent ID": "2", "Artist": "A; B", "Clean": True, "Location": "file://localhost/C:/M/a%C3%A9.mp3"}
        ),
        _track(**{"Persistent ID": None, "Track ID": 3, "Location": None, "Artist": None, "Album Artist": "C"}),
        _track(**{"Persistent ID": "4", "Podcast": True, "Genre": "Podcast"}),
        _track(**{"Persistent ID": "5", "Movie": True, "Has Video": True, "Total Time": None}),
        _track(**{"Persistent ID": "6", "Track Type": "URL", "Kind": "MPEG audio stream", "Total Time": None}),
        _track(**{"Persistent ID": "7", "Name": None}),
        _track(),
    ]
    found = import_table(_library(tmp_path / "Library.xml", tracks), {}, preset="itunes")
    assert found.catalogue.select("track_id", "artists", "duration_s", "explicit", "release_date", "audio").rows() == [
        ("0A0A0A0A0A0A0A0A", ["AC/DC"], 201.5, True, "1980-07-25", "Music/AC_DC/01 Song #1.mp3"),
        ("2", ["A", "B"], 201.5, False, "1980", "C:/M/aé.mp3"),
        ("3", ["C"], 201.5, None, "1980", None),
    ]
    assert _reasons(found) == {
        4: ["podcast"], 5: ["film", "video", "no_duration"], 6: ["stream", "no_duration"], 7: ["no_title"],
        8: ["duplicate_track_id"],
    }  # fmt: skip


def test_itunes_on_windows_names_files_below_its_folder(tmp_path: Path) -> None:
    track = _track(Location="file://localhost/M:/Music/AC%2FDC/a%20b.mp3")
    found = import_table(_library(tmp_path / "L.xml", [track], "file://localhost/M:/Music/"), {}, preset="itunes")
    assert found.catalogue["audio"].to_list() == ["AC/DC/a b.mp3"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no list", "no property list"), (b"<plist><dict><key>a</key>", "no property list"),
     (plistlib.dumps({"a": 1}), "no Tracks"), (plistlib.dumps([1]), "no Tracks"),
     (b"bplist00\xff", "no property list")],
)  # fmt: skip
def test_what_is_no_library_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "Library.xml").write_bytes(content)
    with pytest.raises(InvalidTableError, match=message):
        import_table(tmp_path / "Library.xml", {}, preset="itunes")


_TIME = "2020-01-02 03:04:05.678901+00"
_DUMP = {
    "recording": [
        f"1\taaaaaaaa-0000-4000-8000-000000000001\tSong\t10\t201506\t\t0\t{_TIME}\tf",
        f"2\taaaaaaaa-0000-4000-8000-000000000002\tSong\t10\t201400\tinstrumental\t0\t{_TIME}\tf",
        f'3\taaaaaaaa-0000-4000-8000-000000000003\tTab\\there "x" back\\\\slash \\\\n\t11\t60000\t\t0\t{_TIME}\tf',
        f"4\taaaaaaaa-0000-4000-8000-000000000004\tNo length\t10\t\\N\t\t0\t{_TIME}\tf",
        f"5\taaaaaaaa-0000-4000-8000-000000000005\tVideo\t10\t1000\t\t0\t{_TIME}\tt",
        f"6\taaaaaaaa-0000-4000-8000-000000000006\tLost credit\t99\t1000\t\t0\t{_TIME}\tf",
        "7\tcut off",
    ],
    "artist_credit": [
        f"10\tFoo feat. AC/DC\t2\t5\t{_TIME}\t0\tcccccccc-0000-4000-8000-000000000001",
        f"11\tTyler, The Creator\t1\t5\t{_TIME}\t0\tcccccccc-0000-4000-8000-000000000002",
    ],
    "artist_credit_name": [
        "10\t1\t101\tAC/DC\t", "10\t0\t100\tFoo\t feat. ", "11\t0\t102\tTyler, The Creator\t",
    ],
    "artist": [
        f"{number}\tbbbbbbbb-0000-4000-8000-000000000{number}\tN\tN" + "\t\\N" * 9 + f"\t\t0\t{_TIME}\tf\t\\N\t\\N"
        for number in (100, 101)
    ],
    "isrc": [f"1\t1\tUSRC17607839\t0\t{_TIME}", f"2\t1\tUSRC17607840\t0\t{_TIME}"],
    "track": [
        f"1\tdddddddd-0000-4000-8000-000000000001\t1\t21\t1\t1\tSong\t10\t201506\t0\t{_TIME}\tf",
        f"2\tdddddddd-0000-4000-8000-000000000002\t1\t20\t1\tA1\tSong\t10\t201506\t0\t{_TIME}\tf",
    ],
    "medium": [f"20\t30\t1\t1\t\t0\t{_TIME}\t9\teeeeeeee-0000-4000-8000-000000000001",
               f"21\t31\t1\t1\t\t0\t{_TIME}\t9\teeeeeeee-0000-4000-8000-000000000002"],
    "release": [
        f"30\tffffffff-0000-4000-8000-000000000001\tFirst\t10\t1\t1\t\\N\t120\t28\t\\N\t\t0\t-1\t{_TIME}",
        f"31\tffffffff-0000-4000-8000-000000000002\tBest of\t10\t2\t1\t\\N\t\\N\t28\t\\N\t\t0\t-1\t{_TIME}",
    ],
    "language": ["120\teng\teng\ten\tEnglish\t2\teng"],
    "recording_first_release_date": ["1\t1999\t5\t\\N", "2\t\\N\t\\N\t\\N", "3\t2001\t12\t31"],
}  # fmt: skip


def _dump(folder: Path, *tables: str) -> Path:
    (folder / "mbdump").mkdir()
    for name in tables:
        (folder / "mbdump" / name).write_text("\n".join(_DUMP[name]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("below", ["", "mbdump"])
def test_musicbrainz_dump(tmp_path: Path, below: str) -> None:
    found = import_table(_dump(tmp_path, *_DUMP) / below, {}, preset="musicbrainz")
    rows = found.catalogue.drop("genre", "licence", "explicit", "audio", "opt_out").rows(named=True)
    artist = "bbbbbbbb-0000-4000-8000-000000000{}".format
    assert rows[0] == {
        "track_id": "aaaaaaaa-0000-4000-8000-000000000001", "title": "Song", "artists": ["Foo", "AC/DC"],
        "artist_ids": [artist(100), artist(101)], "album": "First", "isrc": "USRC17607839", "language": "eng",
        "release_date": "1999-05", "duration_s": 201.506,
    }  # fmt: skip
    assert [row["title"] for row in rows] == ["Song", "Song (instrumental)", 'Tab here "x" back\\slash \\n']
    assert rows[2]["artists"] == ["Tyler, The Creator"]
    assert rows[2]["artist_ids"] == ["102"]
    assert [row["release_date"] for row in rows] == ["1999-05", None, "2001-12-31"]
    reasons = _reasons(found)
    assert reasons[7][0] == "too_few_cells"
    del reasons[7]
    assert reasons == {4: ["no_duration"], 5: ["video"], 6: ["no_artists"]}


def test_musicbrainz_core_tables_alone(tmp_path: Path) -> None:
    found = import_table(_dump(tmp_path, "recording", "artist_credit_name"), {}, preset="musicbrainz")
    assert found.catalogue.height == 3
    assert found.catalogue["artist_ids"].to_list()[0] == ["100", "101"]
    assert found.catalogue["isrc"].null_count() == 3


def test_a_dump_without_its_core_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidTableError, match=r"lacks the tables \['recording', 'artist_credit_name'\]"):
        import_table(_dump(tmp_path, "isrc"), {}, preset="musicbrainz")


def test_the_fixture_has_the_columns_of_the_schema() -> None:
    widths = {"artist": 19, "track": 12, "medium": 9, "release": 14}  # admin/sql/CreateTables.sql
    for name, columns in TABLES.items():
        assert _DUMP[name][0].count("\t") + 1 == widths.get(name, len(columns)), name
