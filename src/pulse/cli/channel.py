"""`pulse channel`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from pulse.cli.errors import NoSecret, UnreadableFile
from pulse.cli.frame import Group, Invocation
from pulse.cli.session import TENANT, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulse.social.models import ChannelShown
    from pulse.storage.engine import Transaction

SECRET_VARIABLE = "PULSE_CHANNEL_SECRET"  # noqa: S105 - its name


@click.group(cls=Group)
def channel() -> None:
    """List, add, change, pause and remove accounts to publish to."""


@channel.command("list")
@click.pass_obj
async def list_channels(invocation: Invocation) -> None:
    r"""List the accounts, with what went wrong last.

    \b
    Example:
      pulse channel list --json
    """
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.social.handlers import channels

        found = await channels.list_channels(tx)
    output = invocation.output
    if output.json:
        output.document({"channels": found})
        return
    output.table(
        ("id", "name", "kind", "niches", "settings", "state"),
        [
            (
                one.id,
                one.name,
                one.kind,
                ", ".join(one.niches) or "all",
                " ".join(f"{name}={value}" for name, value in one.settings.items()),
                "paused" if one.paused else one.last_error or "ok",
            )
            for one in found
        ],
        empty="No channels: nothing can be published yet. `pulse channel add site --name Site` needs no account.",
    )


def _account_options(function: Any) -> Any:
    """Give a command the options of an account that `add` and `change` share."""
    options: list[Callable[[Any], Any]] = [
        click.option("--niche", "niches", multiple=True, help="Post only this niche there; repeatable. Default: all."),
        click.option("--server", help="Address of the server: https://bsky.social, https://mastodon.example."),
        click.option("--handle", help="The account on Bluesky: newsroom.example.com."),
        click.option("--visibility", type=click.Choice(["public", "unlisted", "private"]), help="On Mastodon."),
        click.option("--setting", "pairs", multiple=True, metavar="NAME=VALUE", help="Any other setting of the kind."),
        click.option("--secret-file", type=click.Path(path_type=Path), help="File that holds the secret."),
        click.option("--secret-env", metavar="NAME", help="Environment variable that holds the secret."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@channel.command("add")
@click.argument("kind")
@click.option("--name", required=True, help="What you call it; the only one of that name.")
@_account_options
@click.pass_obj
async def add(
    invocation: Invocation,
    /,
    kind: str,
    name: str,
    niches: tuple[str, ...],
    secret_file: Path | None,
    secret_env: str | None,
    **given: Any,
) -> None:
    r"""Add an account: of the KIND site, bluesky or mastodon.

    Pulse signs in to it at once, so that a wrong password shows now. The secret (an app password on Bluesky, an
    access token on Mastodon) comes from a file, from an environment variable (PULSE_CHANNEL_SECRET if none is named),
    or is asked for; never from the command line, where others could see it. It is stored encrypted.

    \b
    Examples:
      pulse channel add site --name Site
      pulse channel add bluesky --name "Tech on Bluesky" --niche technology \
          --server https://bsky.social --handle technews.example.com
      pulse channel add mastodon --name Toots --server https://mastodon.example --secret-file token.txt
    """
    async with opened(invocation) as pulse:
        from pulse.social.handlers import channels

        platform = channels.kind_named(pulse.social, kind)
        secret = _secret(invocation, platform.secret, secret_file, secret_env) if platform.secret else None
        settings = await channels.verified(pulse.social, kind, _settings(**given), secret)
        async with pulse.database.transaction(TENANT) as tx:
            added = await channels.add_channel(
                pulse.social, tx, kind=kind, name=name, niches=list(niches), settings=settings, secret=secret
            )
    _answer(invocation, added, f"{added.name} is ready: {added.kind}, {', '.join(added.niches) or 'all niches'}.")


@channel.command("change")
@click.argument("which", metavar="CHANNEL")
@click.option("--name", help="A new name.")
@click.option("--all-niches", is_flag=True, help="Post all niches there.")
@_account_options
@click.pass_obj
async def change(
    invocation: Invocation,
    /,
    which: str,
    name: str | None,
    all_niches: bool,
    niches: tuple[str, ...],
    secret_file: Path | None,
    secret_env: str | None,
    **given: Any,
) -> None:
    r"""Change an account: its name, niches, settings or secret. What is left out stays.

    CHANNEL is a name or an id. A new secret is read only with --secret-file or --secret-env.

    \b
    Examples:
      pulse channel change Toots --niche science --niche technology
      pulse channel change Toots --secret-file new-token.txt
    """
    changes: dict[str, Any] = {"name": name} if name else {}
    if niches or all_niches:
        changes["niches"] = list(niches)
    secret = _secret(invocation, "secret", secret_file, secret_env) if secret_file or secret_env else None
    wanted = _settings(**given)
    async with opened(invocation) as pulse:
        from pulse.social.handlers import channels

        async with pulse.database.transaction(TENANT) as tx:
            found = await _find(tx, which)
        if wanted:
            changes["settings"] = found.settings | wanted
        if secret:
            # Signing in shows now whether it is right, as with a new account.
            kind = channels.kind_named(pulse.social, found.kind)
            settings = changes.get("settings", found.settings)
            changes["settings"] = settings | await kind.verify(settings, secret)
        async with pulse.database.transaction(TENANT) as tx:
            changed = await channels.change_channel(pulse.social, tx, found.id, changes, secret)
    _answer(invocation, changed, f"{changed.name} is changed.")


@channel.command("pause")
@click.argument("which", metavar="CHANNEL")
@click.pass_obj
async def pause(invocation: Invocation, which: str) -> None:
    r"""Make no more drafts for an account. What is approved is still sent.

    \b
    Example:
      pulse channel pause Toots
    """
    await _pause(invocation, which, True)


@channel.command("resume")
@click.argument("which", metavar="CHANNEL")
@click.pass_obj
async def resume(invocation: Invocation, which: str) -> None:
    r"""Make drafts for a paused account again.

    \b
    Example:
      pulse channel resume Toots
    """
    await _pause(invocation, which, False)


@channel.command("remove")
@click.argument("which", metavar="CHANNEL")
@click.pass_obj
async def remove(invocation: Invocation, which: str) -> None:
    r"""Remove an account and its secret. What was posted stays where it is.

    \b
    Example:
      pulse channel remove Toots
    """
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.social.handlers import channels

        found = await _find(tx, which)
        await channels.remove_channel(tx, found.id)
    output = invocation.output
    if output.json:
        output.document({"removed": found.id})
        return
    output.line(f"{found.name} is removed.")


async def _pause(invocation: Invocation, which: str, paused: bool) -> None:
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.social.handlers import channels

        found = await _find(tx, which)
        changed = await channels.change_channel(pulse.social, tx, found.id, {"paused": paused}, None)
    _answer(invocation, changed, f"{changed.name} is {'paused' if paused else 'in use'}.")


async def _find(tx: "Transaction", which: str) -> "ChannelShown":
    """Return the account of that name or id. Raises `ChannelNotFound`."""
    from pulse.social.errors import ChannelNotFound
    from pulse.social.handlers import channels

    for one in await channels.list_channels(tx):
        if which in (one.name, str(one.id)):
            return one
    try:
        return await channels.shown(tx, UUID(which))
    except ValueError:
        raise ChannelNotFound(f"there is no channel {which!r}") from None


def _settings(pairs: tuple[str, ...], **flags: str | None) -> dict[str, str]:
    settings = {name: value for name, value in flags.items() if value is not None}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not name or not separator:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="--setting")
        settings[name] = value
    return settings


def _secret(invocation: Invocation, called: str, file: Path | None, variable: str | None) -> str:
    """Return the secret from where it was said to be, else from the environment, else from the keyboard.

    Raises `UnreadableFile`, `NoSecret`.
    """
    if file is not None:
        try:
            secret = file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(f"{file}: {getattr(error, 'strerror', None) or 'not text'}") from None
        if not secret:
            raise NoSecret(f"{file} is empty")
        return secret
    secret = os.environ.get(variable or SECRET_VARIABLE, "").strip()
    if not secret and variable is None and not invocation.json and sys.stdin.isatty():
        secret = str(click.prompt(called.capitalize(), hide_input=True, err=True)).strip()
    if not secret:
        raise NoSecret(f"no {called} was given: {variable or SECRET_VARIABLE} is empty or not set")
    return secret


def _answer(invocation: Invocation, shown: "ChannelShown", text: str) -> None:
    output = invocation.output
    if output.json:
        output.document(shown)
        return
    output.line(text)
