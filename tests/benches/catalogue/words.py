"""Words of several scripts, from which titles, albums and names of artists are made.

Most are syllables put together, so that a vocabulary has tens of thousands of words; they mean nothing, and none of
them is a word that says anything about a recording ("live", "demo", "mono").
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_COMMON = """
    love night heart you the me my of a in to and fire dance baby time home dream girl summer rain blue moon light
    world never forever again away down up on eyes day sun star life good lost high young wild free sweet black white
    gold river road city street boy king queen angel devil money game run fall rise burn break hold wait stay tonight
    morning ocean sky water shadow mirror ghost paper glass stone silver winter spring autumn november sunday friday
    amor corazón vida noche luna sol bésame mañana canción saudade coração você nuit jour l'amour été rêve Liebe Herz
    Nacht Straße Mädchen schön cuore notte sempre kärlek sommar hjärta żal noc miłość
"""
_SAYING_SOMETHING = """
    live demo mono stereo remix edit mix solo vocal vocals version versión original cover inst ins beat beats dub tag
    intro outro part take year album single radio club extended acoustic remaster base pista komp mute coro
"""
_LATIN = (
    "b c d f g h j k l m n p r s t v w z br cl dr fl gr kr pl pr sh st th tr",
    "a e i o u ai ea ou",
    "- - - n r s l m",
)
_ACCENTED = str.maketrans("aeiou", "áéíöü")
_ACCENTED_SHARE = 0.06
_SCRIPTS: dict[str, tuple[float, str, str, str]] = {
    "ja": (
        0.05,
        "愛 夢 夜 空 恋 花 風 星 光 雨 涙 君 心 海 桜 月 春 夏 秋 冬 朝 今 日 明 世 界 時 ひ か り キ ミ ハ ナ ユ メ",
        "",
        "インスト",
    ),
    "ko": (
        0.03,
        "사 랑 밤 하 늘 꿈 별 바 람 너 나 의 마 음 봄 여 름 가 을 겨 울 눈 물 이 별 그 대 우 리 시 간 오 늘 내 일",
        " ",
        "인스트",
    ),
    "zh": (
        0.025,
        "爱 情 天 空 月 亮 红 豆 城 里 故 事 花 海 风 雨 星 河 时 光 少 年 远 方 晴 梦 想 你 我 他 春 江 水 雪 山 歌",
        "",
        "伴奏",
    ),
    "ru": (0.02, "ла на ро ве те ни ка сне ми до го лю бо зи мо ре", " ", "инструментал"),
    "ar": (0.015, "حب ليل قلب نور يا حيا عمر سما قمر روح", " ", "Instrumental"),
    "el": (0.01, "κα ρδι αγά πη νύ χτα φως θά λα σσα", " ", "Instrumental"),
}
"""Share of songs, syllables, what stands between words, and the script's own word for an instrumental."""
LANGUAGES = ("en", *_SCRIPTS)
_SHIFT = 8.0
_NUM_LATIN, _NUM_OTHER = 24_000, 1_500
_LATIN_LANGUAGES = ("en", "es", "pt", "fr", "de", "it")


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Words by script; script 0 is Latin, the others follow `LANGUAGES`.

    Attributes
    ----------
    words
        All words; those of script `i` stand from `starts[i]` to `starts[i + 1]`.
    shares
        Share of songs in each script.
    """

    words: pa.StringArray
    starts: NDArray[np.int64]
    shares: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, script: NDArray[np.int64]) -> NDArray[np.int64]:
        """Draw a word for each script number: common ones often, by Zipf's law with Mandelbrot's shift."""
        sizes = np.diff(self.starts)[script]
        ranks = np.exp(rng.random(len(script)) * np.log1p(sizes / _SHIFT)) * _SHIFT - _SHIFT
        drawn: NDArray[np.int64] = self.starts[script] + np.minimum(ranks.astype(np.int64), sizes - 1)
        return drawn


def vocabulary() -> Vocabulary:
    """Make the vocabulary, the same every time."""
    rng = np.random.default_rng(20_130)
    lists = [_latin(rng)] + [_of_syllables(rng, syllables.split()) for _, syllables, _, _ in _SCRIPTS.values()]
    others = np.array([share for share, *_ in _SCRIPTS.values()])
    return Vocabulary(
        words=pa.array([word for found in lists for word in found]),
        starts=np.concatenate([[0], np.cumsum([len(found) for found in lists])]),
        shares=np.concatenate([[1 - others.sum()], others]),
    )


def gaps() -> pa.StringArray:
    """Give what stands between the words of each script."""
    return pa.array([" ", *(gap for _, _, gap, _ in _SCRIPTS.values())])


def own_words_for_instrumental() -> pa.StringArray:
    """Give each script's own word for an instrumental."""
    return pa.array(["Instrumental", *(word for *_, word in _SCRIPTS.values())])


def languages(script: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each song a language: number within `language_codes`."""
    return np.where(script == 0, number % len(_LATIN_LANGUAGES), script + len(_LATIN_LANGUAGES) - 1)


def language_codes() -> pa.StringArray:
    """Codes that `languages` numbers."""
    return pa.array([*_LATIN_LANGUAGES, *_SCRIPTS])


def _latin(rng: np.random.Generator) -> list[str]:
    onsets, nuclei, codas = (part.replace("-", "").split(" ") for part in _LATIN)
    telling = frozenset(_SAYING_SOMETHING.split())
    found = dict.fromkeys(word[0].upper() + word[1:] for word in _COMMON.split())
    while len(found) < _NUM_LATIN:
        syllables = [
            onsets[rng.integers(len(onsets))] + nuclei[rng.integers(len(nuclei))] + codas[rng.integers(len(codas))]
            for _ in range(int(rng.integers(2, 4)))
        ]
        word = "".join(syllables)
        if rng.random() < _ACCENTED_SHARE:
            word = word.translate(_ACCENTED)
        if word not in telling:
            found[word.capitalize()] = None
    return list(found)


def _of_syllables(rng: np.random.Generator, syllables: list[str]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < _NUM_OTHER:
        picked = rng.integers(len(syllables), size=int(rng.integers(2, 5)))
        found["".join(syllables[at] for at in picked)] = None
    return list(found)
