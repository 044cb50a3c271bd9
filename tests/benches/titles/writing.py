"""How catalogues attach a tag to a title, and what keyboards, shops and converters do to the letters."""

import html
import random
import re
import unicodedata

from .languages import Language

_LATIN_STYLES = (" ({})", " [{}]", " - {}", " ({})", " - {}")
_CJK_STYLES = ("（{}）", "【{}】", " ({})", "({})", "［{}］", " [{}]", "〔{}〕", " - {}", "〈{}〉", "（{}）")
_RARE_STYLES = (" / {}", "_{}", " ~{}~", " -{}-", " – {}", " — {}", " 〜{}〜", " ～{}～", " | {}", " {{{}}}", " <{}>",
                " – ({})", " : {}", " ~ {}", "- {}", " -{}", "({})", "  ({})", " //{}")  # fmt: skip
_FRONT_STYLES = ("[{}] ", "({}) ", "【{}】")
_EMOJI = ("❤️", "🔥", "✨", "🎵", "💔", "🌹", "★", "♡", "☀️", "🎄")
_SPECIAL_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "Œ": "Oe"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def attached(title: str, tag: str, language: Language, rng: random.Random) -> str:
    """Put a tag behind a title in brackets or after a dash, in the common ways."""
    styles = _CJK_STYLES if language.is_asian and language.name != "korean" else _LATIN_STYLES
    return title + rng.choice(styles).format(tag)


def attached_rarely(title: str, tag: str, rng: random.Random) -> str:
    """Put a tag behind a title with a slash, an underscore, tildes, or worn dashes."""
    return title + rng.choice(_RARE_STYLES).format(tag)


def put_in_front(title: str, tag: str, rng: random.Random) -> str:
    """Put a tag in brackets before a title."""
    return rng.choice(_FRONT_STYLES).format(tag) + title


def with_version(title: str, version: str, mark: str, rng: random.Random) -> str:
    """Write a version and the mark of an instrumental behind a title, in every usual order."""
    styles = ("{t} ({v}) [{m}]", "{t} - {v} - {m}", "{t} ({v} {m})", "{t} ({m}) [{v}]", "{t} - {v} {m}",
              "{t} ({v}) ({m})", "{t} [{v}] - {m}", "{t} - {v} ({m})", "{t} ({v} - {m})", "{t} ({v}) - {m}",
              "{t} [{v}] [{m}]", "{t} ({v}, {m})", "{t} - {v} / {m}", "{t} ({m}) - {v}")  # fmt: skip
    return rng.choice(styles).format(t=title, v=version, m=mark)


def in_other_case(text: str, language: Language, rng: random.Random) -> str:
    """Write a text in capitals or small letters, by the language's own rule."""
    upper = rng.random() < 0.5
    if language.name == "turkish":
        text = text.replace("i", "İ").replace("ı", "I") if upper else text.replace("I", "ı").replace("İ", "i")
    return text.upper() if upper else text.lower()


def without_accents(text: str, language: Language, rng: random.Random) -> str:
    """Write a text as a shop without accents does; German umlauts also as two letters, Russian ё as е."""
    if language.name == "german" and rng.random() < 0.4:
        return text.translate(_UMLAUTS)
    if language.name == "russian":
        return text.replace("ё", "е").replace("Ё", "Е")
    if language.is_asian:
        return text
    letters = unicodedata.normalize("NFD", text.translate(_SPECIAL_LETTERS))
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def mistyped(text: str, rng: random.Random) -> str | None:
    """Slip once inside a word of nine letters or more; None where there is no such word."""
    words = [match for match in re.finditer(r"[^\W\d_]{9,}", text) if not re.search(r"[぀-ヿ一-鿿가-힣]", match[0])]
    if not words:
        return None
    word = rng.choice(words)
    at = rng.randrange(word.start() + 2, word.end() - 2)
    slips = (text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:],
             text[:at] + text[at + 1] + text[at] + text[at + 2 :])  # fmt: skip
    slip = rng.choice(slips)
    return slip if slip != text else text[:at] + text[at + 1 :]


def typeset_otherwise(text: str, rng: random.Random) -> tuple[str, str] | None:
    """Change characters that a reader does not count as the title; None where this text has none of them.

    Returns
    -------
    The text and the name of the change.
    """
    middle = rng.randrange(1, max(2, len(text) - 1))
    ways = {
        "curly quotes": re.sub(r'"([^"]*)"', "“\\1”", text.replace("'", rng.choice("’‘ʼ´`"))),
        "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "　" if c == " " else c for c in text),
        "decomposed accents": unicodedata.normalize("NFD", text),
        "no-break spaces": text.replace(" ", rng.choice("\u00a0\u2009\u3000")),
        "HTML entities": html.escape(text).replace("&#x27;", "&#39;"),
        "zero-width character": text[:middle] + rng.choice("\u200b\u200c\ufeff\u2060\u00ad") + text[middle:],
        "direction marks": rng.choice(("\u200e{}", "\u200f{}\u200e", "\u202a{}\u202c", "\u2068{}\u2069")).format(text),
        "emoji": rng.choice(("{0} {1}", "{1} {0}", "{0}{1}")).format(text, rng.choice(_EMOJI))
        if rng.random() < 0.5 else text,
        "double spaces": text.replace(" ", "  "),
        "spaces around": f" {text}  ",
        "ellipsis and dashes": text.replace("...", "…").replace("-", rng.choice("‐‑")).replace("!", "！"),
    }  # fmt: skip
    changed = sorted(name for name, result in ways.items() if result != text)
    if not changed:
        return None
    name = rng.choice(changed)
    return ways[name], name
