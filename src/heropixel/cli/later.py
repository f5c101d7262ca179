"""The commands as `--help` lists them. Each is imported when it is called: to import all takes a second."""

import gc
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

# The help of each command by its name. The module of that name in this package has the command and the same help.
COMMANDS = {
    "serve": "Accept pageviews until it is stopped.",
    "report": "Print a report on the pageviews of a pixel, including those still in the journal.",
    "verify": ("Fetch a page, check its tag, its pixel and everything around them, and say what to change."),
    "doctor": "Check stores, settings, clock, disk and versions, and say what to change. Nothing is changed.",
    "reprocess": (
        "Enrich pageviews again with the rules of this version: bots, browsers, channels, and secrets in addresses."
    ),
    "backup": "Copy all stores into a new folder, as of one moment. The server goes on meanwhile.",
    "restore": "Restore a backup into a data folder that is empty or does not exist yet.",
    "move": "Move the world of a folder into a cluster: PostgreSQL and ClickHouse. The server goes on meanwhile.",
    "sign-in-link": "Print a link that signs a member in, once and within 15 minutes.",
    "members": "Members: who may sign in to an app.",
    "keys": "Keys: credentials of an app that may do less than its secret.",
    "shares": "Shares: links by which anybody sees a pixel.",
    "saved-views": "Saved views of the dashboard that everybody of an app sees.",
    "audit": "Print what members and keys have done to people, keys, shares and roles.",
    "apps": "Apps: the credentials for sending pageviews.",
    "pixels": "Pixels: what pageviews are counted for.",
    "domains": "Domains: where a pixel may be used.",
    "return-hosts": "Hosts that send visitors back, such as your payment page: they are no sources of visits.",
    "users": "Users: the people an app knows.",
    "merges": "Merges: users who are one person.",
    "suppressions": "Suppressions: contacts that must not be resolved.",
    "erasures": "Erasures: receipts of what was erased.",
    "pageviews": "Pageviews: what was recorded.",
}


class Later(TyperCommand):
    """A placeholder for a command until it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401 - typer does not export these types
        """Import the command and pass the arguments to it."""
        command = command_of(str(self.name))
        gc.freeze()  # imported modules stay: the collector need not examine them again and again
        gc.set_threshold(100_000, 20, 100)  # nor run at every 700th new object: that takes a third of an import's time
        gc.enable()
        return command.make_context(info_name, args, parent, **extra)


def command_of(name: str) -> Any:  # noqa: ANN401 - as above
    """The command of that name."""
    word = name.replace("-", "_")
    found = getattr(import_module(f"heropixel.cli.{word}"), word)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)
