"""What scores are worth: ranking, balanced accuracy with a threshold from elsewhere, calibration. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]


def auc(scores: Scores, truth: Labels) -> float:
    """Return the probability that a true text scores above a false one, ties counted half (Hanley and McNeil 1982)."""
    order = np.concatenate([scores[truth], scores[~truth]])
    _, inverse, counts = np.unique(order, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    true, false = int(truth.sum()), int((~truth).sum())
    return float((ranks[:true].sum() - true * (true + 1) / 2) / (true * false))


def balanced(scores: Scores, truth: Labels, threshold: float) -> float:
    """Return the mean of the shares of true texts at or above a threshold and of false ones below it."""
    return float(((scores[truth] >= threshold).mean() + (scores[~truth] < threshold).mean()) / 2)


def threshold(sets: Sequence[tuple[Scores, Labels]]) -> float:
    """Return the threshold with the best mean balanced accuracy over sets."""
    candidates = np.unique(np.floor(np.concatenate([scores for scores, _ in sets]) * 1000) / 1000)
    return float(max(candidates, key=lambda value: np.mean([balanced(scores, truth, value) for scores, truth in sets])))


def strict_threshold(sets: Sequence[tuple[Scores, Labels]], most_false: float) -> float:
    """Return the lowest threshold that lets through at most the share `most_false` of the false texts of every set."""
    found = 0.0
    for scores, truth in sets:
        false = np.sort(scores[~truth])[::-1]
        allowed = int(most_false * len(false))
        if allowed < len(false):
            found = max(found, float(np.nextafter(false[allowed], np.inf)))
    return found


def calibration_error(probabilities: Scores, truth: Labels, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Naeini et al. 2015)."""
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            error += inside.mean() * abs(probabilities[inside].mean() - truth[inside].mean())
    return float(error)


def logistic(features: NDArray[np.float64], truth: Labels, rounds: int = 50) -> NDArray[np.float64]:
    """Return the weights, the last one the constant's, of a ridge logistic regression (Newton's method).

    Both classes weigh the same. `features` has a row for each text.
    """
    x = np.column_stack([features, np.ones(len(features))])
    y = truth.astype(np.float64)
    each = np.where(truth, 0.5 / max(1, truth.sum()), 0.5 / max(1, (~truth).sum())) * len(y)
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (each * (y - p)) - weights
        curvature = x.T @ (x * (each * p * (1 - p))[:, None]) + np.eye(x.shape[1])
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def logistic_scores(features: NDArray[np.float64], weights: NDArray[np.float64]) -> Scores:
    """Return the probabilities a logistic regression gives."""
    x = np.column_stack([features, np.ones(len(features))])
    return np.asarray(1 / (1 + np.exp(-x @ weights)))
