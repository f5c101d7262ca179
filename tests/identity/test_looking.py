"""Many keys are looked up at once: each finds its own user, with all that is stored of that user."""

from heropixel.directory.tables import APP_SHIFT, users
from heropixel.directory.users import Found, User, find_by_keys, look_for, put_identifiers
from heropixel.identity.identifiers import NO_EMAIL, IdentifierKind
from tests.identity.resolving import INDEX, NOW, Place

TRAITS = (None, '{"city":"Zürich"}', '{"said":"\\"no\\"","line":"a\\u001eb\\nc"}', '{"nested":{"a":[1,2,null]}}')


def key(place: Place, value: str) -> bytes:
    return INDEX.key(place.app, IdentifierKind.EXTERNAL_ID, value.encode())


def test_each_key_finds_its_user_with_all_that_is_stored_of_them(place: Place) -> None:
    expected: dict[bytes, Found] = {}
    first = place.app << APP_SHIFT
    with place.directory.writing() as connection:
        for number in range(40):
            user = User(
                first + number,
                f'id "{number}"' if number % 3 else None,
                TRAITS[number % len(TRAITS)],
                NOW + number,
                NOW * 2 if number % 7 == 0 else 0,
            )
            merged = number % 5 == 1  # into the one before
            row = dict(
                zip(User.__struct_fields__, (getattr(user, name) for name in User.__struct_fields__), strict=True)
            )
            connection.execute(
                users.insert().values(**row, learned=False, merged_into=first + number - 1 if merged else None)
            )
            name = key(place, str(number))
            linked_at = NOW - number if number % 2 else None
            put_identifiers(connection, [(name, user.id, IdentifierKind.EXTERNAL_ID, NO_EMAIL, False, linked_at)])
            shown = expected[key(place, str(number - 1))].user if merged else user
            expected[name] = Found(shown, NO_EMAIL, user.id, linked_at or 0)
    keys = [key(place, str(number)) for number in (*range(-30, 70), *range(10))]  # unknown ones, and some twice
    assert find_by_keys(place.directory.connection, keys) == expected


def test_more_keys_than_a_statement_takes_are_looked_up(place: Place) -> None:
    wanted = place.know(external_id="wanted")
    keys = [key(place, str(number)) for number in range(20_000)]
    look = look_for(place.directory.connection, [*keys, key(place, "wanted")])
    assert [found.user.id for found in look.found.values()] == [wanted]


def test_keys_that_nobody_has_find_nobody(place: Place) -> None:
    assert find_by_keys(place.directory.connection, [key(place, "nobody")]) == {}
    assert find_by_keys(place.directory.connection, []) == {}
