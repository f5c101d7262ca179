"""Ids as spreadsheets, floats and keyboards leave them: nobody gets another person's."""

import pytest

from heropixel.errors import Refusal
from heropixel.identity.identifiers import Claims, normalise_phone

# As a spreadsheet or a program writes a number whose digits it has lost.
ROUNDED = [
    "7.01E+12",
    "7,01E+12",
    "7E+12",
    "9.00719925474099E+15",
    "9.007199254740992E15",
    "1e+21",
    "9007199254740993.0",
]


@pytest.mark.parametrize("number", ROUNDED)
def test_an_id_that_a_spreadsheet_or_a_float_has_rounded_is_refused(number: str) -> None:
    for field in ("external_id", "visitor_id", "phone"):
        with pytest.raises(Refusal, match="whose last digits are lost"):
            Claims.parse(**{field: number})


@pytest.mark.parametrize("id_", ["1e5", "12e5", "9007199254740993", "123456789012345678901234567890", "1.5", "7.01E"])
def test_a_number_with_all_its_digits_is_an_id(id_: str) -> None:
    assert Claims.parse(external_id=id_).external_id == id_


@pytest.mark.parametrize("written", ["'00123", '="00123"', " '00123 ", "00123\u200b", "\ufeff00123"])
def test_the_marks_of_a_text_in_a_spreadsheet_are_no_part_of_an_id(written: str) -> None:
    assert Claims.parse(external_id=written).external_id == "00123"


def test_an_id_is_the_same_in_each_form_of_unicode() -> None:
    assert Claims.parse(external_id="Mu\u0308ller") == Claims.parse(external_id="M\u00fcller")


def test_a_telephone_number_may_be_copied_with_marks_of_direction() -> None:
    assert normalise_phone("\u202a+41 79\u00a0123 45 67\u202c") == "+41791234567"
    assert normalise_phone('="+41791234567"') == normalise_phone("'+41791234567") == "+41791234567"
