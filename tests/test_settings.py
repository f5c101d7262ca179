"""How settings are read from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from heropixel.settings import Settings


@pytest.mark.parametrize("variable", ["HEROPIXEL_PORT", "heropixel_port", "Heropixel_Port"])
def test_a_variable_is_read_in_any_letter_case(variable: str) -> None:
    assert Settings.of({variable: "8123"}).port == 8123


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.of({"HEROPIXEL_PORT": "", "HEROPIXEL_DIRECTORY_URL": ""}) == Settings()


@pytest.mark.parametrize(("written", "is_"), [("true", True), ("1", True), ("False", False), ("0", False)])
def test_yes_and_no_are_read_as_people_write_them(written: str, is_: bool) -> None:
    assert Settings.of({"HEROPIXEL_STORE_EMAILS": written}).store_emails is is_


def test_an_argument_overrides_the_environment_and_counts_as_set() -> None:
    settings = Settings.of({"HEROPIXEL_DATA": "/one", "HEROPIXEL_PORT": "1"}, data=Path("/other"))
    assert (settings.data, settings.port) == (Path("/other"), 1)
    assert settings.model_fields_set == {"data", "port"}


def test_variables_of_others_are_not_read() -> None:
    assert Settings.of({"PORT": "1", "HEROPIXEL_NOTHING": "1", "PATH": "/bin"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "many"), ("PORT", "70000"), ("KEY", "short"), ("ADDRESS_RATE", "nan")]
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.of({f"HEROPIXEL_{name}": value})
    assert [error["loc"] for error in refused.value.errors()] == [(name.lower(),)]
