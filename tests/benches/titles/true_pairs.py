"""Originals and their instrumentals, in every way a catalogue writes them. Each function is one type of pair."""

from .pairs import LabelledPair
from .scene import Scene
from .writing import (
    attached_rarely,
    in_other_case,
    mistyped,
    put_in_front,
    typeset_otherwise,
    with_version,
    without_accents,
)

_AND = {
    "english": "and", "spanish": "y", "portuguese": "e", "french": "et", "german": "und", "italian": "e",
    "dutch": "en", "swedish": "och", "polish": "i", "russian": "и", "turkish": "ve", "indonesian": "dan",
}  # fmt: skip
_FROM = {
    "japanese": ("TVアニメ「{}」主題歌", "映画『{}』より", 'From "{}"'),
    "korean": ("영화 '{}' OST", "드라마 '{}' OST", 'From "{}"', "Original Soundtrack"),
    "chinese_simplified": ("电影《{}》主题曲", "电视剧《{}》片尾曲", "《{}》插曲"),
    "chinese_traditional": ("電影《{}》主題曲", "電視劇《{}》片尾曲", "劇集《{}》主題曲"),
    "spanish": ("De la Película {}", 'De "{}"', 'From "{}"', "Banda Sonora Original"),
    "portuguese": ("Trilha Sonora de {}", 'De "{}"', 'From "{}"'),
    "french": ('Extrait de "{}"', "Bande originale du film", 'From "{}"', "Extrait du film {}"),
    "german": ('Aus "{}"', "Titelsong zum Film {}", 'From "{}"', "Aus dem Film {}"),
    "italian": ('Dal Film "{}"', "Colonna Sonora Originale", 'From "{}"'),
}
_SUNG = {
    "japanese": ("歌入り", "Vocal ver.", "on vocal", "ボーカルバージョン"),
    "korean": ("Vocal Ver.", "노래", "보컬 버전"),
    "chinese_simplified": ("原唱", "人声版", "有人声"),
    "chinese_traditional": ("原唱", "人聲版", "主唱版"),
    "portuguese": ("Cantado", "Com Voz", "Voz"),
    "spanish": ("Con Voz", "Cantada", "Versión Cantada"),
    "french": ("Version chantée", "Avec voix", "Chantée"),
    "german": ("Gesangsversion", "mit Gesang", "Vocal Version"),
    "italian": ("Versione Cantata", "Con Voce", "Cantata"),
    "russian": ("Плюс", "Вокальная версия", "с вокалом"),
    "polish": ("Wersja wokalna", "z wokalem", "Wersja Wokalna"),
    "turkish": ("Vokal Versiyon", "Vokalli", "Sözlü"),
    "indonesian": ("Versi Vokal", "Vokal", "Dengan Vokal"),
    "dutch": ("Gezongen Versie", "Met Zang", "Vocale Versie"),
    "swedish": ("Sångversion", "med sång", "Vokalversion"),
}  # fmt: skip
_SEPARATORS = (" & ", ", ", " / ", "; ", " feat. ", " x ", " X ", " + ", " ft. ", " and ", "、", " with ", " vs. ")
SPED = (("Sped Up", "sped up", "Sped Up Version", "Sped-Up"), ("Slowed", "slowed", "Slowed Version"),
         ("Slowed + Reverb", "slowed + reverb", "Slowed & Reverb"), ("Nightcore", "Nightcore Version"))  # fmt: skip
_EDITS = (("Radio Edit", "radio edit", "Radio edit"), ("Club Edit", "club edit"), ("Single Edit", "single edit"),
          ("TV Size", "TV size", "TV-size", "TV Size ver."), ("Short Version", "short ver.", "Short Ver."))  # fmt: skip
REMIXES = ("{} Remix", "{} Remix", "{} Mix", "{} Rework", "{} Bootleg", "{} Club Mix", "{} VIP Mix", "{} Flip")
PLACES = ("Wembley Stadium", "Tokyo Dome", "Madison Square Garden", "L'Olympia", "Luna Park", "Berlin", "Rock in Rio",
          "Ahoy Rotterdam", "Olympic Hall", "Hong Kong Coliseum", "Globen", "Harbiye")  # fmt: skip
ROMAN = ("I", "II", "III", "IV")


def common_tag(scene: Scene) -> list[LabelledPair]:
    """Brackets of all widths, or a dash."""
    return scene.pair(scene.title, scene.marked(), "plain original and its marked instrumental", label=True)


def rare_delimiter(scene: Scene) -> list[LabelledPair]:
    """Slash, underscore, tildes, long dashes."""
    marked = attached_rarely(scene.title, scene.mark(), scene.rng)
    return scene.pair(scene.title, marked, "the mark stands behind a rare delimiter", label=True)


