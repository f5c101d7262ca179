"""Who may show a share in a frame. The page says by the id of the share which one it is: the server sees no token."""

from collections.abc import Sequence

from heropixel.members.roster import Roster


class Frames:
    """The origins that shares name."""

    def __init__(self, roster: Roster | None = None) -> None:
        self._roster = roster or Roster()

    def of(self, share_id: str) -> Sequence[str]:
        """The origins that may frame a share; none where there is no such share."""
        return next((share.embed_on for share in self._roster.shares.values() if share.id == share_id), ())
