"""How many votes close a visit; added signatures belong to their seat."""

import pytest

from templates_engine.approvers.modes import needed
from tickets.rules.quorum import Vote, complete, enough


@pytest.mark.parametrize(
    ("mode", "seats", "yeses"),
    [
        ("any", 1, 1), ("any", 200, 1), ("all", 1, 1), ("all", 7, 7), ("sequence", 1, 1), ("sequence", 5, 5),
        ("any", 0, 1), ("all", 0, 1), ("sequence", 0, 1),
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


def votes(*seats: str) -> list[Vote]:
    """`a` pending, `a+` yes, `b<a` added to a, `b<a+` added and yes."""
    found = []
    for seat in seats:
        name, _, above = seat.rstrip("+").partition("<")
        found.append(Vote(name, above or None, seat.endswith("+")))
    return found


@pytest.mark.parametrize(
    ("seats", "done"),
    [
        ([], set()),
        (["a"], set()),
        (["a+"], {"a"}),
        (["a+", "b<a"], set()),
        (["a", "b<a+"], {"b"}),
        (["a+", "b<a+"], {"a", "b"}),
        (["a+", "b<a+", "c<b"], set()),
        (["a+", "b<a+", "c<b+"], {"a", "b", "c"}),
        (["a+", "b<a+", "c<a"], {"b"}),
        (["a+", "x<gone+"], {"a", "x"}),
    ],
)
def test_a_seat_is_complete_with_every_signature_added_to_it(seats, done) -> None:
    assert complete(votes(*seats)) == done


@pytest.mark.parametrize(
    ("mode", "seats", "closes"),
    [
        ("any", [], False), ("all", [], False), ("sequence", [], False), ({"ratio": 0.5}, [], False),
        ("any", ["a", "b+"], True), ("any", ["a+", "x<a", "b"], False), ("any", ["a+", "x<a", "b+"], True),
        ("all", ["a+", "b"], False), ("all", ["a+", "b+"], True), ("all", ["a+", "b+", "x<b"], False),
        ("sequence", ["a+", "b+", "c"], False), ("sequence", ["a+", "b+", "c+"], True),
        # An added signature is no base seat: it neither counts for the ratio nor makes it harder.
        ({"ratio": 0.5}, ["a+", "b", "x<a+", "y<a+"], True), ({"ratio": 0.5}, ["a", "b", "x<a+", "y<a+"], False),
        ({"ratio": 0.6}, ["a+", "b+", "c", "x<c+"], True), ({"ratio": 0.6}, ["a+", "b+", "c", "x<b"], False),
        ("any", ["x<gone+"], False),
    ],
)  # fmt: skip
def test_enough_counts_complete_base_seats(mode, seats, closes) -> None:
    assert enough(mode, votes(*seats)) is closes
