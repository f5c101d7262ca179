"""What the faults are judged by notices what is lost, false, or there twice."""

import pytest

from tests.cluster.faults.ledger import Ledger, Outcome, Said


def a_ledger() -> Ledger:
    ledger = Ledger()
    ledger.settle("ann", Said(Outcome.RECORDED, "user-1", is_linked=True))
    ledger.settle("ann-again", Said(Outcome.RECORDED, "user-1", is_linked=True))
    ledger.settle("nobody", Said(Outcome.RECORDED, None, is_linked=True))
    ledger.settle("refused", Said(Outcome.REFUSED, None, is_linked=False))
    ledger.settle("perhaps", Said(Outcome.UNKNOWN, None, is_linked=False))
    ledger.settle("gone", Said(Outcome.RECORDED, "user-2", is_linked=False))
    ledger.erased["gone@example.com"] = ["gone"]
    return ledger


RIGHT = [("ann", "11"), ("ann-again", "11"), ("nobody", "0"), ("", "0")]


def test_what_is_as_it_was_answered_is_right_and_counted() -> None:
    assert a_ledger().check(RIGHT)["answered 200"] == 4
    assert a_ledger().check([*RIGHT, ("perhaps", "0")])["linked"] == 2


WRONG = [
    (RIGHT[1:], "ann: answered 200, and there 0 times"),
    ([*RIGHT, RIGHT[0]], "ann: answered 200, and there 2 times"),
    ([*RIGHT, ("refused", "0")], "refused: surely not recorded, and there 1 times"),
    ([*RIGHT, ("perhaps", "0"), ("perhaps", "0")], "perhaps: not known, and there 2 times"),
    ([*RIGHT, ("stranger", "0")], "rows that nobody sent"),
    ([*RIGHT, ("gone", "12")], "gone: answered 200, and there 1 times"),
    (RIGHT[:3], "1 pageviews of the erased, 0 rows"),
    ([("ann", "12"), *RIGHT[1:]], "not linked as answered"),
    ([*RIGHT[:2], ("nobody", "11"), RIGHT[3]], "not linked as answered"),
    ([*RIGHT[:2], ("nobody", "13"), RIGHT[3]], "None"),
]


@pytest.mark.parametrize(("rows", "said"), WRONG)
def test_what_is_lost_false_or_there_twice_is_noticed(rows: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        a_ledger().check(rows)


def test_two_answers_to_one_event_id_have_to_be_alike() -> None:
    ledger = a_ledger()
    ledger.settle("ann", Said(Outcome.RECORDED, "user-3", is_linked=True))
    with pytest.raises(AssertionError, match="ann was answered user-1, and repeated user-3"):
        ledger.check(RIGHT)
