"""A folder of music: every format with its own tags, every kind of broken file, nothing left out."""

import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import mutagen
import numpy as np
import polars as pl
import pytest
import soundfile
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.flac import FLAC
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from data_manifests import music_folder
from data_manifests.audio_files import UnusableAudio, decode_audio
from data_manifests.file_tags import FileTags
from data_manifests.imports import Imported
from data_manifests.music_folder import scan_folder

SECONDS, RATE = 1.5, 44100
ARTIST_IDS = ["b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d", "4d5447d7-c61c-4120-ba1b-d7f471d385b9"]
EXPECTED = {
    "title": "Söng", "artists": ["AC/DC", "Guest"], "artist_ids": ARTIST_IDS, "album": "Album", "isrc": "USRC17607839",
    "genre": "Rock", "language": "eng", "licence": "CC BY 4.0", "release_date": "2020-03-04", "explicit": True,
}  # fmt: skip
_SUBTYPES = {"mp3": "MPEG_LAYER_III", "ogg": "VORBIS", "opus": "OPUS"}


@pytest.fixture(scope="session")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short file of each format, without tags."""
    folder = tmp_path_factory.mktemp("formats")
    sound = 0.1 * np.sin(np.arange(int(SECONDS * RATE)) / 20)
    for suffix in ("wav", "flac", "aiff", "mp3", "ogg"):
        soundfile.write(folder / f"a.{suffix}", sound, RATE, subtype=_SUBTYPES.get(suffix))
    soundfile.write(folder / "a.opus", np.resize(sound, int(SECONDS * 24000)), 24000, format="OGG", subtype="OPUS")
    for suffix in ("m4a", "aac"):
        _encode(folder / "a.wav", folder / f"a.{suffix}")
    return folder


def _encode(source: Path, target: Path) -> None:
    import av

    with (
        av.open(source) as given,
        av.open(target, "w", format={"m4a": "ipod", "aac": "adts"}[target.suffix[1:]]) as out,
    ):
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        for frame in given.decode(audio=0):
            frame.pts = None
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _tag_id3(tags: id3.ID3) -> None:
    tags.add(id3.TIT2(encoding=1, text="Söng"))
    tags.add(id3.TPE1(encoding=3, text=["AC/DC", "Guest"]))
    tags.add(id3.TALB(encoding=0, text="Album"))
    tags.add(id3.TSRC(encoding=3, text="US-RC1-76-07839"))
    tags.add(id3.TCON(encoding=3, text="17"))  # Rock, by number
    tags.add(id3.TLAN(encoding=3, text="eng"))
    tags.add(id3.TCOP(encoding=3, text="CC BY 4.0"))
    tags.add(id3.TDRC(encoding=3, text="2020-03-04"))
    tags.add(id3.TXXX(encoding=3, desc="ITUNESADVISORY", text="1"))
    tags.add(id3.TXXX(encoding=3, desc="MusicBrainz Artist Id", text=ARTIST_IDS))


def _tag_with_id3(kind: type) -> Callable[[Path], None]:
    def tag(path: Path) -> None:
        file = kind(path)
        if file.tags is None:
            file.add_tags()
        _tag_id3(file.tags)
        file.save()

    return tag


def _tag_with_vorbis(kind: type) -> Callable[[Path], None]:
    def tag(path: Path) -> None:
        file = kind(path)
        fields = {
            "title": "Söng", "ARTIST": ["AC/DC", "Guest"], "album": "Album", "isrc": "usrc17607839", "Genre": "Rock",
            "language": "eng", "license": "CC BY 4.0", "copyright": "(C) somebody", "date": "2020-03-04",
            "itunesadvisory": "1", "MUSICBRAINZ_ARTISTID": ARTIST_IDS,
        }  # fmt: skip
        for name, value in fields.items():
            file[name] = value
        file.save()

    return tag


def _tag_mp4(path: Path) -> None:
    file = MP4(path)
    file["\xa9nam"], file["\xa9ART"], file["\xa9alb"] = "Söng", ["AC/DC", "Guest"], "Album"
    file["\xa9gen"], file["cprt"], file["\xa9day"], file["rtng"] = "Rock", "CC BY 4.0", "2020-03-04T07:00:00Z", [1]
    for name, values in {"ISRC": ["USRC17607839"], "LANGUAGE": ["eng"], "MusicBrainz Artist Id": ARTIST_IDS}.items():
        file[f"----:com.apple.iTunes:{name}"] = [MP4FreeForm(value.encode()) for value in values]
    file.save()


TAGGERS: dict[str, Callable[[Path], None]] = {
    "mp3": _tag_with_id3(MP3), "aiff": _tag_with_id3(AIFF), "wav": _tag_with_id3(WAVE), "flac": _tag_with_vorbis(FLAC),
    "ogg": _tag_with_vorbis(OggVorbis), "opus": _tag_with_vorbis(OggOpus), "m4a": _tag_mp4,
}  # fmt: skip


def _reasons(found: Imported) -> dict[str, list[str]]:
    import json

    return {
        json.loads(values)["audio"]: reasons for values, reasons in found.quarantine.select("values", "reasons").rows()
    }


@pytest.mark.parametrize("suffix", TAGGERS)
def test_every_format_says_the_same(tmp_path: Path, silence: Path, suffix: str) -> None:
    path = tmp_path / "deep" / "er" / f"x.{suffix}"
    path.parent.mkdir(parents=True)
    shutil.copy(silence / f"a.{suffix}", path)
    TAGGERS[suffix](path)
    found = scan_folder(tmp_path)
    assert found.quarantine.height == 0
    row = found.catalogue.row(0, named=True)
    assert {name: row[name] for name in EXPECTED} == EXPECTED
    assert row["audio"] == f"deep/er/x.{suffix}"
    assert row["duration_s"] == pytest.approx(SECONDS, abs=0.1)  # encoders pad


def test_raw_aac_has_no_tags_but_its_name(tmp_path: Path, silence: Path) -> None:
    shutil.copy(silence / "a.aac", tmp_path / "Artist N - Title - Live.aac")
    row = scan_folder(tmp_path).catalogue.row(0, named=True)
    assert (row["artists"], row["title"]) == (["Artist N"], "Title - Live")
    assert row["duration_s"] == pytest.approx(SECONDS, abs=0.2)


def test_names_stand_in_for_tags(tmp_path: Path, silence: Path) -> None:
    (tmp_path / "Some Band").mkdir()
    for name in ("Some Band/Song.wav", "Some Band/A - B.wav", " - C.wav", "Root.WAV"):
        shutil.copy(silence / "a.wav", tmp_path / name)
    found = scan_folder(tmp_path)
    rows = {row["audio"]: (row["artists"], row["title"]) for row in found.catalogue.rows(named=True)}
    assert rows == {
        "Some Band/Song.wav": (["Some Band"], "Song"), "Some Band/A - B.wav": (["A"], "B"),
        " - C.wav": ([tmp_path.name], " - C"), "Root.WAV": ([tmp_path.name], "Root"),
    }  # fmt: skip


def test_riff_info_is_read_where_there_is_no_id3(tmp_path: Path, silence: Path) -> None:
    items = b"".join(
        name + struct.pack("<I", len(text)) + text + b"\x00" * (len(text) % 2)
        for name, text in ((b"INAM", b"S\xf6ng\x00"), (b"IART", b"A;B\x00"), (b"ICRD", b"1999\x00"))
    )
    content = (silence / "a.wav").read_bytes() + b"LIST" + struct.pack("<I", 4 + len(items)) + b"INFO" + items
    (tmp_path / "a.wav").write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])
    row = scan_folder(tmp_path).catalogue.row(0, named=True)
    assert (row["title"], row["artists"], row["release_date"]) == ("Söng", ["A", "B"], "1999")


@pytest.mark.parametrize("rating", [(0, None), (1, True), (2, False), (4, True), (9, None)])
def test_itunes_advisory(tmp_path: Path, silence: Path, rating: tuple[int, bool | None]) -> None:
    shutil.copy(silence / "a.m4a", tmp_path / "a.m4a")
    file = MP4(tmp_path / "a.m4a")
    file["rtng"] = [rating[0]]
    file.save()
    assert scan_folder(tmp_path).catalogue["explicit"].to_list() == [rating[1]]


def _id3_bytes(*frames: tuple[bytes, bytes], size: int | None = None) -> bytes:
    body = b"".join(
        name + bytes((len(data) >> shift) & 127 for shift in (21, 14, 7, 0)) + b"\x00\x00" + data
        for name, data in frames
    )
    length = len(body) if size is None else size
    return b"ID3\x04\x00\x00" + bytes((length >> shift) & 127 for shift in (21, 14, 7, 0)) + body


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (_id3_bytes((b"TIT2", b"\x01S\xf6ng in latin-1"), (b"TPE1", b"\x00A")), "Söng in latin-1"),
        (_id3_bytes((b"TIT2", b"\x01\xff\xfeS\x00\x00\xd8g\x00"), (b"TPE1", b"\x00A")), None),
        (_id3_bytes((b"TIT2", b"\x03S\x00ng\x07\x00\x00"), (b"TPE1", b"\x00A\x00")), "S"),
        (_id3_bytes((b"TIT2", b"\x09Song"), (b"TPE1", b"\x00A")), None),
        (_id3_bytes((b"TIT2", b"\x03\xff\xfe\xfd"), (b"TPE1", b"\x00A")), None),
        (b"ID3\x04\x00", None),
        (b"ID3\xff\xff\xff\xff\xff\xff\xff", None),
        (b"\x00" * 300, None),
    ],
)  # fmt: skip
def test_broken_tags_survive(tmp_path: Path, silence: Path, head: bytes, title: str | None) -> None:
    (tmp_path / "A - Name.mp3").write_bytes(head + (silence / "a.mp3").read_bytes())
    found = scan_folder(tmp_path)
    assert found.quarantine["reasons"].to_list() == []
    row = found.catalogue.row(0, named=True)
    assert row["title"].isprintable()
    assert row["title"] == title or title is None
    assert row["artists"] == ["A"]
    assert row["duration_s"] > 0


@pytest.mark.parametrize("head", [_id3_bytes(size=0x0FFFFFFF), _id3_bytes((b"TIT2", b"\x00Song"), size=2**27)])
def test_a_tag_that_claims_the_whole_file_leaves_no_audio(tmp_path: Path, silence: Path, head: bytes) -> None:
    """No decoder finds the audio behind it either; mining would turn the track down with the same word."""
    (tmp_path / "a.mp3").write_bytes(head + (silence / "a.mp3").read_bytes())
    with pytest.raises(UnusableAudio, match="not_audio"):
        decode_audio((tmp_path / "a.mp3").read_bytes())
    assert _reasons(scan_folder(tmp_path)) == {"a.mp3": ["not_audio"]}


def test_damaged_tags_are_counted_and_the_file_is_kept(tmp_path: Path, silence: Path) -> None:
    """A Vorbis comment that promises more fields than there are: mutagen gives up, the audio is whole."""
    shutil.copy(silence / "a.flac", tmp_path / "A - B.flac")
    _tag_with_vorbis(FLAC)(tmp_path / "A - B.flac")
    shutil.copy(tmp_path / "A - B.flac", tmp_path / "whole.flac")
    content = (tmp_path / "A - B.flac").read_bytes()
    vendor = content.index(b"reference libFLAC")
    (tmp_path / "A - B.flac").write_bytes(content[: vendor - 4] + b"\xff\xff\xff\x7f" + content[vendor:])
    found = scan_folder(tmp_path)
    assert found.catalogue.select("audio", "title", "artists").rows() == [
        ("A - B.flac", "B", ["A"]), ("whole.flac", "Söng", ["AC/DC", "Guest"]),
    ]  # fmt: skip
    assert found.catalogue["duration_s"].to_list() == pytest.approx([SECONDS, SECONDS])
    assert found.repairs == {"damaged_tags": 1}


def test_what_is_no_music_is_told_with_its_reason(tmp_path: Path, silence: Path) -> None:
    (tmp_path / "text.mp3").write_text("I am a text file.\n" * 50)
    (tmp_path / "noise.flac").write_bytes(bytes(np.random.default_rng(0).integers(0, 256, 4000, dtype=np.uint8)))
    (tmp_path / "empty.wav").touch()
    (tmp_path / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "folder.mp3").mkdir()
    shutil.copy(silence / "a.ogg", tmp_path / "folder.mp3" / "a.ogg")
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "gone.mp3").symlink_to("nowhere.mp3")
    (tmp_path / "one.mp3").symlink_to("two.mp3")
    (tmp_path / "two.mp3").symlink_to("one.mp3")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "inside.ogg").symlink_to("folder.mp3/a.ogg")
    (tmp_path / "outside.wav").symlink_to(silence / "a.wav")
    found = scan_folder(tmp_path)
    assert found.catalogue["audio"].to_list() == ["folder.mp3/a.ogg", "inside.ogg"]
    assert _reasons(found) == {
        "empty.wav": ["empty_file"], "gone.mp3": ["missing_file"], "loop": ["linked_folder"],
        "noise.flac": ["not_audio"], "one.mp3": ["link_loop"], "outside.wav": ["link_out_of_folder"],
        "pipe.mp3": ["not_a_file"], "text.mp3": ["not_audio"], "two.mp3": ["link_loop"],
    }  # fmt: skip


def test_names_that_are_no_utf8_are_told_in_print(tmp_path: Path, silence: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"B\xe9b\xe9.wav", b"\xff\xfe.mp3"):
        shutil.copy(silence / "a.wav", folder + b"/" + name)
    os.truncate(folder + b"/\xff\xfe.mp3", 0)
    found = scan_folder(tmp_path)
    assert found.catalogue.height == 0
    assert _reasons(found) == {"B\\xe9b\\xe9.wav": ["bad_file_name"], "\\xff\\xfe.mp3": ["bad_file_name", "empty_file"]}
    found.quarantine.write_parquet(tmp_path / "q.parquet")


def test_files_without_permission(silence: Path) -> None:
    """As root nothing is forbidden, so the test gives up its privileges for a moment."""
    import tempfile

    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    (folder / "closed").mkdir()
    for name in ("a.wav", "b.wav", "closed/c.wav"):
        shutil.copy(silence / "a.wav", folder / name)
    (folder / "b.wav").chmod(0)
    (folder / "closed").chmod(0)
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(65534)
        found = scan_folder(folder)
    finally:
        if is_root:
            os.seteuid(0)
        (folder / "closed").chmod(0o755)
        shutil.rmtree(folder)
    assert found.catalogue["audio"].to_list() == ["a.wav"]
    assert _reasons(found) == {"b.wav": ["no_permission"], "closed": ["no_permission"]}


def test_a_file_that_vanishes_during_the_scan(tmp_path: Path, silence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.wav", "b.wav"):
        shutil.copy(silence / "a.wav", tmp_path / name)
    read = music_folder.read_tags

    def vanish(path: Path) -> FileTags:
        if path.name == "b.wav":
            path.unlink()
        return read(path)

    monkeypatch.setattr(music_folder, "read_tags", vanish)
    found = scan_folder(tmp_path)
    assert found.catalogue["audio"].to_list() == ["a.wav"]
    assert _reasons(found) == {"b.wav": ["missing_file"]}


def test_truncated_files_anywhere_are_kept_or_told(tmp_path: Path, silence: Path) -> None:
    num_files = 0
    for suffix in TAGGERS:
        whole = (silence / f"a.{suffix}").read_bytes()
        for length in (1, 3, 4, 8, 12, 20, 40, 44, 100, 600, len(whole) // 2):
            (tmp_path / f"{length:06d}.{suffix}").write_bytes(whole[:length])
            num_files += 1
    found = scan_folder(tmp_path)
    assert found.catalogue.height + found.quarantine.height == num_files
    assert set(found.quarantine["reasons"].explode()) <= {"not_audio", "no_duration"}
    assert (found.catalogue["duration_s"] > 0).all()


def test_flipped_bytes_in_the_head_are_kept_or_told(tmp_path: Path, silence: Path) -> None:
    rng = np.random.default_rng(7)
    num_files = 0
    for suffix, tag in TAGGERS.items():
        shutil.copy(silence / f"a.{suffix}", tmp_path / f"whole.{suffix}")
        tag(tmp_path / f"whole.{suffix}")
        content = (tmp_path / f"whole.{suffix}").read_bytes()
        for number in range(25):
            broken = np.frombuffer(content, np.uint8).copy()
            places = np.concatenate([rng.integers(0, min(len(broken), 600), 4), rng.integers(0, len(broken), 4)])
            broken[places] = rng.integers(0, 256, len(places))
            (tmp_path / f"{number}.{suffix}").write_bytes(broken.tobytes())
        num_files += 26
    found = scan_folder(tmp_path)
    assert found.catalogue.height + found.quarantine.height == num_files
    found.catalogue.write_parquet(tmp_path / "c.parquet")
    assert pl.read_parquet(tmp_path / "c.parquet").height == found.catalogue.height


def test_order_and_ids_do_not_depend_on_threads(tmp_path: Path, silence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (tmp_path / f"d{number % 4}").mkdir(exist_ok=True)
        shutil.copy(silence / "a.wav", tmp_path / f"d{number % 4}" / f"{number}.wav")
    several = scan_folder(tmp_path)
    monkeypatch.setattr(music_folder, "_NUM_THREADS", 1)
    monkeypatch.setattr(music_folder, "_BATCH_FILES", 7)
    single = scan_folder(tmp_path)
    assert several.catalogue.equals(single.catalogue)
    names = several.catalogue["audio"].to_list()
    assert names == sorted(names)
    assert several.catalogue["track_id"].n_unique() == 30


def test_ffmpeg_tags_are_read(tmp_path: Path, silence: Path) -> None:
    """An independent writer of tags: ffmpeg."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg")
    for suffix in ("mp3", "flac", "ogg", "opus", "m4a", "wav"):
        command = ["ffmpeg", "-loglevel", "error", "-i", str(silence / "a.wav"), "-metadata", "title=Söng", "-metadata",
                   "artist=A; B", "-metadata", "date=2020-03-04", str(tmp_path / f"a.{suffix}")]  # fmt: skip
        subprocess.run(command, check=True)
    rows = scan_folder(tmp_path).catalogue.select("title", "artists", "release_date").rows()
    assert rows == [("Söng", ["A", "B"], "2020-03-04")] * 6


def test_mutagen_is_what_reads(silence: Path) -> None:
    """Each file of the fixture is what its name says: otherwise the tests above would test less than they seem to."""
    kinds = {path.suffix: type(mutagen.File(path)).__name__ for path in sorted(silence.iterdir())}
    assert kinds == {
        ".aac": "AAC", ".aiff": "AIFF", ".flac": "FLAC", ".m4a": "MP4", ".mp3": "MP3", ".ogg": "OggVorbis",
        ".opus": "OggOpus", ".wav": "WAVE",
    }  # fmt: skip
