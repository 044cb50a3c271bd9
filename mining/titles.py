"""Titles understood, not stripped: base title, version tags, featured artists, numbers, and what kind of track it is.

A title is cut at its delimiters (brackets of all widths, " - ", "-…-", "~…~", "_", " / "). The first piece is the
song's name. Each other piece is read against the lexicon: it is a tag if all of its words are known, or if a name
stands before a marker that takes one ("Claptone Remix"), or if it opens as tags do ("Live at Wembley"); otherwise it
belongs to the name. A few markers also count as the bare last words of a name. Where nothing would be left, the title
is the title: "Acapella", "Instrumental (Remix)".

References: Humphrey, Montecchio et al., "Mining labeled data from web-scale collections for vocal activity detection in
music", ISMIR 2017, for the rule that an instrumental is found by its title.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from mining.lexicon import Lexicon, TagClass
from mining.title_tags import SECOND_WORDS, Notes, Place, guest_names, kind_alone, read_tag, without_endings
from mining.title_text import clean, symbols, words

__all__ = ["Lexicon", "ParsedTitle", "parse_title"]

_SPLIT = re.compile(r"\s+-+\s*|-+\s+|^-+|-(?=[^-\s][^-]*-\s*$)|\s*[_|]+\s*|\s+/+\s*|/+\s+|\s*~+\s*")
_TAG_PARTS = re.compile(r"\s+-+\s*|-+\s+|\s*[,;_|]+\s*|\s+/+\s*|/+\s+")
_DELIMITED = re.compile(r"[()_|~/:]|\s-|-\s|^-|-$")
_RUNS = re.compile(r"([-~_|/])\1+")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vii": "7", "viii": "8", "ix": "9", "xii": "12", "xiii": "13"}
_ROMAN_PART = _ROMAN | {"i": "1", "v": "5", "vi": "6", "x": "10", "xi": "11"}
_PARTICIPATION = re.compile(r"^\s*part\.\s*(?:esp\.\s*)?(?=[^\W\d])(?![ivx]+\b)")
"""Portuguese and Spanish name guests so: "(Part. Dudu Nóbrega)"; "(Part. 2)" and "(Part. II)" are parts."""
_MAX_ROUNDS = 12
_MAX_NESTED = 6
"""Nested brackets within one pair that may make one tag together."""
_WITHOUT_VOICE = ("instrumental", "karaoke", "off_vocal", "acapella")
_DISQUALIFIERS = ("cover", "vocals_kept", "cut_down", "two_kinds")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedTitle:
    """What a title says.

    Attributes
    ----------
    base
        The song's name, normalised; parsing it again gives the same.
    kind
        None for a plain track, or "instrumental", "acapella", "minus:<instrument>".
    tags
        (class, detail) of everything else the title says, neutral things included: ("remix", "joe goddard").
    featured
        Normalised names of featured artists, in order.
    numbers
        Numbers within the base, in order: "Part II" has a 2.
    disqualifier
        Why the track cannot be a counterpart whatever its kind: "cover", "vocals_kept", "cut_down", "two_kinds".
    wording
        Base and version tags spelled out: the same for "Song X Remix" and "Song (X Remix)".
    """

    base: str
    kind: str | None = None
    tags: frozenset[tuple[str, str]] = frozenset()
    featured: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    disqualifier: str | None = None
    wording: str = ""


class _Piece(NamedTuple):
    place: Place
    text: str


def parse_title(title: str, lexicon: Lexicon) -> ParsedTitle:
    """Understand a title. Takes any string, and never raises.

    Parameters
    ----------
    title
        As the catalogue gives it.
    lexicon
        Markers by class and language.
    """
    text = clean(title)
    name = _plain_name(text, lexicon)
    if name:
        base = " ".join(name)
        return ParsedTitle(base=base, numbers=_numbers(name), wording=base)
    return _parse_marked(text, lexicon)


def _plain_name(text: str, lexicon: Lexicon) -> list[str] | None:
    """Words of a title in which there is nothing to read but the name; None for any other."""
    if _DELIMITED.search(text):
        return None
    found = words(text)
    if not found or found[-1] in lexicon.bare or found[-1] in SECOND_WORDS or not lexicon.guest_words.isdisjoint(found):
        return None
    name = _canonical(found, lexicon)
    return name if text.isascii() or " ".join(name) == text else None


def _parse_marked(text: str, lexicon: Lexicon) -> ParsedTitle:
    """Read again what is left until nothing more is found, so that the base of a base is itself."""
    notes = Notes()
    base = _RUNS.sub(r"\1", " ".join(text.split()))
    for _ in range(_MAX_ROUNDS):
        left, found = _read(base, lexicon)
        notes.add(found)
        if left == base:
            break
        base = left
        name = _plain_name(base, lexicon)
        if name:
            base = " ".join(name)
            break
    return _concluded(base, notes)


def _concluded(base: str, notes: Notes) -> ParsedTitle:
    kinds = {_kind(tag_class, detail) for tag_class, detail in notes.tags if tag_class.kind}
    minus = {kind for kind in kinds if kind.startswith("minus:")}
    if minus and not any(tag_class.name in _WITHOUT_VOICE for tag_class, _ in notes.tags):
        kinds = minus  # a backing track without drums keeps the voice, a drumless instrumental does not
    reasons = {tag_class.reason for tag_class, _ in notes.tags if tag_class.policy == "disqualify"}
    if len(kinds) > 1:
        reasons.add("two_kinds")
    spelled = [f"{detail} {tag_class.name}" for tag_class, detail in notes.tags if tag_class.policy == "agree"]
    return ParsedTitle(
        base=base,
        kind=min(kinds) if kinds else None,
        tags=frozenset((tag_class.name, detail) for tag_class, detail in notes.tags),
        featured=tuple(dict.fromkeys(notes.featured)),
        numbers=_numbers(base.split()),
        disqualifier=min(reasons, key=_severity) if reasons else None,
        wording=" ".join(" ".join([base, *spelled]).split()),
    )


def _kind(tag_class: TagClass, detail: str) -> str:
    return f"minus:{detail}" if tag_class.kind == "minus" else str(tag_class.kind)


def _severity(reason: str | None) -> tuple[int, str]:
    known = _DISQUALIFIERS.index(reason) if reason in _DISQUALIFIERS else len(_DISQUALIFIERS)
    return known, str(reason)


def _read(text: str, lexicon: Lexicon) -> tuple[str, Notes]:
    """Read a cleaned text once: the base left over, and what was noted."""
    pieces, notes = _marker_in_front(_tagged_after_brackets(_pieces(text, lexicon), lexicon), lexicon)
    name: list[str] = []
    for index, piece in enumerate(pieces):
        if piece.place == "name":
            left, found = _read_name(piece.text, lexicon, first=index == 0)
        else:
            left, found = _read_tag_piece(piece, lexicon)
        name.extend(left)
        notes.add(found)
    canonical = _canonical(name, lexicon)
    if canonical and not (notes.tags and all(word in lexicon.articles for word in canonical)):
        return clean(" ".join(canonical)), notes
    whole = _canonical(words(text), lexicon)
    return (clean(" ".join(whole)), Notes()) if whole else (symbols(text), notes if name else Notes())


def _pieces(text: str, lexicon: Lexicon) -> list[_Piece]:
    """Cut at brackets, then at dashes and their kin; nested brackets give pieces of their own, unless they are a tag.

    "(From X (Original Soundtrack), Pt. 2)" is one tag, of which nothing belongs to the name.
    """
    pieces: list[_Piece] = []
    inside: list[_Piece] = []
    depth, begun = 0, 0
    for bracket in [*re.finditer(r"[()]", text), None]:
        end = bracket.start() if bracket else len(text)
        chunk = text[begun:end]
        if chunk.strip() and depth:
            inside.append(_Piece("brackets", chunk))
        elif chunk.strip():
            pieces.extend(_outside_brackets(chunk))
        if bracket:
            depth = depth + 1 if bracket[0] == "(" else max(0, depth - 1)
            begun = bracket.end()
        if not depth or not bracket:
            pieces.extend(_as_one(inside, lexicon))
            inside = []
    return _with_a_name_first(pieces)


def _as_one(inside: list[_Piece], lexicon: Lexicon) -> list[_Piece]:
    """Join what stood in nested brackets where that is a tag, and no part of it a kind of track by itself."""
    if not 1 < len(inside) <= _MAX_NESTED or any(kind_alone(piece.text, lexicon) for piece in inside):
        return inside
    whole = _Piece("brackets", " ".join(piece.text.strip() for piece in inside))
    return [whole] if read_tag(whole.text, "brackets", lexicon) else inside


def _outside_brackets(chunk: str) -> list[_Piece]:
    head, *rest = _SPLIT.split(chunk)
    pieces = [_Piece("name", head)] if head.strip() else []
    return pieces + [_Piece("dash", part) for part in rest if part.strip()]


def _with_a_name_first(pieces: list[_Piece]) -> list[_Piece]:
    """A title that begins with a dash has its name after it."""
    if any(piece.place == "name" for piece in pieces):
        return pieces
    for index, piece in enumerate(pieces):
        if piece.place == "dash":
            return [*pieces[:index], _Piece("name", piece.text), *pieces[index + 1 :]]
    return pieces


def _marker_in_front(pieces: list[_Piece], lexicon: Lexicon) -> tuple[list[_Piece], Notes]:
    """Read "Instrumental: Song" and "Karaoke - Song": a kind of track in front, and the name after it."""
    if not pieces or pieces[0].place != "name":
        return pieces, Notes()
    front, colon, rest = pieces[0].text.partition(":")
    if colon and rest.strip():
        notes = kind_alone(front, lexicon) or _passage(front, lexicon)
        return ([_Piece("name", rest), *pieces[1:]], notes) if notes else (pieces, Notes())
    if len(pieces) > 1 and pieces[1].place == "dash":
        notes = kind_alone(pieces[0].text, lexicon)
        if notes and _read_tag_piece(pieces[1], lexicon)[0]:
            return [_Piece("name", pieces[1].text), *pieces[2:]], notes
    return pieces, Notes()


def _passage(front: str, lexicon: Lexicon) -> Notes | None:
    """Read what stands before a colon and says that the track is a piece around the song: "Interlude: Song"."""
    tag = read_tag(front, "name", lexicon)
    return tag if tag and tag.tags and all(tag_class.name == "passage" for tag_class, _ in tag.tags) else None


def _tagged_after_brackets(pieces: list[_Piece], lexicon: Lexicon) -> list[_Piece]:
    """Read "Song (Sub) Karaoke" and "Song - Series (X) theme song": a mark behind a bracket, no word of the name."""
    for at in range(len(pieces) - 1, 1, -1):
        if pieces[at].place != "name" or pieces[at - 1].place != "brackets":
            continue
        if kind_alone(pieces[at].text, lexicon):
            return [*pieces[:at], _Piece("brackets", pieces[at].text), *pieces[at + 1 :]]
        begun = at - 2 if at > 2 and pieces[at - 2].place == "dash" else at - 1
        whole = _Piece("dash", " ".join(piece.text.strip() for piece in pieces[begun : at + 1]))
        if _is_origin(pieces[at].text, lexicon) and _is_origin(whole.text, lexicon):
            return [*pieces[:begun], whole, *pieces[at + 1 :]]
        break
    return pieces


def _is_origin(text: str, lexicon: Lexicon) -> bool:
    tag = read_tag(text, "dash", lexicon)
    return tag is not None and bool(tag.tags) and all(tag_class.name == "origin" for tag_class, _ in tag.tags)


def _read_name(text: str, lexicon: Lexicon, *, first: bool) -> tuple[list[str], Notes]:
    """Read the song's name: bare markers at its end, and guests that are named without brackets."""
    found = words(text) or ([symbols(text)] if symbols(text) else [])
    notes = Notes()
    found = without_endings(found, lexicon, notes)
    guests = lexicon.guests.search(text) if lexicon.guests else None
    if guests and (guests.start() > 0 or not first) and words(text[guests.end() :]):
        before = words(text[: guests.start()])
        if before or not first:
            notes.featured.extend(guest_names(text[guests.end() :], lexicon))
            found = without_endings(before, lexicon, notes)
    return found, notes


