"""The options that name a user in a command."""

from typing import Annotated

import typer

UserId = Annotated[str | None, typer.Option("--id", help="The server's id of the user.")]
ExternalId = Annotated[str | None, typer.Option("--external-id", help="Your own id.")]
OneEmail = Annotated[str | None, typer.Option("--email", help="An email address.")]
Emails = Annotated[list[str] | None, typer.Option("--email", help="An email address; may be given again.")]
Md5 = Annotated[str | None, typer.Option("--md5", help="The MD5 of an email.")]
Sha1 = Annotated[str | None, typer.Option("--sha1", help="The SHA-1 of an email.")]
Sha256 = Annotated[str | None, typer.Option("--sha256", help="The SHA-256 of an email.")]
Phone = Annotated[str | None, typer.Option("--phone", help="A telephone number with its country code.")]
VisitorId = Annotated[str | None, typer.Option("--visitor-id", help="A browser.")]