def bare_words(scene: Scene) -> list[LabelledPair]:
    """The mark without any delimiter."""
    marked = f"{scene.title} {scene.bare_mark()}"
    return scene.pair(scene.title, marked, "the mark stands bare at the end", label=True)


def mark_in_front(scene: Scene) -> list[LabelledPair]:
    """The mark in brackets before the title."""
    marked = put_in_front(scene.title, scene.mark(), scene.rng)
    return scene.pair(scene.title, marked, "the mark stands in brackets in front", label=True)


def other_case(scene: Scene) -> list[LabelledPair]:
    """Capitals or small letters on one side."""
    marked = in_other_case(scene.marked(), scene.language, scene.rng)
    return scene.pair(scene.title, marked, "same words, written in other case", label=True)


def accents_dropped(scene: Scene) -> list[LabelledPair]:
    """A shop without accents on one side."""
    plain = without_accents(scene.title, scene.language, scene.rng)
    if plain == scene.title:
        return []
    a, b = (scene.title, plain) if scene.rng.random() < 0.5 else (plain, scene.title)
    return scene.pair(a, scene.marked(b), "accents are missing on one side", label=True)


def typography(scene: Scene) -> list[LabelledPair]:
    """Other characters for the same letters."""
    side = scene.rng.randrange(2)
    titles = [scene.title, scene.marked()]
    changed = typeset_otherwise(titles[side], scene.rng)
    if changed is None:
        return []
    titles[side] = changed[0]
    return scene.pair(titles[0], titles[1], f"same title, one side has {changed[1]}", label=True)


def typo(scene: Scene) -> list[LabelledPair]:
    """One slip in a long word on one side."""
    slipped = mistyped(scene.title, scene.rng)
    if slipped is None:
        return []
    a, b = (scene.title, slipped) if scene.rng.random() < 0.5 else (slipped, scene.title)
    return scene.pair(a, scene.marked(b), "one slip of the keyboard in a word of nine letters or more", label=True)


def ampersand(scene: Scene) -> list[LabelledPair]:
    """The sign on one side, the language's word on the other."""
    word = _AND.get(scene.language.name)
    if word is None:
        return []
    first, second = scene.rng.sample(scene.language.words, 2)
    titles = [f"{first} & {second}", f"{first} {word} {second}"]
    scene.rng.shuffle(titles)
    return scene.pair(titles[0], scene.marked(titles[1]), "& against the word for it", label=True)


def leading_article(scene: Scene) -> list[LabelledPair]:
    """A leading "The" on one side."""
    if scene.language.name != "english":
        return []
    noun = f"{scene.rng.choice(scene.language.words)} {scene.rng.choice(scene.language.phrases)}"
    titles = [f"The {noun}", noun]
    scene.rng.shuffle(titles)
    return scene.pair(titles[0], scene.marked(titles[1]), "leading The on one side", label=True)


def guest_in_title(scene: Scene) -> list[LabelledPair]:
    """A guest named in one title."""
    guest, rng = scene.book.artist(), scene.rng
    word = rng.choice(scene.language.feat)
    names = f"{guest} & {scene.book.artist()}" if rng.random() < 0.15 else guest
    credited = scene.title + rng.choice((" ({} {})", " [{} {}]", " ({} {})")).format(word, names)
    if word.lower() in {"feat.", "ft.", "featuring", "feat", "ft"} and rng.random() < 0.3:
        credited = f"{scene.title} {word} {names}"
    both = (scene.artist, guest)
    lists = rng.choice((((scene.artist,), (scene.artist,)), (both, both), (both, (scene.artist,))))
    if rng.random() < 0.7:
        a, b = credited, scene.marked()
    else:
        a, b = scene.title, f"{credited} {rng.choice(('[{}]', '- {}', '({})')).format(scene.mark())}"
    return scene.pair(a, b, "a guest is named in one title", label=True, a_artists=lists[0], b_artists=lists[1])


def guest_in_artists(scene: Scene) -> list[LabelledPair]:
    """A guest among the artists of one row."""
    both = (scene.artist, scene.book.artist())
    lists = [both, (scene.artist,)]
    scene.rng.shuffle(lists)
    why = "a guest is listed on one side only"
    return scene.pair(scene.title, scene.marked(), why, label=True, a_artists=lists[0], b_artists=lists[1])


def neutral_tag(scene: Scene) -> list[LabelledPair]:
    """Remaster, original, album version and their like on one side."""
    tag = scene.rng.choice(scene.language.originals)
    draw = scene.rng.random()
    if draw < 0.7:
        return scene.pair(scene.tagged(tag), scene.marked(), "a tag that leaves the recording as it is", label=True)
    if draw < 0.85:
        both = with_version(scene.title, tag, scene.bare_mark(), scene.rng)
        return scene.pair(scene.tagged(tag), both, "such a tag on both sides", label=True)
    remaster = scene.rng.choice(("2011 Remaster", "Remastered 2009", "Remastered"))
    marked = with_version(scene.title, remaster, scene.bare_mark(), scene.rng)
    return scene.pair(scene.title, marked, "the instrumental alone is called remastered", label=True)


