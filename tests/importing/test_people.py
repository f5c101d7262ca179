"""Files of people are taken as mail tools and spreadsheets write them, in the languages of their users."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from sqlalchemy import select

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.people import all_people
from heropixel.directory.tables import suppressions
from heropixel.identity.identifiers import Index
from heropixel.importing.column_names import usual_meaning
from heropixel.importing.suppressions import import_suppressions
from heropixel.importing.users import ImportedUsers, import_users
from heropixel.troubles import FileUnusable
from tests.world import new_directory

INDEX = Index(b"k" * 32)
NONE: Mapping[str, str] = {}


class Place(NamedTuple):
    """A directory with an app, and a file to be imported into it."""

    directory: Directory
    app: int
    file: Path

    def users(self, content: str | bytes, chosen: Mapping[str, str] = NONE) -> ImportedUsers:
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_users(self.file, self.directory, INDEX, self.app, lambda: 100, lambda *_: None, chosen=chosen)

    def suppressed(self, content: str, chosen: Mapping[str, str] = NONE) -> list[str]:
        self.file.write_text(content)
        import_suppressions(self.file, self.directory, INDEX, self.app, lambda: 100, lambda *_: None, chosen)
        rows = self.directory.connection.execute(select(suppressions.c.value)).scalars()
        return sorted(filter(None, rows))

    def people(self) -> list[tuple[list[str], list[str], dict[str, object]]]:
        """The addresses, phones and traits of all people."""
        listed = all_people(self.directory.connection, self.app)
        return [([*each.emails], [*each.phones], msgspec.json.decode(each.user.traits or "{}")) for each in listed]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    directory = new_directory(tmp_path)
    with directory.writing() as connection:
        app = app_number(connection, create_app(connection, "Test", now=1).app_id)
    yield Place(directory, app, tmp_path / "people.csv")
    directory.close()


@pytest.mark.parametrize(
    ("identifier", "columns"),
    [
        ("email", "email|Email Address|E-mail Address|EMAIL|e_mail|Subscriber Email|Primary Email"),
        (
            "email",
            "E-mail 1 - Value|Email 2|E-mail 2 Address",
        ),
        ("email", "E-Mail|E-Mail-Adresse|Mailadresse|Email-Adresse"),
        ("email", "Adresse e-mail|Adresse email|Courriel|Adresse de messagerie|Adresse électronique|ADRESSE MAIL"),
        ("email", "Correo electrónico|Correo electronico|Dirección de correo electrónico|Correo"),
        ("email", "Indirizzo email|Indirizzo e-mail|Indirizzo di posta elettronica|Posta elettronica"),
        ("email", "Endereço de e-mail|Endereço de email|Correio eletrônico|Correio eletrónico"),
        ("email", "E-mailadres|Emailadres|E-mail adres|Mailadres"),
        ("phone", "phone|Phone Number|Mobile Phone|Mobile|SMS|Telephone|Phone 1 - Value|Cell phone"),
        ("phone", "Telefon|Telefonnummer|Tel.|Handy|Handynummer|Mobilnummer|Mobiltelefon|Rufnummer"),
        ("phone", "Téléphone|Numéro de téléphone|N° de téléphone|Téléphone portable|Portable|Tél."),
        ("phone", "Teléfono|Número de teléfono|Nº de teléfono|Teléfono móvil|Móvil|Celular"),
        ("phone", "Telefono|Numero di telefono|Cellulare|Numero di cellulare"),
        ("phone", "Telefone|Número de telefone|Telemóvel|Celular"),
        ("phone", "Telefoon|Telefoonnummer|Mobiel nummer|Mobiele telefoon|GSM"),
        ("external_id", "external_id|externalId|External ID"),
        ("sha256", "sha256|SHA-256|email_sha256|SHA256 Email"),
        ("md5", "md5|Email MD5"),
        ("", "Email status|Email opt-in|Name|Zip|Phone type|MERGE1|Company|id|Address|Adresse|Mail sent"),
    ],
)
def test_the_usual_columns_of_mail_tools_are_known(identifier: str, columns: str) -> None:
    assert {column: usual_meaning(column) for column in columns.split("|")} == dict.fromkeys(
        columns.split("|"), identifier
    )


def test_an_export_of_mailchimp_is_taken(place: Place) -> None:
    imported = place.users(
        '"Email Address","First Name","Phone Number",MEMBER_RATING,NOTES,TAGS\n'
        'anna@example.com,Anna,"+41 79 123 45 67",4,,"""vip"",""2024"""\n'
    )
    assert (imported.created, imported.rejections.rejected) == (1, 0)
    ((emails, phones, traits),) = place.people()
    assert (emails, phones) == (["anna@example.com"], ["+41791234567"])
    assert {"First Name": "Anna", "TAGS": '"vip","2024"'}.items() <= traits.items()


def test_a_template_with_repeated_columns_gives_all_addresses_of_a_person(place: Place) -> None:
    place.users(
        "Email,First Name,Country,Zip,Email,Zip,Phone,Phone\n"
        "anna@example.com,Anna,CH,8000,anna@work.example,8001,+41791234567,\n"
        "ben@example.com,Ben,CH,,,,,+41791234568\n"
    )
    assert [(emails, phones) for emails, phones, _ in place.people()] == [
        (["anna@example.com", "anna@work.example"], ["+41791234567"]),
        (["ben@example.com"], ["+41791234568"]),
    ]


def test_rows_of_a_spreadsheet_that_end_early_are_taken(place: Place) -> None:
    imported = place.users("email,name,,\r\nanna@example.com,Anna,,\r\nben@example.com\r\n")
    assert (imported.created, imported.rejections.rejected) == (2, 0)
    assert [traits for _, _, traits in place.people()] == [{"name": "Anna"}, {}]


def test_an_unknown_column_is_named_by_the_operator(place: Place) -> None:
    file = "Contact;Firma\nanna@example.com;Acme\n"
    with pytest.raises(FileUnusable, match='--column "Contact"=email'):
        place.users(file)
    assert place.users(file, {"contact": "email"}).created == 1
    assert place.people() == [(["anna@example.com"], [], {"Firma": "Acme"})]


def test_a_column_may_be_kept_as_a_trait(place: Place) -> None:
    place.users("email,Mobile\nanna@example.com,yes\n", {"Mobile": "trait"})
    assert place.people() == [(["anna@example.com"], [], {"Mobile": "yes"})]


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"E-Mial": "email"}, 'it has no column "E-Mial" (--column); it has Contact, email'),
        ({"Contact": "emial"}, '--column "Contact"=emial is not possible: give one of email, emails, external_id'),
    ],
)
def test_a_column_that_is_named_wrongly_is_said(place: Place, chosen: dict[str, str], why: str) -> None:
    with pytest.raises(FileUnusable) as trouble:
        place.users("Contact,email\nx,anna@example.com\n", chosen)
    assert why in trouble.value.message


def test_two_columns_for_one_external_id_are_refused_with_the_way_out(place: Place) -> None:
    file = "external_id,External ID\na-1,b-1\n"
    with pytest.raises(FileUnusable, match=r'2 of its columns are external_id .*--column "External ID"=trait'):
        place.users(file)
    assert place.users(file, {"External ID": "trait"}).created == 1


@pytest.mark.parametrize("phone", ["079 123 45 67", "12", "+41", "call the office"])
def test_an_unusable_phone_costs_the_phone_not_the_person(place: Place, phone: str) -> None:
    imported = place.users(f"email,phone\nanna@example.com,{phone}\n,{phone}\n")
    assert (imported.created, imported.rejections.rejected) == (1, 1)
    assert sum(imported.rejections.remarks.values()) == 1
    assert place.people() == [(["anna@example.com"], [], {})]


def test_what_was_read_as_windows_1252_is_told(place: Place) -> None:
    imported = place.users("email;name\nzoe@example.com;Zoë\n".encode("cp1252"))
    assert imported.rejections.read_as == "Windows-1252"
    assert place.people() == [(["zoe@example.com"], [], {"name": "Zoë"})]


def test_suppressions_know_the_same_columns(place: Place) -> None:
    assert place.suppressed(
        "E-Mail-Adresse;Handy;E-Mail 2;Grund\nanna@example.com;unbekannt;anna@work.example;Bounce\n",
        {"Grund": "reason"},
    ) == ["anna@example.com", "anna@work.example"]
    (reason,) = set(place.directory.connection.execute(select(suppressions.c.reason)).scalars())
    assert reason == "Bounce"


@pytest.mark.parametrize("nothing", ["NULL", "\\N", "#N/A"])
def test_what_databases_write_for_nothing_is_nothing(place: Place, nothing: str) -> None:
    imported = place.users(f"email,phone,plan\nanna@example.com,{nothing},{nothing}\nben@example.com,,Null Island\n")
    assert (imported.created, imported.rejections.rejected) == (2, 0)
    assert place.people() == [(["anna@example.com"], [], {}), (["ben@example.com"], [], {"plan": "Null Island"})]
