"""Remixing: other instrumentals under the same vocals, nothing else."""

import torch

from training.remixing import Magnitudes, remix


def batch(count: int) -> Magnitudes:
    vocals = torch.arange(1.0, count + 1).reshape(-1, 1, 1, 1).expand(-1, 1, 2, 3)
    return Magnitudes(vocals + 10 * vocals, vocals, 10 * vocals)


def test_every_chosen_segment_gets_another_instrumental() -> None:
    torch.manual_seed(0)
    before, after = batch(5), remix(batch(5), share=1.0)
    assert torch.equal(after.vocals, before.vocals)
    assert (after.instrumental != before.instrumental).all()
    assert torch.equal(after.instrumental.sort(dim=0).values, before.instrumental)
    torch.testing.assert_close(after.mixture**2, after.vocals**2 + after.instrumental**2)


def test_a_share_is_left_as_it_is() -> None:
    torch.manual_seed(0)
    before, after = batch(200), remix(batch(200), share=0.25)
    changed = (after.mixture != before.mixture).flatten(1).any(dim=1)
    assert 30 < int(changed.sum()) < 70
    assert torch.equal(after.mixture[~changed], before.mixture[~changed])


def test_nothing_to_remix_with() -> None:
    for single, share in ((batch(1), 1.0), (batch(3), 0.0)):
        assert remix(single, share) is single
