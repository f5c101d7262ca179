"""The refusals about members, sessions, keys and saved views: each has its reason and its sentence, as other errors."""

from heropixel.errors import Refusal


class AppNotNamed(Refusal):
    """You are a member of several apps: name one of them by the header Heropixel-App"""


class LinkInvalid(Refusal):
    """This sign-in link does not work any more: each works once and for a short time. Ask for another"""


class SignInRefused(Refusal):
    """The email or the password is wrong"""


class TooManyAttempts(Refusal):
    """There were too many attempts to sign in: try again in {seconds} s, or use a sign-in link"""


class SignInsBusy(Refusal):
    """Too many people are signing in: try again in a moment"""

    code = 500


class InsecureAddress(Refusal):
    """Signing in needs https here, since browsers send a session by plain http to no other host than localhost"""


class InvalidPassword(Refusal):
    """password must have from {shortest} to {longest} characters"""


class EmailTaken(Refusal):
    """This email cannot be used: give another"""


class EmailMissing(Refusal):
    """Give an email too: you have none yet to sign in with"""


class MemberNotFound(Refusal):
    """The app has no such member"""

    exit_code = 7
    hint = "See `heropixel members list`."


class LastOwner(Refusal):
    """This is the only owner of the app: make somebody else an owner first"""


class SessionNotFound(Refusal):
    """You have no session with that id"""


class KeyNotFound(Refusal):
    """The app has no key with that id"""

    exit_code = 7
    hint = "See `heropixel keys list`."


class InvalidScopes(Refusal):
    """A key needs a scope at least, and a pixel at least unless it is for all pixels"""


class TooManyKeys(Refusal):
    """The app has {limit} keys, which is the limit: revoke one first"""


class ViewNotFound(Refusal):
    """There is no saved view with that id"""


class ViewNameTaken(Refusal):
    """There is a view with the name {name} already: choose another name, or save what is shown to that view"""


class TooManyViews(Refusal):
    """There are {limit} saved views, which is the limit: remove one first"""
