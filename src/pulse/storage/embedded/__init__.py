"""The embedded Postgres: a server of Pulse's own in the data folder, started by whoever needs it first.

`open_embedded(home)` attaches to the server of that folder, or makes and starts it. Processes share it; the last
one to close it stops it. If all of them are killed it runs on, and the next one attaches.

    <home>/postgres/data              the cluster; its server's own files
    <home>/postgres/credentials.json  passwords of its two roles
    <home>/postgres/port              where it listens on 127.0.0.1 (there is no Unix socket: their paths are too short)
    <home>/postgres/log, log.1        what it has to say
    <home>/postgres/startup.lock      held by who creates, starts or stops it
    <home>/postgres/users.lock        shared by all who use it
    <home>/postgres/server.lock       held by every process of the running server
"""

from pulse.storage.embedded.supervisor import EmbeddedPostgres, open_embedded

__all__ = ["EmbeddedPostgres", "open_embedded"]
