"""What a visitor of a share may see of people: who was here within its filter, and nothing that other pageviews say."""

from collections.abc import Collection

from heropixel.api.last_seen import SeenInput
from heropixel.errors import NotAllowed
from heropixel.identity.search import UserSearch

# These are counted from all pageviews of a person, also of other pixels and outside the filter.
_OF_ALL_PAGEVIEWS = frozenset({"firstPageview", "sessionCount", "pixels"})


def check_shared(seen: SeenInput | None, search: UserSearch | None, selected: Collection[str]) -> None:
    """Check that visitors of a share ask only for those who were here.

    Raises:
        NotAllowed: they ask for others, or for what those did elsewhere.
    """
    if seen is None or search is not None:
        raise NotAllowed(why="This share shows who was here: send seen and no search")
    beyond = sorted(_OF_ALL_PAGEVIEWS.intersection(selected))
    if beyond:
        raise NotAllowed(why=f"This share shows nothing outside its pixel and filter: leave out {', '.join(beyond)}")
