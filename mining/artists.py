"""Artists by key: the same key for every spelling of a name, several keys where a string names several artists.

Ids beat names both ways: one id has several spellings, and one name belongs to several ids. Compilation "artists" stand
for anyone and have no key.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from mining.lexicon import Lexicon
from mining.title_text import clean, normalised, symbols

LIST_SEPARATORS = r"\s*\(\s*cv\s*[.:]\s*|\s*[;、|]\s*|\s*//\s*|\s+/\s+|\s+(?:feat|ft|featuring|vs|with)\b\.?\s*"
"""Between the names of artists that only share a credit, or of a character and its voice (CV: …). So is a slash without
spaces between longer words."""
JOINTS = r"\s*[,&+]\s*|\s+(?:and|x|y|e|et|und|og|och|con|mit|meets)\s+|\s*×\s*"
"""Between artists, or within the name of one: "Simon & Garfunkel", "Earth, Wind & Fire"."""
_LISTED = re.compile(rf"(?<=\w{{3}})/(?=\w{{3}})|{LIST_SEPARATORS}")
_JOINED = re.compile(JOINTS)
MIN_PART_LETTERS = 2
LEADING_ARTICLE = r"^(?:los|las|les|gli|die|der|das|el|la|le|il|os|as|de|het|den|lo) "
"""What may be missing before a band's name: "Gli Astratti" is also "Astratti"."""
MIN_BARE_LETTERS = 4
_ARTICLE = re.compile(rf"{LEADING_ARTICLE}(?=.{{{MIN_BARE_LETTERS}}})")


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """One spelling of a name: case, accents on Latin letters, punctuation and a leading "the" do not count."""
    found = normalised(name) or symbols(clean(name))
    while found.startswith("the "):
        found = found[4:]
    return found


def name_keys(name: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Keys under which an artist string is found: the whole of it, and each artist that it may list.

    "Octane & DLR ft Gusto" is found under itself, "octane and dlr", "octane", "dlr" and "gusto". Compilation artists
    have no key.
    """
    text = clean(name)
    listed = [part for part in _LISTED.split(text) if part and part.strip()]
    parts = [piece for part in listed for piece in _JOINED.split(part) if piece]
    whole = name_key(name)
    keys = dict.fromkeys([whole, *map(name_key, [*listed, *parts])])
    known = [key for key in keys if key not in lexicon.compilations and _is_key(key, whole)]
    bare = [_ARTICLE.sub("", key) for key in known]
    return tuple(dict.fromkeys([*known, *(key for key in bare if key not in lexicon.compilations)]))


def _is_key(key: str, whole: str) -> bool:
    return bool(key) and (key == whole or len(key) >= MIN_PART_LETTERS)


def split_keys(names: Sequence[str], ids: Sequence[str] | None, lexicon: Lexicon) -> tuple[str, ...]:
    """Keys that tell a track's artists apart for splitting a data set, primary artist first.

    Ids where there is one for every name, else names. Unlike `name_keys`, "Simon & Garfunkel" is one artist here: only
    certain separators ("feat.", ";") make two.
    """
    if ids and len(ids) == len(names) and all(ids):
        pairs = zip(names, ids, strict=True)
        return tuple(dict.fromkeys(f"id:{i}" for n, i in pairs if not is_compilation(n, lexicon)))
    parts = [part for name in names if name for part in _LISTED.split(clean(name)) if part and part.strip()]
    keys = dict.fromkeys(name_key(part) for part in parts if not is_compilation(part, lexicon))
    return tuple(key for key in keys if key)


def is_compilation(name: str | None, lexicon: Lexicon) -> bool:
    """Tell a name that stands for anyone, such as "Various Artists", from an artist."""
    return name is not None and name_key(name) in lexicon.compilations


def is_cover_act(name: str, lexicon: Lexicon) -> bool:
    """Tell an act that records other people's songs anew, such as "Zoom Karaoke"."""
    return lexicon.cover_acts is not None and lexicon.cover_acts.search(name_key(name)) is not None
