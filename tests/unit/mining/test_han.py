"""Han characters in one spelling; and the hashes that name artists and titles stay what they are."""

import polars as pl
import pytest

from mining.han import one_script


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [("愛情轉機站", "爱情转机站"), ("夢", "梦"), ("第二章", "第2章"), ("龍門客棧 Pt. 2", "龙门客栈 Pt. 2")],
)
def test_two_ways_to_write_are_one(written: str, otherwise: str) -> None:
    both = pl.DataFrame({"text": [written, otherwise]}).select(one_script(pl.col("text")))["text"]
    assert both[0] == both[1]


@pytest.mark.parametrize("text", ["Lantern", "さくら", "한강", "Ёлка", "人 入"])
def test_everything_else_stays(text: str) -> None:
    assert pl.select(one_script(pl.lit(text))).item() == text


def test_hashes_are_the_same_on_every_machine() -> None:
    """Slices of a catalogue are keyed on different workers. Where this changes, stages must raise their version."""
    assert pl.Series(["queen", "안녕"]).hash(seed=0).to_list() == [16422274351388243697, 3820276590189461039]
