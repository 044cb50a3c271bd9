"""Calibration moves thresholds to the strict side only, and states a bound one can quote."""

import numpy as np
import pytest
from scipy.stats import binom

from mining.decisions import DecisionRules
from pipeline.calibrate import derive_rules, upper_bound


def _null(confidence: float = 0.0, residual: float = -0.1, rate: float = 0.46) -> list[dict[str, float]]:
    spread = np.linspace(-0.01, 0.01, 100)
    return [
        {"alignment_confidence": confidence, "local_residual_db": residual, "bit_error_rate": rate + step}
        for step in spread
    ]


def test_a_clean_null_leaves_the_defaults() -> None:
    rules = derive_rules(_null(), DecisionRules())
    assert rules.min_confidence == DecisionRules().min_confidence
    assert rules.max_residual_db == DecisionRules().max_residual_db
    assert rules.too_different_bit_error_rate == pytest.approx(0.451, abs=0.002)


def test_a_null_that_aligns_asks_for_more() -> None:
    rules = derive_rules(_null(confidence=0.6, residual=-24.0), DecisionRules())
    assert 0.6 < rules.min_confidence < 1.0
    assert -40.0 < rules.max_residual_db < -24.0


@pytest.mark.parametrize(("false", "total"), [(0, 20), (0, 3000), (3, 100), (50, 60)])
def test_the_bound_is_clopper_pearsons(false: int, total: int) -> None:
    assert binom.cdf(false, total, upper_bound(false, total)) == pytest.approx(0.05, abs=1e-9)


def test_all_false_bounds_nothing() -> None:
    assert upper_bound(5, 5) == 1.0
