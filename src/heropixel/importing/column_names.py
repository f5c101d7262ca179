"""Which columns of a file identify a person: the names that mail tools, shops and address books give them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from heropixel.troubles import FileUnusable

TRAIT = "trait"  # what the operator may call a column that names nobody, though its name says so

_SEVERAL = ("email", "phone")  # the identifiers of which a row may give more than one


class ColumnNames:
    """The identifiers that the columns of a file hold: by the usual names, and by those that the operator gave."""

    def __init__(self, identifiers: Collection[str], chosen: Mapping[str, str], others: Collection[str] = ()) -> None:
        """`chosen` says by column what the operator says that it holds: an identifier, or one of the `others`."""
        self._identifiers = frozenset(identifiers)
        self._chosen = {_folded(column): (column, meant) for column, meant in chosen.items()}
        self._others = frozenset(others)
        self._known: dict[str, str] = {}

    def identifier_of(self, column: str) -> str:
        """The identifier that a column holds; empty where it holds none."""
        found = self._known.get(column)
        if found is None:
            found = self._known[column] = self._look_up(column)
        return found

    def _look_up(self, column: str) -> str:
        chosen = self._chosen.get(_folded(column))
        meant = chosen[1] if chosen else usual_meaning(column)
        return meant if meant in self._identifiers else ""

    def renamed(self, column: str) -> str:
        """The name of a column that is no identifier: as the operator gave it, else in lower case."""
        chosen = self._chosen.get(_folded(column))
        return chosen[1] if chosen else _folded(column)

    def check(self, path: Path, columns: Sequence[str]) -> None:
        """Refuse a file that identifies nobody, or with two columns for one identifier. JSON Lines has no columns.

        Raises:
            FileUnusable: the message says which column, and how to say what it holds.
        """
        self._check_chosen(path, columns)
        counts = Counter(identifier for column in columns if (identifier := self.identifier_of(column)))
        if columns and not counts:
            wanted = ", ".join(sorted(self._identifiers))
            next_step = f'Say which one does, for example with --column "{columns[0][:60]}"=email'
            if any("@" in column for column in columns):
                next_step = "Its first line has to name the columns"
            why = f"none of its columns ({', '.join(columns)[:200]}) is known to hold one of {wanted}. {next_step}"
            raise FileUnusable(path=path, why=why)
        for identifier, count in counts.items():
            if count > 1 and identifier not in _SEVERAL:
                names = [column for column in columns if self.identifier_of(column) == identifier]
                raise FileUnusable(
                    path=path,
                    why=f"{count} of its columns are {identifier} ({', '.join(names)[:200]}). Say which one is not, for"
                    f' example with --column "{names[-1][:60]}"={TRAIT}',
                )

    def _check_chosen(self, path: Path, columns: Sequence[str]) -> None:
        there = {_folded(column) for column in columns}
        for folded, (column, meant) in self._chosen.items():
            if columns and folded not in there:
                names = ", ".join(columns)[:200]
                raise FileUnusable(path=path, why=f'it has no column "{column}" (--column); it has {names}')
            possible = sorted(self._identifiers | self._others | {TRAIT})
            if meant not in possible:
                raise FileUnusable(
                    path=path, why=f'--column "{column}"={meant} is not possible: give one of {", ".join(possible)}'
                )


def _folded(column: str) -> str:
    return column.strip().casefold()


def usual_meaning(column: str) -> str:
    """The identifier that a column of this name usually holds; empty where there is none."""
    squeezed = _squeezed(column)
    return _MEANINGS.get(squeezed) or _MEANINGS.get(_NUMBER.sub("", squeezed, count=1), "")


def _squeezed(column: str) -> str:
    """Lower case, without accents, and without all characters but letters and digits."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", column.casefold())))


_NUMBER = re.compile(r"(?<=[a-z])[1-9](?!\d)")  # the second address is in "Email 2", or in "E-mail 2 Address"

