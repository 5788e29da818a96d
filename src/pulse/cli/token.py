"""`pulse token`."""

from datetime import timedelta

import click

from pulse.cli.frame import Command, Invocation
from pulse.cli.output import when
from pulse.cli.session import TENANT

ROLES = ("owner", "editor", "analyst", "viewer")


@click.command(cls=Command)
@click.option("--role", type=click.Choice(ROLES), default="owner", show_default=True, help="What it may do.")
@click.option("--name", default="owner", show_default=True, help="Whose it is; the log names it.")
@click.option(
    "--days",
    type=click.FloatRange(0, 3650, min_open=True),
    help="How long it is good for; default: token_days of the settings.",
)
@click.pass_obj
def token(invocation: Invocation, role: str, name: str, days: float | None) -> None:
    r"""Make a token to sign in with.

    It is the password of the API and of the pages. Nothing is stored: a token is good until it ends.

    \b
    Examples:
      pulse token
      pulse token --role viewer --name press-wall --days 7
      curl -H "Authorization: Bearer $(pulse token)" http://127.0.0.1:8700/stories
    """
    from pulse.http.tokens import Principal, Role, open_tokens
    from pulse.kernel.clock import utc_now

    settings = invocation.settings()
    lifetime = timedelta(days=settings.http.token_days if days is None else days)
    made = open_tokens(settings).issue(Principal(TENANT, name, Role(role)), lifetime)
    expires = utc_now() + lifetime
    output = invocation.output
    if output.json:
        output.document({"token": made, "role": role, "name": name, "expires_at": expires})
        return
    output.line(made)
    output.note(f"Good until {when(expires)} as {role}.")