def language_on_one_side(scene: Scene) -> list[LabelledPair]:
    """The original names its language, the instrumental does not."""
    tagged = scene.tagged(scene.rng.choice(scene.language.language_tags))
    if scene.rng.random() < 0.2:
        tagged = f"{scene.title} -{scene.rng.choice(scene.language.language_tags)}-"
    return scene.pair(tagged, scene.marked(), "a language tag on one side: same backing", label=True)


def soundtrack_tag(scene: Scene) -> list[LabelledPair]:
    """The original says which film it is from."""
    forms = _FROM.get(scene.language.name, ('From "{}"', "From the Motion Picture {}", 'From the Series "{}"'))
    tag = scene.rng.choice(forms).format(scene.book.other_title(scene.title))
    return scene.pair(scene.tagged(tag), scene.marked(), "one side names the film", label=True)


def same_version(scene: Scene) -> list[LabelledPair]:
    """Live, acoustic, demo, extended, faster or slower on both sides."""
    language, rng = scene.language, scene.rng
    kinds = (language.live, language.acoustic, language.demo, language.extended, *SPED)
    kind = rng.choice(kinds)
    b = with_version(scene.title, rng.choice(kind), scene.bare_mark(), rng)
    return scene.pair(scene.tagged(rng.choice(kind)), b, "same version on both sides, written otherwise", label=True)


def same_concert(scene: Scene) -> list[LabelledPair]:
    """The same concert on both sides."""
    place, rng = scene.rng.choice(PLACES), scene.rng
    writings = [form.format(place) for form in rng.choice((("Live at {}", "Live At {}"), ("Live in {}", "live in {}")))]
    b = with_version(scene.title, rng.choice(writings), scene.bare_mark(), rng)
    return scene.pair(scene.tagged(rng.choice(writings)), b, "same concert on both sides", label=True)


def same_edit(scene: Scene) -> list[LabelledPair]:
    """The same edit on both sides."""
    kind = scene.rng.choice(_EDITS)
    b = with_version(scene.title, scene.rng.choice(kind), scene.bare_mark(), scene.rng)
    return scene.pair(scene.tagged(scene.rng.choice(kind)), b, "same edit on both sides", label=True)


def same_remix(scene: Scene) -> list[LabelledPair]:
    """The same remixer on both sides."""
    rng, remixer = scene.rng, scene.book.artist()
    remix = rng.choice(REMIXES).format(remixer)
    b = with_version(scene.title, remix, scene.bare_mark(), rng)
    if remix.endswith(" Remix") and rng.random() < 0.25:
        b = scene.tagged(f"{remixer} Instrumental Remix")
    lists = ((scene.artist, remixer), (scene.artist,))
    return scene.pair(
        scene.tagged(remix), b, "same remix on both sides", label=True,
        a_artists=rng.choice(lists), b_artists=rng.choice(lists),
    )  # fmt: skip


def vocal_and_instrumental_mix(scene: Scene) -> list[LabelledPair]:
    """A remixer's vocal mix and his instrumental."""
    remixer, rng = scene.book.artist(), scene.rng
    words = rng.choice((("Vocal Mix", "Instrumental Mix"), ("Vocal", "Instrumental"), ("Vocal Remix", "Instrumental")))
    style = rng.choice((" ({})", " - {}", "_{}", " [{}]"))
    a, b = (scene.title + style.format(f"{remixer} {word}") for word in words)
    return scene.pair(a, b, "one remixer's vocal mix and its instrumental", label=True)


def same_part(scene: Scene) -> list[LabelledPair]:
    """Part II, Pt. 2, Part Two on both sides."""
    language, rng = scene.language, scene.rng
    number = rng.randrange(1, 5)
    values = {"d": number, "r": ROMAN[number - 1], "n": language.numerals[number - 1]}
    a, b = (rng.choice(language.parts).format(**values) for _ in range(2))
    style = rng.choice((" {}", " ({})", ", {}", " - {}"))
    return scene.pair(
        scene.title + style.format(a), scene.marked(scene.title + rng.choice((style, " ({})")).format(b)),
        "same part, its number written otherwise", label=True,
    )  # fmt: skip


def number_in_title(scene: Scene) -> list[LabelledPair]:
    """A number that belongs to the title stays equal."""
    number = scene.rng.choice((2, 3, 7, 22, 66, 99, 1999, 2002, 24, 101))
    title = scene.rng.choice(("{t} {n}", "{n} {t}", "{t} No. {n}")).format(t=scene.title, n=number)
    return scene.pair(title, scene.marked(title), "the number belongs to the title", label=True)


