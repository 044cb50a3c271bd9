"""Han characters in one spelling: traditional and simplified Chinese are one in the keys that matching compares.

Catalogues of Taiwan and Hong Kong write 愛情轉機站, those of the mainland 爱情转机站. Each character goes by itself, as
OpenCC's table has it; Japanese titles change alike on both sides. Counted parts are written in digits: 第二章 is 第2章.
"""

from functools import cache

import opencc
import polars as pl

_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
_COUNTED = {f"第{numeral}": f"第{number}" for number, numeral in enumerate("一二三四五六七八九十", start=1)}


def one_script(text: pl.Expr) -> pl.Expr:
    """Write the Han characters of texts one way."""
    spellings = _spellings()
    return text.str.replace_many(list(spellings), list(spellings.values()), leftmost=True)


@cache
def _spellings() -> dict[str, str]:
    simplified = opencc.OpenCC("t2s").convert
    characters = (chr(code) for block in _HAN for code in block)
    pairs = ((character, simplified(character)) for character in characters)
    return _COUNTED | {character: same for character, same in pairs if same != character and len(same) == 1}
