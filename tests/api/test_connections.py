"""A page of a list and the count of the list agree, also while rows are added."""

import pytest

from heropixel.api.connections import ListAnswer, ListPage


class Numbers(ListAnswer):
    LIST = "numbers"
    EMPTY = "No numbers"


@pytest.mark.parametrize(
    ("rows", "first", "after", "counted", "told"),
    [
        ([1, 2], 5, None, 2, 2),
        ([1, 2], 5, None, 3, 2),  # one was added after the rows were read
        ([1, 2], 5, None, 1, 2),  # one was added after they were counted
        ([], 5, None, 1, 0),
        ([1, 2, 3], 2, None, 2, 3),
        ([1, 2, 3], 2, None, 9, 9),
        ([4], 2, 3, 9, 9),
        ([1, 2], 5, None, None, None),
    ],
)
def test_nodes_and_total_count_agree_while_rows_load(
    rows: list[int], first: int, after: int | None, counted: int | None, told: int | None
) -> None:
    answer = Numbers.of(rows, ListPage("numbers", first, after), counted, int)
    assert answer.total_count == told
    assert len(answer.nodes or []) == min(len(rows), first)
