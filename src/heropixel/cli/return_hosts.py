"""`heropixel return-hosts`: hosts that send visitors back to a pixel's site."""

from typing import Annotated

import typer

from heropixel.cli.naming import PixelId, pixel_of
from heropixel.cli.terminal import out, writing
from heropixel.directory.return_hosts import add_return_host, remove_return_host

return_hosts = typer.Typer(
    help="Hosts that send visitors back, such as your payment page: they are no sources of visits.",
    no_args_is_help=True,
)

Hosts = Annotated[list[str], typer.Argument(help="Host names, such as pay.example; hosts below them are included.")]


@return_hosts.command("add")
def add_hosts(context: typer.Context, host: Hosts, pixel: PixelId = None) -> None:
    """Let hosts send visitors back. It counts from now on; `reprocess --all` applies it to earlier pageviews."""
    with writing(context) as (connection, _):
        number = pixel_of(connection, pixel)
        added = {name: add_return_host(connection, number, name) for name in dict.fromkeys(host)}
    for name, new in added.items():
        out.print(f"{name}: {'added' if new else 'was there already'}")


@return_hosts.command("remove")
def remove_hosts(context: typer.Context, host: Hosts, pixel: PixelId = None) -> None:
    """Let hosts be sources of visits again."""
    with writing(context) as (connection, _):
        number = pixel_of(connection, pixel)
        removed = {name: remove_return_host(connection, number, name) for name in dict.fromkeys(host)}
    for name, gone in removed.items():
        out.print(f"{name}: {'removed' if gone else 'was not there'}")
