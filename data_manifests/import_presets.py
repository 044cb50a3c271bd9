"""Layouts that engineers hold already, by name: which columns, which separators, which reader.

Exportify's headings: github.com/watsonbox/exportify (2015 and since 2020) and github.com/pavelkomarov/exportify.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data_manifests.import_cells import ARTIST_SEPARATORS
from data_manifests.itunes_library import open_itunes_library
from data_manifests.musicbrainz_dump import open_musicbrainz_dump
from data_manifests.raw_tables import RawBatch, RawTable
from data_manifests.spotify_export import SPOTIFY_COLUMNS, adapt_spotify, open_spotify_export
from data_manifests.tables import InvalidTableError


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A known layout.

    Attributes
    ----------
    name, about
        As the command line shows them.
    open
        Reads what lies at a path; None: the ordinary readers, by the file's ending.
    columns
        Our column → the headings it may have, the best first; compared but for case.
    adapt
        Brings a raw batch into shape before it is converted.
    artist_separators
        What parts the artists in one cell.
    """

    name: str
    about: str
    open: Callable[[Path], RawTable] | None = None
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    adapt: Callable[[RawBatch], RawBatch] | None = None
    artist_separators: Sequence[str] = ARTIST_SEPARATORS

    def find_columns(self, names: Sequence[str]) -> dict[str, str]:
        """Our column → the table's, for those that are there."""
        plain = {name.strip().casefold(): name for name in reversed(names)}
        found = {
            ours: next((plain[heading.casefold()] for heading in headings if heading.casefold() in plain), None)
            for ours, headings in self.columns.items()
        }
        return {ours: name for ours, name in found.items() if name is not None}


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="itunes",
            about="iTunes or Music, File > Library > Export Library: Library.xml",
            open=open_itunes_library,
            artist_separators=(";", "\x00"),
        ),
        Preset(
            name="musicbrainz",
            about="a MusicBrainz dump: the folder mbdump with recording, artist_credit_name and more",
            open=open_musicbrainz_dump,
        ),
        Preset(
            name="spotify",
            about="a Spotify playlist as Exportify writes it: CSV",
            open=open_spotify_export,
            columns=SPOTIFY_COLUMNS,
            adapt=adapt_spotify,
        ),
    )
}


def find_preset(name: str) -> Preset:
    """Look a preset up.

    Raises
    ------
    InvalidTableError
        Unknown; the message lists those that are known.
    """
    preset = PRESETS.get(name.strip().casefold())
    if preset is None:
        known = "; ".join(f"{each.name} ({each.about})" for each in PRESETS.values())
        raise InvalidTableError(f"no preset {name!r}; known: {known}")
    return preset
