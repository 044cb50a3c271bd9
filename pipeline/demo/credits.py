"""Who sings what in the demo, and how labels write it: artists, titles, albums, marks of versions by language.

All names are invented. The ids are such that the default split of artists leaves six songs each to `valid` and
`test`, in different styles: by chance, twenty artists might have left none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pipeline.demo.styles import StyleName

Language = Literal["en", "es", "ja", "ko", "pt", "it", "fr", "de"]
VoiceType = Literal["soprano", "alto", "tenor", "baritone"]


_COUNTRIES: Mapping[Language, str] = MappingProxyType(
    {"en": "GB", "es": "ES", "ja": "JP", "ko": "KR", "pt": "BR", "it": "IT", "fr": "FR", "de": "DE"}
)


@dataclass(frozen=True, kw_only=True)
class Artist:
    """A primary artist."""

    name: str
    artist_id: str
    language: Language
    voice: VoiceType
    album: str
    label: str

    @property
    def country(self) -> str:
        """Where the label is, as in an ISRC."""
        return _COUNTRIES[self.language]


@dataclass(frozen=True, kw_only=True)
class Credit:
    """A song on the back of a record."""

    title: str
    artist: Artist
    style: StyleName
    guest: str | None = None
    explicit: bool = False


# name, id, language, voice, album, label, then (title, style[, guest]) for each song; "!" marks explicit lyrics
_CATALOGUE: tuple[tuple[str, str, Language, VoiceType, str, str, tuple[tuple[str, ...], ...]], ...] = (
    ("Mara Quill", "e418c27796", "en", "soprano", "Postcards from Nowhere", "Lantern Street",
     (("Paper Satellites", "pop"), ("Second Hand Summer", "pop", "Odessa Blake"))),
    ("The Paper Lanterns", "82f962888e", "en", "tenor", "Low Ceilings", "Hardwood",
     (("Static on the Radio", "rock"), ("Concrete Garden", "rock"))),
    ("Odessa Blake", "a20d5681e7", "en", "alto", "Soft Armour", "Lantern Street",
     (("Slow Motion", "r&b"), ("Honest", "r&b"))),
    ("Big Sill", "3989db43bc", "en", "baritone", "Rent Was Due", "Third Rail",
     (("Corner Store Gospel", "hip-hop"), ("No Receipts!", "hip-hop"))),
    ("DJ Orzel", "d9e6d4dbeb", "en", "soprano", "Night Bus", "Polaris Dance",
     (("Afterglow", "dance", "Ines Vale"), ("Run Until Morning", "dance"))),
    ("Ruby & the Tides", "6a0fbc93fb", "en", "alto", "Salt", "Hardwood",
     (("Wooden Boats", "folk"), ("Carolina Rain", "folk"))),
    ("Northbound 9", "ea629db19d", "en", "baritone", "Exit Signs", "Hardwood", (("Ghost Town Parade", "rock"),)),
    ("Tess Harrow", "0650823e23", "en", "alto", "Leave the Light On", "Lantern Street",
     (("Leave the Light On", "ballad"), ("Half of You", "ballad"))),
    ("Kwame Addo", "b83f576f3d", "en", "tenor", "Golden Hour Traffic", "Third Rail",
     (("Golden Hour Traffic", "r&b"), ("Mr. Tomorrow!", "hip-hop", "Big Sill"))),
    ("Lía Montero", "425fe2558f", "es", "soprano", "Mediodía", "Casa Sonora",
     (("Corazón de Arena", "latin"), ("La Última Luz", "latin"))),
    ("Los Faroles", "fa572810c9", "es", "tenor", "Calle Sin Nombre", "Casa Sonora",
     (("Calle Sin Nombre", "latin"), ("Vuelve", "rock"))),
    ("夏目ユリ", "27d3c56efc", "ja", "soprano", "夜明けのスケッチ", "Mikan Records",
     (("夜明けのスケッチ", "pop"), ("硝子の海", "ballad"))),
    ("サイダー通り", "7cb39d6b4d", "ja", "tenor", "六月の電車", "Mikan Records",
     (("六月の電車", "rock"), ("Blue Letter", "pop"))),
    ("한서윤", "e02e7ba731", "ko", "alto", "첫눈이 오면", "Hangang Entertainment",
     (("첫눈이 오면", "ballad"), ("그대의 계절", "r&b"))),
    ("NOVA LINE", "00b2489be0", "ko", "tenor", "Signal", "Hangang Entertainment", (("Signal", "dance"),)),
    ("Inês Prado", "7ea24840cd", "pt", "alto", "Maré Alta", "Casa Sonora",
     (("Maré Alta", "latin"), ("Saudade em Agosto", "folk"))),
    ("Giada Ferro", "ad7291ee51", "it", "soprano", "Domani Forse", "Vetro",
     (("Ancora un Minuto", "ballad"), ("Domani Forse", "pop"))),
    ("Chloé Marchal", "56bea8198e", "fr", "alto", "Les Heures Bleues", "Vetro",
     (("Sous la Neige", "pop"), ("Les Heures Bleues", "dance"))),
    ("Jonas Weyer", "8e23bb23d4", "de", "baritone", "Lichter der Stadt", "Vetro", (("Lichter der Stadt", "folk"),)),
    ("Velvet Annex", "7cbb2976f5", "en", "alto", "Neon Rivers", "Polaris Dance", (("Neon Rivers", "dance"),)),
)  # fmt: skip


def _credits() -> tuple[Credit, ...]:
    songs = []
    for name, artist_id, language, voice, album, label, titles in _CATALOGUE:
        artist = Artist(name=name, artist_id=artist_id, language=language, voice=voice, album=album, label=label)
        for title, style, *guests in titles:
            songs.append(
                Credit(
                    title=title.removesuffix("!"),
                    artist=artist,
                    style=style,  # type: ignore[arg-type]
                    guest=guests[0] if guests else None,
                    explicit=title.endswith("!"),
                )
            )
    return tuple(songs)


CREDITS = _credits()
_OTHER_NAMES = {"Ines Vale": "17c21f3edc", "Various Artists": "5054bf2eb5"}
ARTIST_IDS: Mapping[str, str] = MappingProxyType(
    {credit.artist.name: credit.artist.artist_id for credit in CREDITS} | _OTHER_NAMES
)

# How shops write that nobody sings; {} is the song.
INSTRUMENTAL_TITLES: Mapping[Language, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            "{} (Instrumental)",
            "{} - Instrumental Version",
            "{} [Instrumental]",
            "{} - Karaoke Version",
            "{} (Minus One)",
            "{} - Instrumental",
            "{} (Backing Track)",
            "{} (No Vocals)",
            "{} (Instrumental Mix)",
            "{} (Inst.)",
        ),
        "es": ("{} (Versión Instrumental)", "{} - Versión Karaoke", "{} (Pista)", "{} (Instrumental)"),
        "ja": ("{} (カラオケ)", "{} [Off Vocal]", "{}(インスト)", "{} -オリジナル・カラオケ-"),
        "ko": ("{} (MR)", "{} (Inst.)", "{} [MR]", "{} (Instrumental)"),
        "pt": ("{} (Versão Instrumental)", "{} (Playback)"),
        "it": ("{} (Instrumentale)", "{} (Base Musicale)"),
        "fr": ("{} (Version Instrumentale)", "{} - Instrumental"),
        "de": ("{} (Instrumentalversion)", "{} (Karaoke-Version)"),
    }
)
ACAPELLA_TITLES = ("{} (Acapella)", "{} - A Cappella", "{} [Acapella]", "{} (Vocals Only)")
LIVE_TITLES: Mapping[Language, str] = MappingProxyType(
    {
        "en": "{} (Live at Rivoli Hall)",
        "es": "{} (En Vivo)",
        "ja": "{} (Live)",
        "ko": "{} (Live)",
        "pt": "{} (Ao Vivo)",
        "it": "{} (Dal Vivo)",
        "fr": "{} (Version Live)",
        "de": "{} (Live)",
    }
)
ACOUSTIC_TITLES: Mapping[Language, str] = MappingProxyType(
    {
        "en": "{} (Acoustic)",
        "es": "{} (Versión Acústica)",
        "ja": "{} (Acoustic Ver.)",
        "ko": "{} (Acoustic Ver.)",
        "pt": "{} (Versão Acústica)",
        "it": "{} (Versione Acustica)",
        "fr": "{} (Version Acoustique)",
        "de": "{} (Akustik)",
    }
)
EDITION_TITLES = ("{} (2021 Remaster)", "{}", "{} - Remastered", "{} (Album Version)", "{} - 2023 Remaster")
EDITION_ALBUMS = ("{} (Deluxe Edition)", "{} (Remastered)", "{} (Anniversary Edition)")
REMIXERS = ("Sodium Eyes", "Halogen", "Mina Kessler")
REMIX_TITLES = (
    ("{} ({} Remix)", "{} ({} Remix) [Instrumental]"),
    ("{} - {} Remix", "{} - {} Remix Instrumental"),
    ("{} ({} Remix)", "{} ({} Remix Instrumental)"),
)
LICENCES = ("CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "all rights reserved")