@lru_cache(maxsize=65536)
def _read_tag_piece(piece: _Piece, lexicon: Lexicon) -> tuple[list[str], Notes]:
    """Read a bracket or what follows a dash: words left for the name, and what was noted.

    A few thousand tags make up most of a catalogue's, so what was read is kept; callers must not change it.
    """
    if piece.place == "brackets":
        piece = _Piece(piece.place, _PARTICIPATION.sub("feat. ", piece.text))
    parts = [part for part in _TAG_PARTS.split(piece.text) if part.strip()]
    place = piece.place if len(parts) == 1 else "dash"
    read = [read_tag(part, place, lexicon) for part in parts]
    notes = Notes()
    if all(read):
        for tag in read:
            notes.add(tag or Notes())
        return [], notes
    whole = read_tag(piece.text, piece.place, lexicon)
    if whole:
        return [], whole
    joined = _joined_mark(piece, lexicon) if len(parts) == 1 else None
    if joined:
        return joined
    left: list[str] = []
    for part, tag in zip(parts, read, strict=True):
        if tag and any(tag_class.policy == "kind" for tag_class, _ in tag.tags):
            notes.add(tag)
        else:
            left.extend(words(part))
    return left, notes


def _joined_mark(piece: _Piece, lexicon: Lexicon) -> tuple[list[str], Notes] | None:
    """Read a mark at the end of a word of a script without spaces: of (DJ阿卓版伴奏), DJ阿卓版 belongs to the name."""
    found = list(lexicon.dense.finditer(piece.text)) if lexicon.dense else []
    if not found or words(piece.text[found[-1].end() :]):
        return None
    left = words(piece.text[: found[-1].start()])
    notes = kind_alone(found[-1][0], lexicon)
    return (left, notes) if left and notes else None


def _canonical(found: list[str], lexicon: Lexicon) -> list[str]:
    """One spelling of a name: no leading "the", usual spellings, numerals as digits."""
    spellings = lexicon.spellings
    canonical = [spellings.get(word, word) for word in found]
    leading = next((at for at, word in enumerate(canonical[:-1]) if word != "the"), len(canonical) - 1)
    canonical = canonical[max(0, leading) :]
    last = len(canonical) - 1
    if last > 0 and canonical[last] in _ROMAN:
        canonical[last] = _ROMAN[canonical[last]]
    for at in range(1, last + 1):
        if canonical[at - 1] in lexicon.parts:
            word = canonical[at]
            canonical[at] = _ROMAN_PART.get(word) or str(lexicon.numerals.get(word, word))
            if canonical[at].isdecimal():
                canonical[at - 1] = lexicon.part_spellings.get(canonical[at - 1], canonical[at - 1])
    return canonical


def _numbers(canonical: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(word) for word in canonical if word[0].isdecimal() and word.isdecimal() and len(word) < 19)