def subtitle(scene: Scene) -> list[LabelledPair]:
    """A subtitle in brackets on one side, in tildes or after a dash on the other."""
    words = scene.book.other_title(scene.title)
    styles = scene.rng.sample(("{t} ({s})", "{t} ~{s}~", "{t} - {s}", "{t} [{s}]", "{t} -{s}-", "{t}（{s}）"), 2)
    a, b = (style.format(t=scene.title, s=words) for style in styles)
    return scene.pair(a, scene.marked(b), "same subtitle, set off otherwise", label=True)


def vocal_tag(scene: Scene) -> list[LabelledPair]:
    """The original says that it is sung."""
    tag = scene.rng.choice(_SUNG.get(scene.language.name, ("Vocal Version", "Vocal Mix", "Vocal", "With Vocals")))
    return scene.pair(scene.tagged(tag), scene.marked(), "the original says that it is sung", label=True)


def artist_spelling(scene: Scene) -> list[LabelledPair]:
    """The artist in other case, without accents, or in other order."""
    rng, artist = scene.rng, scene.artist
    guest = scene.book.artist()
    ways: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        ((artist,), (in_other_case(artist, scene.language, rng),)),
        ((artist,), (without_accents(artist, scene.language, rng),)),
        ((artist, guest), (guest, artist)),
        ((artist,), (artist.replace(" & ", " and ").replace("-", " "),)),
    ]
    a, b = rng.choice(ways)
    why = "one artist, spelt or ordered otherwise"
    return scene.pair(scene.title, scene.marked(), why, label=True, a_artists=a, b_artists=b, a_ids=False, b_ids=False)


def artists_joined(scene: Scene) -> list[LabelledPair]:
    """Two artists in one string on one side."""
    names = (scene.artist, scene.book.artist())
    lists = [names, (scene.rng.choice(_SEPARATORS).join(names),)]
    scene.rng.shuffle(lists)
    return scene.pair(
        scene.title, scene.marked(), "two artists are one string on one side", label=True,
        a_artists=lists[0], b_artists=lists[1], a_ids=False, b_ids=False,
    )  # fmt: skip


def artist_in_two_scripts(scene: Scene) -> list[LabelledPair]:
    """One id, a native and a romanised name."""
    if not scene.language.is_asian:
        return []
    native, roman = scene.book.two_scripts()
    ids = (f"artist-{native}",)
    return scene.pair(
        scene.title, scene.marked(), "the id says that both names are one artist", label=True,
        a_artists=(native,), b_artists=(roman,), a_ids=ids, b_ids=ids,
    )  # fmt: skip


def bilingual_title(scene: Scene) -> list[LabelledPair]:
    """Native and Latin name on one side, one of them on the other."""
    language, rng = scene.language, scene.rng
    if not language.is_asian:
        return []
    native, roman = rng.choice(language.clauses + language.nouns), rng.choice(language.romans)
    both = rng.choice(("{n} {r}", "{n} ({r})", "{r} ({n})", "{n} - {r}", "{n} / {r}")).format(n=native, r=roman)
    other = rng.choice((native, roman, both))
    return scene.pair(both, scene.marked(other), "native and Latin name of one song", label=True)


def several_editions(scene: Scene) -> list[LabelledPair]:
    """Two editions of the original and one instrumental."""
    first_s, second_s = scene.durations()
    singles = [scene.track(scene.title, first_s), scene.track(scene.title, first_s, album=scene.book.title())]
    marked = scene.track(scene.marked(), second_s)
    return [scene.labelled(single, marked, "each edition is the same recording", label=True) for single in singles]


def acapella_triple(scene: Scene) -> list[LabelledPair]:
    """Original, instrumental and a cappella."""
    first_s, second_s = scene.durations()
    word = scene.rng.choice(("Acapella", "A Cappella", "Acappella", "Accapella", "Acapella Version", "A Capella"))
    original = scene.track(scene.title, first_s)
    backing, voice = scene.track(scene.marked(), second_s), scene.track(scene.tagged(word), first_s)
    return [
        scene.labelled(original, backing, "the instrumental of a triple", label=True),
        scene.labelled(original, voice, "the a cappella of a song that has an instrumental", label=True),
        scene.labelled(backing, voice, "neither holds the whole song", label=False),
    ]


TRUE_TYPES = (
    common_tag, rare_delimiter, bare_words, mark_in_front, other_case, accents_dropped, typography, typo, ampersand,
    leading_article, guest_in_title, guest_in_artists, neutral_tag, language_on_one_side, soundtrack_tag, same_version,
    same_concert, same_edit, same_remix, vocal_and_instrumental_mix, same_part, number_in_title, subtitle, vocal_tag,
    artist_spelling, artists_joined, artist_in_two_scripts, bilingual_title, several_editions, acapella_triple,
)  # fmt: skip