_NAMES: Mapping[str, str] = {
    "external_id": "external_id|external identifier",
    # Columns with a list of them, as `heropixel users export` writes.
    "emails": "emails",
    "phones": "phones",
    # The algorithm stands in the name, before or after that of the email.
    "md5": "md5|email md5|md5 email|md5 hash|md5 of email|hashed email md5|email hash md5",
    "sha1": "sha1|email sha1|sha1 email|sha1 hash|sha1 of email|hashed email sha1|email hash sha1",
    "sha256": "sha256|email sha256|sha256 email|sha256 hash|sha256 of email|hashed email sha256|email hash sha256",
    "email": """
        email|mail|email address|mail address|email addr|email ID|primary email|primary email address|contact email
        |customer email|user email|subscriber email|subscriber email address|your email|your email address
        |work email|personal email|private email|billing email|billing email address|email value|email home
        |email work|email personal
        |E-Mail-Adresse|Mailadresse|E-Mail privat|E-Mail geschäftlich|E-Mail-Adresse privat
        |Kontakt-E-Mail|Rechnungs-E-Mail
        |courriel|adresse e-mail|adresse mail|adresse courriel|adresse de courriel|adresse électronique
        |adresse de messagerie
        |adresse de courrier électronique|courrier électronique|mél|e-mail professionnel|e-mail personnel
        |correo electrónico|correo|dirección de correo electrónico|dirección de correo|dirección de e-mail
        |dirección e-mail|dirección electrónica
        |indirizzo e-mail|indirizzo mail|indirizzo di posta elettronica|indirizzo posta elettronica|posta elettronica
        |indirizzo di e-mail|indirizzo elettronico
        |endereço de e-mail|endereço e-mail|correio eletrônico|correio electrónico|endereço eletrônico
        |endereço electrónico
        |endereço de correio eletrônico|endereço de correio electrónico
        |e-mailadres|mailadres
        |e-mailadresse|e-postadresse|e-postadress|e-post|epost|sähköposti|sähköpostiosoite|adres e-mail|adres mailowy
        |e-mailová adresa|e-posta|e-posta adresi
    """,
    "phone": """
        phone|phone number|phone no|telephone|telephone number|telephone no|tel|tel no|mobile|mobile phone|mobile number
        |mobile phone number|mobile no|phone mobile|cell|cell phone|cell number|cell phone number|cellphone
        |contact phone|primary phone|primary phone number|customer phone|your phone|your phone number|phone value|sms
        |sms number|sms phone number|whatsapp|whatsapp number|msisdn|default address phone|billing phone
        |Telefon|Telefonnummer|Telefon-Nr|Tel-Nr|Rufnummer|Handy|Handynummer|Handy-Nr|Mobil|Mobilnummer|Mobiltelefon
        |Mobiltelefonnummer|Mobilfunk|Mobilfunknummer|Telefon mobil|Telefon Handy|Natel
        |téléphone|numéro de téléphone|no de téléphone
        |n de téléphone|no de teléfono|numéro téléphone|tél|tél mobile|tél portable|portable
        |téléphone portable|téléphone mobile|numéro de portable|numéro de mobile|numéro mobile
        |teléfono|número de teléfono|número teléfono|teléfono móvil|móvil|número de móvil|celular|número de celular
        |teléfono celular|tel móvil
        |telefono|numero di telefono|numero telefono|cellulare|numero di cellulare|numero cellulare|telefono cellulare
        |telefono mobile|tel cellulare
        |telefone|número de telefone|número telefone|telemóvel|número de telemóvel|telefone celular|telefone móvel
        |número do celular|número do telefone
        |telefoon|telefoonnummer|mobiel|mobiele telefoon|mobiel nummer|mobiele nummer|mobiel telefoonnummer
        |mobiele telefoonnummer|gsm|gsm-nummer
        |telefonnr|mobilnr|mobiltelefonnummer|puhelin|puhelinnumero|numer telefonu
    """,
}
_MEANINGS = {_squeezed(name): identifier for identifier, names in _NAMES.items() for name in names.split("|")}
