"""What scores are worth."""

import numpy as np
import pytest

from pulse.evaluation.figures import (
    auc,
    balanced,
    calibration_error,
    logistic,
    logistic_scores,
    strict_threshold,
    threshold,
)

TRUTH = np.array([True, True, False, False])


def test_a_perfect_order_is_one_and_ties_are_a_half() -> None:
    assert auc(np.array([0.9, 0.8, 0.2, 0.1]), TRUTH) == 1.0
    assert auc(np.array([0.1, 0.2, 0.8, 0.9]), TRUTH) == 0.0
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), TRUTH) == 0.5
    assert auc(np.array([0.9, 0.3, 0.3, 0.1]), TRUTH) == 0.875


def test_balanced_accuracy_does_not_care_how_many_are_true() -> None:
    truth = np.array([True] * 9 + [False])
    assert balanced(np.ones(10), truth, 0.5) == 0.5
    assert balanced(np.array([0.9] * 9 + [0.1]), truth, 0.5) == 1.0


def test_a_threshold_is_the_best_over_all_sets() -> None:
    one = (np.array([0.9, 0.8, 0.3, 0.2]), TRUTH)
    other = (np.array([0.7, 0.6, 0.4, 0.1]), TRUTH)
    assert 0.4 < threshold([one, other]) <= 0.6


def test_a_calibrated_probability_has_no_error() -> None:
    truth = np.array([True] * 3 + [False])
    assert calibration_error(np.full(4, 0.75), truth) == pytest.approx(0.0)
    assert calibration_error(np.full(4, 0.25), truth) == pytest.approx(0.5)
    assert calibration_error(np.ones(4), np.ones(4, dtype=bool)) == 0.0


def test_a_regression_learns_which_feature_tells() -> None:
    chance = np.random.default_rng(1)
    features = chance.normal(size=(400, 3))
    truth = features[:, 1] > 0.3
    weights = logistic(features, truth)
    assert auc(logistic_scores(features, weights), truth) > 0.99
    assert abs(weights[1]) > 10 * abs(weights[0])


def test_a_strict_threshold_lets_few_false_texts_of_every_set_through() -> None:
    one = (np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, False, False]))
    other = (np.array([0.95, 0.5]), np.array([False, False]))
    assert strict_threshold([one], 0.0) > 0.8
    assert 0.7 < strict_threshold([one], 0.34) <= 0.8
    assert strict_threshold([one, other], 0.0) > 0.95
    assert strict_threshold([one], 1.0) == 0.0
