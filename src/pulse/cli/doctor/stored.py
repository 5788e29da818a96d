"""The database, and what the rooms have to say: isolation, accounts, sources, work given up. Changes nothing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from pulse.bus import queue
from pulse.cli.doctor import store
from pulse.cli.doctor.checks import Check, fail, ok, warn
from pulse.cli.session import TENANT
from pulse.kernel.clock import utc_now
from pulse.kernel.errors import PulseError
from pulse.news.store import sources
from pulse.settings import Settings
from pulse.social.handlers import channels
from pulse.storage import migrate
from pulse.storage.embedded import open_embedded
from pulse.storage.engine import APP_ROLE, Transaction, open_database

_CLOCK = timedelta(seconds=10)
_SHOWN = 3


async def look_at_database(settings: Settings) -> AsyncIterator[Check]:
    """Yield the checks that need the database; those that its state makes pointless are left out."""
    async with AsyncExitStack() as stack:
        if settings.storage.url is not None:
            url = settings.storage.url.get_secret_value()
        elif not (settings.home / "postgres" / "data" / "PG_VERSION").exists():
            yield ok("database", "not made yet: the first command that needs it makes it")
            return
        else:
            try:
                embedded = await open_embedded(settings.home, binaries=settings.storage.binaries)
            except PulseError as error:
                yield fail("database", error.message, error.next_step)
                return
            url = (await stack.enter_async_context(embedded)).url
        try:
            connection = await stack.enter_async_context(store.connected(url))
        except (OSError, SQLAlchemyError, ValueError) as error:
            reason = getattr(error, "orig", None) or error
            yield fail("database", f"does not answer: {reason}", "Start the server, or correct PULSE_STORAGE__URL.")
            return
        version, now, revision = await store.about(connection)
        yield ok("database", f"Postgres {version} answers")
        yield _clock(abs(now - utc_now()))
        check = _revision(revision)
        yield check
        if revision is None:
            return
        async for check in _isolation(connection):
            yield check
        if revision != newest_revision():
            return
        database = open_database(url, settings.storage, APP_ROLE)
        stack.push_async_callback(database.close)
        async with database.transaction(TENANT) as tx:
            yield await _accounts(tx)
            yield await _sources(tx)
            yield await _given_up(tx)


def newest_revision() -> str | None:
    """Return the revision that this version of Pulse works with."""
    return ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")).get_current_head()


def _clock(apart: timedelta) -> Check:
    text = f"this machine and the database are {apart.total_seconds():.1f} s apart"
    if apart > _CLOCK:
        return fail("clock", text, "Set both clocks by NTP: leases and schedules go wrong otherwise.")
    return ok("clock", text)


def _revision(found: str | None) -> Check:
    newest = newest_revision()
    if found == newest:
        return ok("tables", f"revision {found}, the newest")
    if found is None:
        return warn("tables", "there are none yet", "`pulse up` makes them.")
    if newest is not None and found > newest:
        text = f"revision {found} was made by a newer Pulse; this one knows {newest}"
        return fail("tables", text, "Start the newer version.")
    return warn("tables", f"revision {found}; this Pulse has {newest}", "`pulse up` brings them up to date.")


async def _isolation(connection: AsyncConnection) -> AsyncIterator[Check]:
    role = await store.role(connection, APP_ROLE)
    if role is None:
        yield fail("role", f"there is no role {APP_ROLE}", "`pulse up` makes it.")
        return
    wrong = [
        text
        for text, is_so in (
            ("is a superuser", role.superuser),
            ("bypasses row-level security", role.bypasses),
            (f"owns {role.owns} tables", role.owns > 0),
        )
        if is_so
    ]
    if wrong:
        text = f"{APP_ROLE} {', '.join(wrong)}: tenants are not kept apart"
        yield fail("role", text, f"ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS; give its tables another owner.")
    else:
        yield ok("role", f"{APP_ROLE} owns nothing and is bound by row-level security")
    open_tables = await store.unprotected(connection, APP_ROLE)
    if open_tables:
        text = f"row-level security is not forced on {', '.join(open_tables)}"
        yield fail("row-level security", text, "ALTER TABLE … FORCE ROW LEVEL SECURITY on each, with a policy.")
    else:
        yield ok("row-level security", f"forced on all {await store.tables(connection, APP_ROLE)} tables")


async def _accounts(tx: Transaction) -> Check:
    found = await channels.list_channels(tx)
    if not found:
        return warn("channels", "none: nothing can be published", "`pulse channel add site --name Site` makes one.")
    troubled = [f"{one.name}: {one.last_error}" for one in found if one.last_error and not one.paused]
    if troubled:
        return warn("channels", _some(troubled), "`pulse channel change NAME --secret-file PATH` gives a new secret.")
    return ok("channels", f"{len(found)} in order")


async def _sources(tx: Transaction) -> Check:
    found = await sources.listed(tx)
    failing = [f"{one.title or one.url}: {one.last_error}" for one in found if one.state == "failing"]
    if not found:
        return warn("sources", "none: no news comes in", "`pulse sources add URL --niche NAME` adds one.")
    if failing:
        text = f"{len(failing)} of {len(found)} fail. {_some(failing)}"
        return warn("sources", text, "They are tried again by themselves; `pulse sources list` shows all.")
    return ok("sources", f"{len(found)} in order")


async def _given_up(tx: Transaction) -> Check:
    dead = sum(row.dead for row in await queue.overview(tx))
    if dead:
        return warn("work given up", f"{dead} pieces", "`pulse queue` shows them, `pulse queue retry` tries again.")
    return ok("work given up", "none")


def _some(lines: list[str]) -> str:
    more = f" (and {len(lines) - _SHOWN} more)" if len(lines) > _SHOWN else ""
    return "; ".join(lines[:_SHOWN]) + more
