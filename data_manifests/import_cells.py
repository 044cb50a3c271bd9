"""One cell of a foreign table at a time: durations, flags, dates and names, in the spellings that people use.

Pure functions over text. `import_values` converts whole columns at once and asks here only about what it could not.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

ARTIST_SEPARATORS: tuple[str, ...] = (";", "|", "\x00", " / ")
"""What parts artists where nothing else is said. No comma: "Tyler, The Creator"; no bare slash: "AC/DC"."""
ID_SEPARATORS: tuple[str, ...] = (";", "|", "\x00", "/", ",")

NAMES_WITH_COMMAS: tuple[str, ...] = (
    "Tyler, The Creator",
    "Earth, Wind & Fire",
    "Crosby, Stills, Nash & Young",
    "Crosby, Stills & Nash",
    "Emerson, Lake & Palmer",
    "Blood, Sweat & Tears",
    "Peter, Paul & Mary",
    "Peter, Paul and Mary",
    "Now, Now",
    "Me, Myself and I",
    "Invent, Animate",
    "Oh, Sleeper",
    "I, the Breather",
)
"""Artists that a comma-separated list keeps whole; found in any case."""

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):([0-5]\d(?:[.,]\d+)?)", re.ASCII)
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"(\d+),(\d+)", re.ASCII)
_TRUE = frozenset({"true", "t", "1", "1.0", "yes", "y", "on", "x", "explicit"})
_FALSE = frozenset({"false", "f", "0", "0.0", "no", "n", "off", "clean", "notexplicit", "not explicit", "cleaned"})

_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})(?:[./](\d{1,2}))?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})", re.ASCII)
_COMMA = re.compile(r"(?<!\\),(?!\d{3}\b)\s*")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parse_duration_s(text: str) -> float | None:
    """Read `mm:ss`, `h:mm:ss`, ISO 8601 (`PT3M21S`) or a decimal comma as seconds; None where it is none of them.

    Plain numbers are read by the caller, who knows their unit.
    """
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    if clock and not (clock[1] and int(clock[2]) > 59):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + _decimal(clock[3])
    iso = _ISO_DURATION.fullmatch(text)
    if iso and any(iso.groups()):
        days, hours, minutes = (int(part or 0) for part in iso.groups()[:3])
        return days * 86400 + hours * 3600 + minutes * 60 + _decimal(iso[4] or "0")
    return None


def parse_decimal(text: str) -> float | None:
    """Read a number with a decimal comma (`205,5`); None where it is none."""
    number = _DECIMAL_COMMA.fullmatch(text.strip())
    return float(f"{number[1]}.{number[2]}") if number else None


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


def parse_flag(text: str) -> bool | None:
    """Read a yes or no; None where it is neither."""
    word = text.strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def parse_date(text: str) -> str | None:
    """Bring a date to ISO 8601, as precise as it is known; None where it is no date.

    Days and months of `03/04/2020` could be either way round: only the year is kept. `2020-00-00` is a year.
    """
    text = text.strip()
    for pattern in (_COMPACT_DATE, _ISO_DATE, _YEAR_FIRST):
        found = pattern.fullmatch(text)
        if found:
            return _iso_date(found[1], found[2], found[3])
    found = _YEAR_LAST.fullmatch(text)
    if not found:
        return None
    first, second = int(found[1]), int(found[3])
    if found[2] == "." or first > 12:  # dots are written day first
        return _iso_date(found[4], second, first)
    if second > 12 or first == second:
        return _iso_date(found[4], first, second)
    return _iso_date(found[4], None, None)


def _iso_date(year: str, month: str | int | None, day: str | int | None) -> str | None:
    month, day = int(month or 0), int(day or 0)
    if int(year) == 0 or month > 12 or day > (_DAYS_IN_MONTH[month - 1] if month else 0):
        return None
    return year + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def split_names(text: str, separators: Sequence[str]) -> list[str]:
    """Part a cell into names: a JSON list, or text parted by any of the separators.

    A comma among the separators parts names unless it is escaped (`\\,`), stands in a number (`10,000 Maniacs`) or in
    one of `NAMES_WITH_COMMAS`.
    """
    listed = _json_names(text) if text.lstrip().startswith("[") else None
    if listed is not None:
        return listed
    parts = [text]
    for separator in separators:
        parts = [piece for part in parts for piece in _split(part, separator)]
    names = (part.strip().replace("\\,", ",") if "," in separators else part.strip() for part in parts)
    return [name for name in names if name]


def _split(text: str, separator: str) -> list[str]:
    return split_commas(text) if separator == "," else text.split(separator)


def split_commas(text: str) -> list[str]:
    """Part a comma-separated list, keeping names that hold a comma themselves."""
    kept: list[str] = []
    for name in NAMES_WITH_COMMAS:
        if name.partition(",")[0].casefold() in text.casefold():
            text = re.sub(
                rf"(?<![^,;|]){_spaced(name)}(?=\s*(?:[,;|]|$))", lambda match: _keep(match[0], kept), text, flags=re.I
            )
    return [_restore(part.strip(), kept) for part in _COMMA.split(text)]


def _spaced(name: str) -> str:
    return r"\s*" + re.escape(name)


def _keep(name: str, kept: list[str]) -> str:
    kept.append(name.strip())
    return f"\x01{len(kept) - 1}\x01"


def _restore(part: str, kept: list[str]) -> str:
    return re.sub(r"\x01(\d+)\x01", lambda match: kept[int(match[1])], part) if kept else part


def _json_names(text: str) -> list[str] | None:
    """Names of a JSON list of strings, numbers or objects with a `name`; None where the text is no such list."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        items = _python_list(text)
    if not isinstance(items, list):
        return None
    names = (_json_name(item) for item in items)
    return [name for name in names if name]


def _python_list(text: str) -> Any:
    """Lists as Python prints them (`['A', 'B']`), as tables written by scripts hold them."""
    import ast

    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _json_name(item: Any) -> str:
    if isinstance(item, dict):
        item = item.get("name")
    name = "" if item is None or isinstance(item, list | dict) else str(item).strip()
    return name.encode("utf-8", "replace").decode("utf-8")  # JSON can escape what no table can hold
