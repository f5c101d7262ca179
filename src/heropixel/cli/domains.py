"""`heropixel domains`: where a pixel may be used."""

from typing import Annotated

import typer

from heropixel.cli.naming import PixelId, pixel_of
from heropixel.cli.terminal import out, writing
from heropixel.directory.pixels import add_domain, remove_domain

domains = typer.Typer(help="Domains: where a pixel may be used.", no_args_is_help=True)


@domains.command("add")
def add_domains(
    context: typer.Context,
    domain: Annotated[list[str], typer.Argument(help="Host names, such as example.com.")],
    pixel: PixelId = None,
) -> None:
    """Allow a pixel on more domains."""
    with writing(context) as (connection, _):
        number = pixel_of(connection, pixel)
        added = {name: add_domain(connection, number, name) for name in domain}
    for name, new in added.items():
        out.print(f"{name}: {'added' if new else 'was there already'}")


@domains.command("remove")
def remove_domains(
    context: typer.Context,
    domain: Annotated[list[str], typer.Argument(help="Host names, such as example.com.")],
    pixel: PixelId = None,
) -> None:
    """Stop allowing a pixel on domains."""
    with writing(context) as (connection, _):
        number = pixel_of(connection, pixel)
        removed = {name: remove_domain(connection, number, name) for name in dict.fromkeys(domain)}
    for name, gone in removed.items():
        out.print(f"{name}: {'removed' if gone else 'was not there'}")
