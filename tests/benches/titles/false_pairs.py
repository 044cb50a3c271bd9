"""Traps: two rows that look like an original and its instrumental, and are not. Each function is one type of pair."""

from collections.abc import Callable

from .pairs import LabelledPair
from .scene import Scene
from .songs import clearly_different
from .true_pairs import PLACES, REMIXES, ROMAN, SPED
from .writing import with_version

_CUT_DOWNS = ("30 sec", ":60", "30 Second Edit", "60sec", "15 Seconds", "Sting", "60 Sec Instrumental", "30sec",
              "0:30", "Cutdown")  # fmt: skip
_SHORTENED = ("TV Size", "TV size", "TVサイズ", "TV-size", "TV edit", "TV ver.", "Anime Size", "Short Ver.",
              "Movie Edit")  # fmt: skip
_DUBS = ("Dub", "Dub Mix", "Dub Version", "{} Dub", "Dubstrumental Dub", "Dub Instrumental")
_TITLE_MARKS = ("Karaoke", "Instrumental")
_INTROS = ("Intro", "Outro", "Interlude", "Skit", "Prelude", "Reprise")
_INTRO_STYLES = ("{t} ({i})", "{t} - {i}", "{i}: {t}", "{t} ({i} Instrumental)")


def _other_version(scene: Scene) -> str:
    """Draw the name of a version that is another recording or another cut."""
    language = scene.language
    kinds = (language.live, language.acoustic, language.demo, language.extended, *SPED)
    return scene.rng.choice(scene.rng.choice(kinds))


def _pair(scene: Scene, a: str, b: str, why: str) -> list[LabelledPair]:
    return scene.pair(a, b, why, label=False)


def mark_in_song_name(scene: Scene) -> list[LabelledPair]:
    """A song whose own name holds a marker's letters, beside another song."""
    name = scene.rng.choice(scene.language.in_titles)
    other = scene.rng.choice((scene.book.other_title(name), name.split(" ")[0] if " " in name else scene.title))
    return _pair(scene, other, name, "the marker's letters are part of the second song's name")


def song_named_like_a_mark(scene: Scene) -> list[LabelledPair]:
    """Songs that are called Karaoke or Instrumental."""
    name = scene.rng.choice((*_TITLE_MARKS, scene.rng.choice(scene.language.bare)))
    titles = [name, scene.title]
    scene.rng.shuffle(titles)
    return _pair(scene, titles[0], titles[1], "one song's whole name is a marker")


def both_sung(scene: Scene) -> list[LabelledPair]:
    """Two rows of the same song, neither of them an instrumental."""
    b = scene.rng.choice((scene.title, scene.tagged(scene.rng.choice(scene.language.originals))))
    return _pair(scene, scene.title, b, "two editions of the original")


def both_instrumental(scene: Scene) -> list[LabelledPair]:
    """Two rows of the same song, both without the voice."""
    return _pair(scene, scene.marked(), scene.marked(), "two editions of the instrumental")


def short_names(scene: Scene) -> list[LabelledPair]:
    """Names of a few letters, one letter apart."""
    titles = list(scene.rng.choice(scene.language.short))
    scene.rng.shuffle(titles)
    return _pair(scene, titles[0], scene.marked(titles[1]), "two short names, one letter apart")


def near_names(scene: Scene) -> list[LabelledPair]:
    """One word, its number or its tense differs."""
    titles = list(scene.rng.choice(scene.language.near))
    scene.rng.shuffle(titles)
    extra = scene.rng.choice(("", "", f", {scene.rng.choice(scene.language.words)}"))
    return _pair(scene, titles[0] + extra, scene.marked(titles[1] + extra), "two songs whose names nearly agree")


def one_word_replaced(scene: Scene) -> list[LabelledPair]:
    """Names of three parts, of which one differs."""
    language, rng = scene.language, scene.rng
    gap = " " if language.spaced else ""
    first, second, third, fourth = rng.sample(language.words, 4)
    titles = [gap.join((first, second, third)), gap.join((first, second, fourth))]
    rng.shuffle(titles)
    return _pair(scene, titles[0], scene.marked(titles[1]), "one of three words is another")


