"""Why a share is not made, and why it is not opened: each reason and its sentence, as in `errors.py`."""

from heropixel.errors import Refusal


class ShareNotFound(Refusal):
    """The app has no share with that id"""

    exit_code = 7
    hint = "See `heropixel shares list`."


class TooManyShares(Refusal):
    """The app has {limit} shares, which is the limit: revoke one first"""


class InvalidOrigin(Refusal):
    """Sites that may show it in a frame (embedOn): up to {limit}, such as https://example.com; {origin} is none"""


class ShareRevoked(Refusal):
    """This link does not work any more. Ask the person who gave it to you for another"""


class ShareExpired(Refusal):
    """This link has expired. Ask the person who gave it to you for another"""


class SharePasswordNeeded(Refusal):
    """This link has a password. Enter the one that was given to you with the link"""


class SharePasswordWrong(Refusal):
    """The password is wrong. Ask the person who gave you the link"""


class ShareLocked(Refusal):
    """There were too many wrong passwords for this link: try again in {seconds} s"""
