"""How many yeses close a visit."""

import pytest

from tickets.nodes.approval import needed


@pytest.mark.parametrize(
    ("mode", "seats", "yeses"),
    [
        ("any", 1, 1), ("any", 200, 1), ("all", 1, 1), ("all", 7, 7), ("sequence", 5, 1),
        ({"ratio": 0.5}, 1, 1), ({"ratio": 0.5}, 2, 1), ({"ratio": 0.5}, 3, 2), ({"ratio": 0.5}, 4, 2),
        ({"ratio": 0.6}, 5, 3), ({"ratio": 0.6}, 10, 6), ({"ratio": 0.1}, 10, 1), ({"ratio": 0.3}, 10, 3),
        ({"ratio": 0.7}, 10, 7), ({"ratio": 0.33}, 3, 1), ({"ratio": 0.34}, 3, 2), ({"ratio": 1}, 3, 3),
        ({"ratio": 0.001}, 3, 1), ({"ratio": 0.001}, 1000, 1), ({"ratio": 0.57}, 100, 57), ({"ratio": 0.5}, 0, 1),
    ],
)  # fmt: skip
def test_quorum(mode, seats, yeses) -> None:
    assert needed(mode, seats) == yeses


@pytest.mark.parametrize("seats", range(1, 120))
def test_a_ratio_in_percent_never_asks_for_more_than_it_says(seats) -> None:
    for percent in range(1, 101):
        yeses = needed({"ratio": percent / 100}, seats)
        assert (yeses - 1) * 100 < percent * seats <= yeses * 100