def one_word_more(scene: Scene) -> list[LabelledPair]:
    """The second song's name goes on."""
    gap = " " if scene.language.spaced else "の" if scene.language.name == "japanese" else "的"
    first, second = scene.rng.sample(scene.language.words, 2)
    titles = [first, f"{first}{gap}{second}"]
    scene.rng.shuffle(titles)
    return _pair(scene, titles[0], scene.marked(titles[1]), "one name holds the other and a word more")


def words_in_other_order(scene: Scene) -> list[LabelledPair]:
    """The same words in another order."""
    gap = " " if scene.language.spaced else "、"
    first, second = scene.rng.sample(scene.language.nouns, 2)
    return _pair(scene, first + gap + second, scene.marked(second + gap + first), "same words, another order")


def other_song_same_length(scene: Scene) -> list[LabelledPair]:
    """Another song of the artist that happens to last as long."""
    other = scene.book.other_title(scene.title)
    return _pair(scene, scene.title, scene.marked(other), "another song of the artist, same length")


def other_part(scene: Scene) -> list[LabelledPair]:
    """Part I against Part II."""
    language, rng = scene.language, scene.rng
    titles = []
    for number in rng.sample(range(1, 5), 2):
        values = {"d": number, "r": ROMAN[number - 1], "n": language.numerals[number - 1]}
        titles.append(f"{scene.title} {rng.choice(language.parts).format(**values)}")
    if rng.random() < 0.25 and not titles[1].endswith((" 1", ".1", " I", language.numerals[0])):
        titles[0] = scene.title  # a first part may stand for the whole song
    return _pair(scene, titles[0], scene.marked(titles[1]), "another part")


def other_number(scene: Scene) -> list[LabelledPair]:
    """The number in the name differs."""
    first, second = scene.rng.sample((2, 3, 7, 22, 66, 67, 99, 1999, 2002, 24, 42, 101), 2)
    form = scene.rng.choice(("{t} {n}", "{n} {t}", "{t} No. {n}", "{t} #{n}"))
    a, b = (form.format(t=scene.title, n=number) for number in (first, second))
    return _pair(scene, a, scene.marked(b), "the number in the name differs")


def remix_of_the_instrumental(scene: Scene) -> list[LabelledPair]:
    """A remix's instrumental against the plain original."""
    remix = scene.rng.choice(REMIXES).format(scene.book.artist())
    b = with_version(scene.title, remix, scene.bare_mark(), scene.rng)
    return _pair(scene, scene.title, b, "the instrumental of a remix")


def remix_of_the_original(scene: Scene) -> list[LabelledPair]:
    """A remix against the plain instrumental."""
    remix = scene.rng.choice(REMIXES).format(scene.book.artist())
    return _pair(scene, scene.tagged(remix), scene.marked(), "a remix, and the plain song's instrumental")


def other_remixer(scene: Scene) -> list[LabelledPair]:
    """Two remixers."""
    form = scene.rng.choice((*REMIXES, "{} Vocal Mix"))
    a, b = form.format(scene.book.artist()), form.replace("Vocal ", "").format(scene.book.artist())
    marked = with_version(scene.title, b, scene.bare_mark(), scene.rng)
    return _pair(scene, scene.tagged(a), marked, "two remixers")


def version_on_one_side(scene: Scene) -> list[LabelledPair]:
    """Live, acoustic, demo, extended, faster or slower on one side only."""
    version = _other_version(scene)
    if scene.rng.random() < 0.5:
        return _pair(scene, scene.tagged(version), scene.marked(), "only the original is another version")
    b = with_version(scene.title, version, scene.bare_mark(), scene.rng)
    return _pair(scene, scene.title, b, "only the instrumental is another version")


def other_concert(scene: Scene) -> list[LabelledPair]:
    """Two concerts."""
    one, other = scene.rng.sample(PLACES, 2)
    b = with_version(scene.title, f"Live at {other}", scene.bare_mark(), scene.rng)
    return _pair(scene, scene.tagged(f"Live at {one}"), b, "two concerts")


