"""Section 5 of the contract, from outside: an app manages its secrets over GraphQL."""

import base64
import time

import pytest

from tests.contract.managing import Shop, id_of
from tests.world import Server


@pytest.fixture
def shop(server: Server) -> Shop:
    return Shop(server)


def test_the_old_secret_works_on_for_the_grace_time_and_no_longer(shop: Shop) -> None:
    old = shop.auth["appSecret"]
    answer = shop.rotate(grace=2)
    new = answer["appSecret"]
    assert (answer["code"], answer["message"]) == (200, "Secret rotated")
    assert answer["data"] == {"id": shop.auth["appId"], "name": "Shop", "appSecret": new}
    assert [secret["id"] for secret in answer["app"]["secrets"]] == [id_of(old), id_of(new)]
    assert [secret["expiresAt"] is None for secret in answer["app"]["secrets"]] == [False, True]
    assert shop.works(old)
    assert shop.works(new)
    time.sleep(2.1)
    assert not shop.works(old)
    assert shop.works(new)


def test_without_a_grace_time_the_old_secret_stops_at_once(shop: Shop) -> None:
    old = shop.auth["appSecret"]
    shop.auth["appSecret"] = shop.rotate()["appSecret"]
    assert not shop.works(old)
    shown = shop("query ($auth: AuthInput) { app(auth: $auth) { app { id name createdAt secrets { id } } } }")["app"]
    assert shown["secrets"] == [{"id": id_of(shop.auth["appSecret"])}]


def test_rotating_again_lets_no_secret_live_longer_than_it_would_have(shop: Shop) -> None:
    first = shop.auth["appSecret"]
    second = shop.rotate(grace=1)["appSecret"]
    shop.auth["appSecret"] = second
    shop.rotate(grace=3600)
    time.sleep(1.1)
    assert not shop.works(first)
    assert shop.works(second)


@pytest.mark.parametrize("grace", [-1, 30 * 24 * 3600 + 1])
def test_a_grace_time_has_bounds(shop: Shop, grace: int) -> None:
    answer = shop.rotate(grace=grace)
    assert (answer["code"], answer["reason"], answer["appSecret"]) == (400, "INVALID_GRACE", None)
    assert "2592000" in answer["message"]


def test_a_revoked_secret_stops_at_once_and_the_last_one_cannot_be(shop: Shop) -> None:
    old = shop.auth["appSecret"]
    assert shop.revoke(id_of(old))["reason"] == "LAST_SECRET"
    new = shop.rotate(grace=3600)["appSecret"]
    assert shop.revoke(id_of(new))["reason"] == "LAST_SECRET", "those in their grace time end by themselves"
    answer = shop.revoke(id_of(old))
    assert (answer["code"], answer["message"]) == (200, "Secret revoked")
    assert answer["app"]["secrets"] == [{"id": id_of(new)}]
    assert not shop.works(old)
    assert shop.works(new)


def test_an_unknown_secret_and_another_apps_are_not_found(shop: Shop) -> None:
    other = Shop(shop.server)
    for unknown in ("0" * 12, "", id_of(other.auth["appSecret"])):
        assert shop.revoke(unknown)["reason"] == "SECRET_NOT_FOUND"
    assert shop.works(shop.auth["appSecret"])
    assert other.works(other.auth["appSecret"])


def test_no_more_than_five_secrets_work_at_a_time(shop: Shop) -> None:
    for _ in range(4):
        assert shop.rotate(grace=3600)["code"] == 200
    assert shop.rotate(grace=3600)["reason"] == "TOO_MANY_SECRETS"
    assert shop.rotate()["code"] == 200


def test_basic_credentials_do_for_every_operation(shop: Shop) -> None:
    basic = base64.b64encode(f"{shop.auth['appId']}:{shop.auth['appSecret']}".encode()).decode()
    response = shop.server.http.post(
        "/graphql",
        json={"query": 'mutation { createPixel(name: "By Basic") { code pixel { name } } }'},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert response.json()["data"]["createPixel"] == {"code": 200, "pixel": {"name": "By Basic"}}


@pytest.mark.parametrize(
    "field",
    [
        "app { code reason }",
        "pixel(id: 1) { code reason }",
        "pixels { code reason }",
    ],
)
def test_nothing_is_answered_without_credentials(server: Server, field: str) -> None:
    (answer,) = server.graphql(f"{{ {field} }}")["data"].values()
    assert answer == {"code": 400, "reason": "INVALID_CREDENTIALS"}
