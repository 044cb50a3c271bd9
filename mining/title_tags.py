"""One tag of a title: is this bracket a tag, and what does it say?

A tag is made of markers of the lexicon, with connectors, years and numbers between them; or it has a name before a
marker that takes one ("Claptone Remix"); or it opens as tags do ("Live at Wembley"). Anything else belongs to the
song's name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mining.lexicon import Index, Lexicon, Marker, TagClass
from mining.title_text import words

_NAMES = re.compile(r"\s*[,;/&+]\s*|\s+(?:and|x|vs\.?|y|e|et|und|og|och|en)\s+")
_SHORT_FORM = re.compile(r"(?<!\d)(?::(?:10|15|20|30|45|60|90))+(?!\d)")
_SECONDS = re.compile(r"(\d{1,2}(?=se)|10|15|30)(?:s|sec|secs|second|seconds)")
SECOND_WORDS = ("sec", "second")
"""Units that make a cut-down of a bare ending, "60 Second"; the plural is left to titles, "Gone in 60 Seconds"."""
_YEARS = range(1900, 2100)
_YEAR = TagClass(name="year", policy="neutral")
_NUMBER = TagClass(name="number", policy="agree")
_DESCRIPTION = TagClass(name="description", policy="neutral")
_UNCLEAR = TagClass(name="unclear", policy="disqualify", reason="two_kinds")
_MAX_DESCRIPTION = 4
"""Words that a description has at most; more are a sentence, and belong to the name."""
_KEPT = TagClass(name="vocals_kept", policy="disqualify", reason="vocals_kept", kind="instrumental")
"""What "Karaoke with X" keeps is hardly ever named otherwise than as a choir, a guide or a voice."""
_CUT_DOWN = TagClass(name="cut_down", policy="disqualify", reason="cut_down")

_QUOTED = re.compile(r"[\"']\w")
_MIN_DENSE_LETTERS = 3
"""Length from which a marker counts at the end of a longer word: リミックス, but not 版 (出版 is a word)."""
_MAX_WORDS_BEFORE = 12
"""Words that may stand before what opens a tag, "Karaoke Version in the style of X", or be a kind at its end."""

Place = Literal["name", "dash", "brackets"]


@dataclass(slots=True)
class Notes:
    """What has been read of one title so far."""

    tags: list[tuple[TagClass, str]] = field(default_factory=list)
    featured: list[str] = field(default_factory=list)

    def add(self, other: "Notes") -> None:
        """Take over what another reading noted."""
        self.tags.extend(other.tags)
        self.featured.extend(other.featured)


class _Hit(NamedTuple):
    tag_class: TagClass
    detail: str
    start: int
    end: int


def kind_alone(text: str, lexicon: Lexicon) -> Notes | None:
    """Read a text that says the kind of track and nothing else, such as "Karaoke Version"; None for any other."""
    found = words(text)
    if not found or found[0] not in lexicon.tags:
        return None
    hits, residue = _scan(found, lexicon.tags, lexicon)
    if residue or not any(hit.tag_class.policy == "kind" for hit in hits):
        return None
    return Notes(tags=[(hit.tag_class, hit.detail) for hit in hits])


def read_tag(text: str, place: Place, lexicon: Lexicon) -> Notes | None:
    """Read one tag; None where it is none."""
    index = lexicon.bracket_tags if place == "brackets" else lexicon.tags
    if _SHORT_FORM.search(text):
        rest = read_tag(_SHORT_FORM.sub(" ", text), place, lexicon)
        return Notes(tags=[(_CUT_DOWN, ""), *(rest.tags if rest else [])])
    found = words(text)
    if not found:
        return None
    hits, residue = _scan(found, index, lexicon)
    if hits and not residue:
        return Notes(tags=[(hit.tag_class, hit.detail) for hit in hits])
    opened = _opened_tag(text, found, index, lexicon) or _closing_tag(text, found, lexicon)
    if opened:
        return opened
    return _tag_with_words(found, lexicon) or _dense_tag(text, index, lexicon)


def _dense_tag(text: str, index: Index, lexicon: Lexicon) -> Notes | None:
    """Read a tag of a script without spaces: markers alone, or a name before a long one that makes a version of it."""
    if not lexicon.dense or not lexicon.dense.search(text):
        return None
    apart = words(lexicon.dense.sub(r" \g<0> ", text))
    hits, residue = _scan(apart, index, lexicon)
    if hits and not residue:
        return Notes(tags=[(hit.tag_class, hit.detail) for hit in hits])
    long = any(
        hit.tag_class.policy != "kind" and hit.tag_class.takes_name and len(apart[hit.start]) >= _MIN_DENSE_LETTERS
        for hit in hits
    )
    return _closed_tag(apart, index, lexicon) if long else None


def _closed_tag(found: list[str], index: Index, lexicon: Lexicon) -> Notes | None:
    """Read a tag made of markers, with a name before (or, for remixes, after) them at most."""
    hits, residue = _scan(found, index, lexicon)
    if hits and not residue:
        return Notes(tags=[(hit.tag_class, hit.detail) for hit in hits])
    return _tag_with_words(found, lexicon)


def _tag_with_words(found: list[str], lexicon: Lexicon) -> Notes | None:
    """Read a tag that is not made of markers alone: a name stands before them, or words that describe."""
    if not any(word in lexicon.bracket_tags or word in lexicon.named_tags for word in found):
        return None
    # Beside a name only the plain markers count: "(Mr. G's Raw Dub)" is no MR, "(Loci Sample Flip)" no sample.
    hits, residue = _named(*_scan(found, lexicon.named_tags, lexicon, with_name=True))
    name = " ".join(found[at] for at in residue)
    every, others = _scan(found, lexicon.bracket_tags, lexicon)
    if _described(every, others) and not any(char.isdecimal() for at in others for char in found[at]):
        sung = [at for hit in every if hit.tag_class.policy == "neutral" for at in (hit.start,) if hit.end - at == 1]
        description = " ".join(found[at] for at in sorted([*others, *sung]))
        unclear = lexicon.unclear is not None and lexicon.unclear.search(description)
        described = (_UNCLEAR if unclear else _DESCRIPTION, description)
        return Notes(tags=[*((hit.tag_class, hit.detail) for hit in every), described])
    anchor = _anchor(hits, residue, len(found)) if residue else None
    if anchor is None:
        return None
    tags = [(hit.tag_class, hit.detail) for hit in hits]
    tags = [(tag_class, detail) for tag_class, detail in tags if not _named_by(tag_class, detail)]
    if anchor.tag_class.policy == "neutral" and anchor.tag_class.name != "version":
        return Notes(tags=[*tags, (anchor.tag_class, name)])
    if anchor.tag_class.name == "cover":
        return Notes(tags=[*tags, (anchor.tag_class, name)])
    remix = lexicon.classes.get("remix", TagClass(name="remix", policy="agree"))
    return Notes(tags=[*tags, (remix, name)])


def _described(hits: list[_Hit], residue: list[int]) -> bool:
    """Tell a tag that says the kind of track and describes it: "(Original Key Backing Track)", "(Playback ohne Chor)".

    Beside a remix, an edit or another recording the words are a name.
    """
    policies = {hit.tag_class.policy for hit in hits}
    if any(hit.tag_class.takes_name and not hit.tag_class.kind for hit in hits):
        return False
    says_kind = any(hit.tag_class.describes for hit in hits)
    return 0 < len(residue) <= _MAX_DESCRIPTION and says_kind and policies <= {"kind", "neutral", "disqualify"}


def _named(hits: list[_Hit], residue: list[int]) -> tuple[list[_Hit], list[int]]:
    """Give a language to the name that it belongs to: "French Braids Remix", "Neil Frances Remix"."""
    last = residue[-1] if residue else -1
    if residue and hits and hits[-1].tag_class.name == "remix":
        last = hits[-1].start
    names = [hit for hit in hits if hit.tag_class.policy == "one_sided" and hit.end <= last]
    taken = [at for hit in names for at in range(hit.start, hit.end)]
    return [hit for hit in hits if hit not in names], sorted([*residue, *taken])


def _named_by(tag_class: TagClass, detail: str) -> bool:
    """Tell whether a name replaces the tag: "Claptone Remix", "Claptone Edit" are remixes by that name."""
    return not detail and tag_class.name in ("remix", "edit", "cover")


def _anchor(hits: list[_Hit], residue: list[int], size: int) -> _Hit | None:
    """Marker that makes a tag of the name beside it; None where the words are no tag."""
    last = [hit for hit in hits if hit.tag_class not in (_YEAR, _NUMBER)]
    if not last:
        return None
    trailing = all(at < last[-1].start for at in residue)
    if trailing and last[-1].tag_class.takes_name:
        return last[-1]
    first = hits[0].start == 0 and hits[0].tag_class.name in ("remix", "version")
    if first and len(hits) == 1 and residue[-1] == size - 1:
        return hits[0]
    return None


def _opened_tag(text: str, found: list[str], index: Index, lexicon: Lexicon) -> Notes | None:
    """Read a tag that opens as tags do, such as "feat. X" or "Karaoke in the style of X"."""
    for start, word in enumerate(found[:_MAX_WORDS_BEFORE]):
        for marker in lexicon.openers.get(word, ()):
            end = start + len(marker.words)
            if tuple(found[start:end]) != marker.words or end == len(found):
                continue
            if marker in lexicon.quoting and not _QUOTED.search(text):
                continue
            before = _closed_tag(found[:start], index, lexicon) if start else Notes()
            if before is None:
                continue
            inner = Notes(tags=list(before.tags))
            guests = marker.tag_class.policy == "guests"
            if guests and marker.words[0] not in lexicon.guest_words and any(c.kind for c, _ in inner.tags):
                return Notes(tags=[*inner.tags, (_KEPT, " ".join(found[end:]))])
            shorten = without_endings if guests else _without_kind
            detail = shorten(found[end:], lexicon, inner)
            if not detail or (guests and detail[0] in lexicon.pronouns):
                continue
            if guests:
                inner.featured.extend(_guests_after(text, marker, lexicon))
            else:
                inner.tags.append((marker.tag_class, " ".join(detail)))
            return inner
    return None


def _closing_tag(text: str, found: list[str], lexicon: Lexicon) -> Notes | None:
    """Read a tag that closes as tags do in languages whose markers follow the name, such as "X tarzında"."""
    for marker in lexicon.closers.get(found[-1], ()):
        before = found[: -len(marker.words)]
        if not before or tuple(found[-len(marker.words) :]) != marker.words:
            continue
        if marker.tag_class.policy != "guests":
            return Notes(tags=[(marker.tag_class, " ".join(before))])
        if before[0] not in lexicon.pronouns:
            at = text.rfind(marker.words[0])
            return Notes(featured=guest_names(text[:at] if at > 0 else " ".join(before), lexicon))
    return None


def _guests_after(text: str, marker: Marker, lexicon: Lexicon) -> list[str]:
    pattern = r"(?<!\w)" + r"[\W_]+".join(map(re.escape, marker.words)) + r"(?!\w)"
    found = re.search(pattern, text)
    return guest_names(text[found.end() :] if found else text, lexicon)


def guest_names(text: str, lexicon: Lexicon) -> list[str]:
    """Normalised names in "X, Y & Z"; a marker after the last of them is no name."""
    names = [words(part) for part in _NAMES.split(text)]
    if names and names[-1]:
        names[-1] = without_endings(names[-1], lexicon, Notes())
    return [" ".join(name) for name in names if name]


def _without_kind(found: list[str], lexicon: Lexicon, notes: Notes) -> list[str]:
    """Take a kind of track off the end of an opened tag: "Reimagined by X instrumental"."""
    for start in range(max(0, len(found) - _MAX_WORDS_BEFORE), len(found)):
        hits, residue = _scan(found[start:], lexicon.tags, lexicon)
        if hits and not residue and any(hit.tag_class.kind for hit in hits):
            notes.tags.extend((hit.tag_class, hit.detail) for hit in hits)
            return found[:start]
    return found


def without_endings(found: list[str], lexicon: Lexicon, notes: Notes) -> list[str]:
    """Take bare markers off the end, as long as a name is left; "30 sec" as well, but not "60 Seconds"."""
    size = len(found)
    named = next((at for at, word in enumerate(found) if word not in lexicon.articles), size)
    while size:
        if size > 2 and found[size - 1] in SECOND_WORDS and found[size - 2].isdecimal() and len(found[size - 2]) <= 2:
            notes.tags.append((_CUT_DOWN, found[size - 2]))
            size -= 2
        elif marker := _ending(found, size, named, lexicon):
            notes.tags.append((marker.tag_class, marker.detail))
            size -= len(marker.words)
        else:
            break
    return found[:size]


def _ending(found: Sequence[str], size: int, named: int, lexicon: Lexicon) -> Marker | None:
    """Find a bare marker that ends at `size` and leaves the word at `named`, the first that is no article."""
    for marker in lexicon.bare.get(found[size - 1], ()):
        start = size - len(marker.words)
        if named < start and tuple(found[start:size]) == marker.words:
            return marker
    return None


def _scan(
    found: Sequence[str], index: Index, lexicon: Lexicon, *, with_name: bool = False
) -> tuple[list[_Hit], list[int]]:
    """Find markers from left to right, the longest first; the places of words that are none and no connectors."""
    hits: list[_Hit] = []
    residue: list[int] = []
    at = 0
    while at < len(found):
        hit = _marker_at(found, at, index) or _figure_at(found, at, hits, lexicon)
        if hit and not (with_name and hit.tag_class.policy == "disqualify"):
            hits.append(hit)
            at = hit.end
            continue
        if found[at] not in lexicon.connectors:
            residue.append(at)
        at += 1
    return hits, residue


def _marker_at(found: Sequence[str], at: int, index: Index) -> _Hit | None:
    for marker in index.get(found[at], ()):
        end = at + len(marker.words)
        if tuple(found[at:end]) == marker.words:
            return _Hit(marker.tag_class, marker.detail, at, end)
    return None


def _figure_at(found: Sequence[str], at: int, hits: list[_Hit], lexicon: Lexicon) -> _Hit | None:
    """Read years, lengths in seconds, and the number of a take."""
    word = found[at]
    seconds = _SECONDS.fullmatch(word)
    if seconds:
        return _Hit(_CUT_DOWN, seconds[1], at, at + 1)
    if not (word.isdecimal() and word.isascii()):
        return None
    if len(word) == 4 and int(word) in _YEARS:
        return _Hit(_YEAR, word, at, at + 1)
    if len(word) <= 2 and at + 1 < len(found) and found[at + 1] in lexicon.seconds:
        return _Hit(_CUT_DOWN, word, at, at + 2)
    follows = hits and hits[-1].end in (at, at - 1) and hits[-1].tag_class is not _YEAR
    return _Hit(_NUMBER, str(int(word)), at, at + 1) if follows and len(word) <= 2 else None