def other_version(scene: Scene) -> list[LabelledPair]:
    """Two different versions."""
    language, rng = scene.language, scene.rng
    kinds = (language.live, language.acoustic, language.demo, language.extended, *SPED[:2])
    one, other = rng.sample(kinds, 2)
    b = with_version(scene.title, rng.choice(other), scene.bare_mark(), rng)
    return _pair(scene, scene.tagged(rng.choice(one)), b, "two versions")


def other_arrangement(scene: Scene) -> list[LabelledPair]:
    """A piano, string or music box version."""
    b = scene.tagged(scene.rng.choice(scene.language.arrangements))
    return _pair(scene, scene.title, b, "another arrangement: not the original's backing")


def television_size(scene: Scene) -> list[LabelledPair]:
    """The cut for the opening of a series against the whole song."""
    size = scene.rng.choice(_SHORTENED)
    if scene.rng.random() < 0.5:
        return _pair(scene, scene.tagged(size), scene.marked(), "a cut for television and the whole instrumental")
    b = with_version(scene.title, size, scene.bare_mark(), scene.rng)
    return _pair(scene, scene.title, b, "the whole song and a cut for television")


def cut_down(scene: Scene) -> list[LabelledPair]:
    """Library music in half a minute."""
    cut = scene.rng.choice(_CUT_DOWNS)
    b = scene.tagged(cut) if "Instrumental" in cut else with_version(scene.title, cut, scene.bare_mark(), scene.rng)
    return _pair(scene, scene.title, b, "a cut-down of the instrumental")


def kept_voices(scene: Scene) -> list[LabelledPair]:
    """Karaoke with choir, guide melody or guide voice."""
    b = scene.tagged(scene.rng.choice(scene.language.chorus))
    return _pair(scene, scene.title, b, "voices or the melody are kept")


def cover_by_label(scene: Scene) -> list[LabelledPair]:
    """A karaoke label's own recording."""
    label = scene.book.label()
    style = scene.rng.choice(scene.language.covers).format(X=scene.artist)
    title = scene.rng.choice(("{t} ({s}) [{m}]", "{t} ({m}) [{s}]", "{t} - {m} ({s})", "{t} ({m})", "{t} [{s}] - {m}"))
    b = title.format(t=scene.title, s=style, m=scene.bare_mark())
    return scene.pair(scene.title, b, "a karaoke label's own recording", label=False, b_artists=(label,))


def cover_listed_with_the_singer(scene: Scene) -> list[LabelledPair]:
    """A karaoke label's own recording that lists the singer too."""
    label = scene.book.label()
    style = scene.rng.choice(scene.language.covers).format(X=scene.artist)
    title = scene.rng.choice(("{t} ({s}) [{m}]", "{t} ({m}) [{s}]", "{t} - {m} ({s})", "{t} [{s}] - {m}"))
    b = title.format(t=scene.title, s=style, m=scene.bare_mark())
    names = scene.rng.choice(((label, scene.artist), (scene.artist, label), (scene.artist,)))
    why = "says itself that somebody else made it famous"
    return scene.pair(scene.title, b, why, label=False, b_artists=names)


def other_artist(scene: Scene) -> list[LabelledPair]:
    """The same name by somebody else."""
    why = "somebody else's song of the same name"
    return scene.pair(scene.title, scene.marked(), why, label=False, b_artists=(scene.book.artist(),))


def same_name_other_id(scene: Scene) -> list[LabelledPair]:
    """Two artists of one name."""
    why = "the ids say: two artists of one name"
    return scene.pair(
        scene.title, scene.marked(), why, label=False, a_ids=(f"1-{scene.artist}",), b_ids=(f"2-{scene.artist}",)
    )


