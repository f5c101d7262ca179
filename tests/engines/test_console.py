"""The errors of pages are heard in every engine: else a test that finds none would prove nothing."""

import pytest

from tests.chromium.site import Site
from tests.chromium.visit import eventually
from tests.engines.engine import Engine
from tests.engines.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOUD = {
    "an error": "setTimeout(() => { throw new Error('loud') })",
    "a rejection": "void Promise.reject(new Error('loud'))",
    "a warning": "console.warn('loud')",
}


async def test_errors_rejections_and_warnings_of_a_page_are_heard(site: Site, engine: Engine, visitor: Visitor) -> None:
    site.put("/")
    await visitor.go()
    for loud in LOUD.values():
        await visitor.run(loud)
        await eventually(lambda: "loud" in str(engine.troubles + site.troubles))
        engine.troubles.clear()
        site.troubles.clear()


@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
async def test_a_cookie_that_firefox_refuses_is_heard(site: Site, engine: Engine, visitor: Visitor) -> None:
    site.put("/")
    await visitor.go()
    await visitor.run("document.cookie = 'heropixel=no;domain=com'")
    await eventually(lambda: "rejected for invalid domain" in str(engine.troubles))
    engine.troubles.clear()
