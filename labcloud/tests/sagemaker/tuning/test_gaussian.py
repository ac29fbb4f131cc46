"""The process explains what it knows, doubts what it does not, and hopes between the two."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labcloud.sagemaker.tuning.gaussian import fit

Floats = npt.NDArray[np.float64]


def a_wave(number: int = 12) -> tuple[Floats, Floats]:
    points = np.linspace(0, 1, number)[:, None]
    values = np.sin(6 * points[:, 0])
    return points, (values - values.mean()) / values.std()


def test_it_expects_at_a_point_what_was_found_there() -> None:
    points, values = a_wave()
    mean, deviation = fit(points, values, np.random.default_rng(1)).predict(points)
    assert np.abs(mean - values).max() < 0.05
    assert deviation.max() < 0.1


def test_it_expects_something_sensible_between_points() -> None:
    points, values = a_wave()
    between = (points[:-1] + points[1:]) / 2
    mean, _ = fit(points, values, np.random.default_rng(1)).predict(between)
    truth = np.interp(between[:, 0], points[:, 0], values)
    assert np.abs(mean - truth).max() < 0.3


def test_it_is_less_sure_far_from_what_it_knows() -> None:
    points, values = np.array([[0.0], [0.05], [0.1]]), np.array([-1.0, 0.0, 1.0])
    process = fit(points, values, np.random.default_rng(1))
    _, deviation = process.predict(np.array([[0.05], [0.9]]))
    assert deviation[1] > 3 * deviation[0]


def test_no_improvement_is_expected_where_the_value_is_known_to_be_bad() -> None:
    points, values = a_wave()
    process = fit(points, values, np.random.default_rng(1))
    hope = process.expected_improvement(points, float(values.min()))
    assert (hope >= 0).all()
    assert hope[int(np.argmax(values))] < 1e-6


def test_a_pending_point_is_no_longer_hoped_for() -> None:
    points, values = np.array([[0.0], [0.3], [1.0]]), np.array([0.5, -1.0, 0.5])
    process = fit(points, values, np.random.default_rng(1))
    asked = np.array([[0.6]])
    before = process.expected_improvement(asked, -1.0)
    after = process.with_beliefs(asked).expected_improvement(asked, -1.0)
    assert after[0] < before[0] / 10


def test_points_that_lie_on_each_other_are_borne() -> None:
    points, values = np.full((6, 3), 0.5), np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.1])
    mean, deviation = fit(points, values, np.random.default_rng(1)).predict(points[:1])
    assert np.isfinite([mean, deviation]).all()


def test_a_dimension_that_does_not_matter_gets_a_long_scale() -> None:
    random = np.random.default_rng(3)
    points = random.random((40, 2))
    values = np.sin(8 * points[:, 0])
    scales = fit(points, (values - values.mean()) / values.std(), random).scales
    assert scales[1] > 3 * scales[0]


def test_the_same_draws_give_the_same_process() -> None:
    points, values = a_wave()
    one, other = (fit(points, values, np.random.default_rng(5)) for _ in range(2))
    assert (one.scales == other.scales).all() and one.noise == other.noise