def other_guest(scene: Scene) -> list[LabelledPair]:
    """Two guests on two versions of the song."""
    one, other = scene.book.artist(), scene.book.artist()
    word = scene.rng.choice(("feat.", "ft.", "feat."))
    a = f"{scene.title} ({word} {one})"
    b = f"{scene.title} ({word} {other}) [{scene.mark()}]"
    return scene.pair(
        a, b, "two recordings with different guests", label=False,
        a_artists=(scene.artist, one), b_artists=(scene.artist, other),
    )  # fmt: skip


def duration_off(scene: Scene) -> list[LabelledPair]:
    """1.6 to 30 s apart."""
    b = scene.marked()
    return scene.pair(scene.title, b, "lengths too far apart", label=False, durations=scene.durations_off())


def dub(scene: Scene) -> list[LabelledPair]:
    """A dub may keep the voice, and is mixed anew."""
    word = scene.rng.choice(_DUBS)
    b = scene.tagged(word.format(scene.book.artist()) if "{}" in word else word)
    return _pair(scene, scene.title, b, "a dub is another mix")


def other_language(scene: Scene) -> list[LabelledPair]:
    """Two language versions, both named."""
    one, other = scene.rng.sample(("English Version", "Spanish Version", "Japanese Version", "French Version",
                                   "Korean Version", "German Version", "Italian Version"), 2)  # fmt: skip
    b = with_version(scene.title, other, scene.bare_mark(), scene.rng)
    return _pair(scene, scene.tagged(one), b, "two language versions, each named")


def medley(scene: Scene) -> list[LabelledPair]:
    """A medley that begins with the song."""
    other, word = scene.book.other_title(scene.title), scene.rng.choice(scene.language.medley)
    forms = ("{t} / {o}", "{w}: {t} / {o}", "{t} / {o} ({w})", "{t} + {o}", "{w}: {t}, {o}", "{t} ({w})")
    b = scene.rng.choice(forms).format(t=scene.title, o=other, w=word)
    return _pair(scene, scene.title, scene.marked(b), "a medley, not the song")


def intro(scene: Scene) -> list[LabelledPair]:
    """An intro, an interlude, a reprise."""
    word, other = scene.rng.sample(_INTROS, 2)
    number = scene.rng.choice((2, 3))
    choices = [
        (word, scene.marked(other)),
        (word, scene.marked(f"{word} Pt. {number}")),
        (f"{word} {number}", scene.marked(word)),
        (scene.title, scene.marked(scene.rng.choice(_INTRO_STYLES[:3]).format(t=scene.title, i=word))),
    ]
    a, b = scene.rng.choice(choices)
    return _pair(scene, a, b, "an intro, interlude or reprise")


def other_subtitle(scene: Scene) -> list[LabelledPair]:
    """One name with two subtitles, as movements and interludes have."""
    one, other = scene.book.other_title(scene.title), scene.book.other_title(scene.title)
    if not clearly_different(one, other):
        return []
    style = scene.rng.choice((" ({})", " ~{}~", ": {}", " - {}"))
    a, b = (scene.title + style.format(subtitle) for subtitle in (one, other))
    return _pair(scene, a, scene.marked(b), "one name, two subtitles")


def shared_remixer(scene: Scene) -> list[LabelledPair]:
    """Two songs by the same remixer: long equal tags, other names."""
    remixer = scene.book.artist()
    other = scene.book.other_title(scene.title)
    b = with_version(other, f"{remixer} Remix", scene.bare_mark(), scene.rng)
    return _pair(scene, scene.tagged(f"{remixer} Remix"), b, "two songs, one remixer")


FALSE_TYPES: tuple[Callable[[Scene], list[LabelledPair]], ...] = (
    mark_in_song_name, song_named_like_a_mark, both_sung, both_instrumental, short_names, near_names,
    one_word_replaced, one_word_more, words_in_other_order, other_song_same_length, other_part, other_number,
    remix_of_the_instrumental, remix_of_the_original, other_remixer, version_on_one_side, other_concert,
    other_version, other_arrangement, television_size, cut_down, kept_voices, cover_by_label,
    cover_listed_with_the_singer, other_artist, same_name_other_id, other_guest, duration_off, dub, other_language,
    medley, intro, other_subtitle, shared_remixer,
)  # fmt: skip
