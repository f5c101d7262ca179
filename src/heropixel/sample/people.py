"""The people of the sample world: customers from the file of users, and those who sign up. All of them are invented."""

from random import Random
from typing import Any, NamedTuple

from heropixel.sample.chance import Choice
from heropixel.sample.towns import Town


class SamplePerson(NamedTuple):
    """A person and what the sample app knows of them."""

    email: str
    external_id: str = ""  # of a customer; those who sign up have none yet
    city: str = ""


_FIRST = (
    "Agnes Aldo Amelie Andrea Anton Beatriz Bruno Camille Cecilia Chiara Clara Conrad Daniel Diego Eduardo Eleni "
    "Elias Emma Enzo Eva Fabian Filip Florence Freya Gabriel Giulia Greta Gustav Hannah Henrik Ida Ingrid Isabel "
    "Jakob Jelena Joana Joris Karin Kaspar Katja Klara Lars Laura Leonie Lotte Louis Lucia Magnus Manuel Marco "
    "Maria Marlene Martin Mateo Matilda Maxime Mirjam Nadia Niko Oliver Olivia Oskar Pablo Pauline Pia Priya "
    "Raphael Rasmus Renata Robin Rosalie Samuel Sandro Selma Simone Sofia Stefan Susanna Tara Teresa Thomas Tilda "
    "Tom Valentina Vera Victor Vincent Wanda Yuki Zoe"
)
_LAST = (
    "Ackermann Almeida Andersen Baumann Bergman Bianchi Blanc Bosch Brandt Brunner Carlsen Castro Chevalier Conti "
    "Dahl Dubois Egger Engel Ferrari Fontaine Frei Gallo Gerber Graf Greco Gruber Haas Hansen Hartmann Hofer Holm "
    "Iversen Jacobs Janssen Jensen Kaiser Kaufmann Koch Kowalski Kramer Lambert Larsson Lehmann Leroy Lindgren "
    "Lombardi Luciani Maier Marchand Marino Martins Mertens Moreau Moser Nielsen Nowak Olsen Ortega Patel Pereira "
    "Peters Pfister Ramos Reid Richter Ritter Roth Ruiz Santos Schmid Schneider Schuster Seidel Sommer Steiner "
    "Suter Svensson Vidal Walker Walter Wolf Wyss Zimmermann"
)
_HOSTS = ("example.net", "example.org", "mail.example.net")
_PLANS = Choice((("free", 62), ("basic", 22), ("pro", 16)))
_TEAMS = Choice((("1", 48), ("2-5", 30), ("6-20", 16), ("21-50", 6)))


class SignUps:
    """People who sign up, one after the other: the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._first, self._last = _FIRST.split(), _LAST.split()
        self._rng = Random(f"{seed}/people")  # noqa: S311 - a sample, no secret
        self._taken: dict[str, int] = {}  # how many people have each name

    def following(self, town: Town) -> SamplePerson:
        """The next person, who lives in this town."""
        name = f"{self._rng.choice(self._first)}.{self._rng.choice(self._last)}".lower()
        number = self._taken[name] = self._taken.get(name, 0) + 1
        mailbox = name if number == 1 else f"{name}{number}"
        return SamplePerson(f"{mailbox}@{self._rng.choice(_HOSTS)}", city=town.city)


def traits_at_sign_up(person: SamplePerson) -> dict[str, Any]:
    """What somebody wrote into the form: always the same of the same person."""
    rng = Random(person.email)  # noqa: S311 - a sample, no secret
    first, _, last = person.email.partition("@")[0].rstrip("0123456789").partition(".")
    return {
        "first_name": first.title(),
        "last_name": last.title(),
        "city": person.city,
        "plan": _PLANS.of(rng),
        "team": _TEAMS.of(rng),
    }
