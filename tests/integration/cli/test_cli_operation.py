"""`pulse doctor` and `pulse queue` on a real database: what is wrong is seen, and work given up comes back."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from pulse.cli.doctor import store
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.storage.embedded import EmbeddedPostgres
from tests.unit.cli.conftest import Call, Ended


@pytest.fixture
def superuser_url(postgres: EmbeddedPostgres, database_url: str) -> str:
    return postgres.superuser_url.rpartition("/")[0] + "/" + database_url.rpartition("/")[2]


def sql(url: str, statement: str, *values: Any) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()

    return asyncio.run(run())


def states(ended: Ended) -> dict[str, str]:
    return {check["name"]: check["state"] for check in ended.document["checks"]}


def test_a_healthy_installation_passes(pulse: Call) -> None:
    ended = pulse("doctor", "--json")
    found = states(ended)
    assert {
        name: found[name] for name in ("database", "clock", "tables", "role", "row-level security")
    } == dict.fromkeys(("database", "clock", "tables", "role", "row-level security"), "ok")
    assert found["channels"] == found["sources"] == "warn", "there are none yet"
    assert ended.document["ok"] is (ended.code == 0)


def test_a_table_without_forced_isolation_is_found(pulse: Call, superuser_url: str) -> None:
    sql(superuser_url, "ALTER TABLE social.posts NO FORCE ROW LEVEL SECURITY")
    ended = pulse("doctor", "--json")
    assert (ended.code, states(ended)["row-level security"]) == (1, "fail")
    (check,) = [one for one in ended.document["checks"] if one["name"] == "row-level security"]
    assert "social.posts" in check["message"]
    assert check["next_step"]


def test_an_older_revision_is_found(pulse: Call, superuser_url: str) -> None:
    sql(superuser_url, "UPDATE alembic_version SET version_num = '0001'")
    assert states(pulse("doctor", "--json"))["tables"] == "warn"
    sql(superuser_url, "UPDATE alembic_version SET version_num = '9999'")
    assert states(pulse("doctor", "--json"))["tables"] == "fail"


def test_a_server_that_does_not_answer_is_a_failed_check(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_STORAGE__URL", "postgresql://pulse:secret@127.0.0.1:1/pulse")
    ended = call("doctor", "--json")
    assert (ended.code, states(ended)["database"]) == (1, "fail")
    assert "secret" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda address: "postgresql://pulse:secret@127.0.0.1:1/pulse", "storage.database_unavailable"),
        (lambda address: address.replace("@", "x@"), "storage.database_refused"),
        (lambda address: address.rpartition("/")[0] + "/nowhere", "storage.database_refused"),
        (lambda address: f"{address}?sslmode=require", "storage.database_unavailable"),
        (lambda address: f"{address}?sslmode=disable", None),
        (lambda address: f"{address}?connect_timeout=3", "settings.invalid"),
    ],
    ids=["nobody listens", "wrong password", "no such database", "no TLS there", "TLS not wanted", "unknown parameter"],
)
def test_a_database_that_cannot_be_used_is_a_named_error(
    call: Call,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], str],
    code: str | None,
) -> None:
    monkeypatch.setenv("PULSE_STORAGE__URL", change(database_url))
    ended = call("niches", "list", "--json")
    assert ended.document.get("error", {}).get("code") == code
    assert "Traceback" not in ended.err


def test_a_data_folder_that_cannot_be_made_is_a_named_error(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_HOME", "/proc/nowhere")
    for words in (("niches", "list", "--json"), ("up", "--port", "0", "--json"), ("token", "--json")):
        ended = call(*words)
        assert (ended.code, ended.document["error"]["code"]) == (1, "storage.home_not_writable"), words
        assert "Traceback" not in ended.err


def test_a_role_that_may_too_much_is_seen(superuser_url: str) -> None:
    async def roles() -> list[store.Role | None]:
        async with store.connected(superuser_url) as connection:
            return [await store.role(connection, name) for name in ("postgres", "pulse_owner", "pulse_app", "nobody")]

    superuser, owner, application, nobody = asyncio.run(roles())
    assert superuser is not None
    assert superuser.superuser
    assert owner is not None
    assert owner.owns > 0
    assert nobody is None
    assert application == store.Role(superuser=False, bypasses=False, owns=0)


def give_up(url: str, queue: str) -> int:
    statement = """INSERT INTO bus.dead_letters (original_id, queue, payload, headers, deliveries_count, created_at,
                                                 failure_reason, last_exception)
                   VALUES (1, $1, '{}', jsonb_build_object('tenant', $2::text), 10, now(), 'retries', 'it broke')
                   RETURNING id"""
    return int(sql(url, statement, queue, str(DEFAULT_TENANT)))


def test_work_given_up_is_shown_retried_and_discarded(pulse: Call, superuser_url: str) -> None:
    first, second = give_up(superuser_url, "llm/summarize"), give_up(superuser_url, "social/draft")
    third = give_up(superuser_url, "social/draft")
    shown = pulse("queue", "--json").document
    assert {row["queue"]: row["dead"] for row in shown["queues"]} == {"llm/summarize": 1, "social/draft": 2}
    assert {one["id"] for one in shown["dead_letters"]} == {first, second, third}
    assert "it broke" in pulse("queue", "list").out
    assert states(pulse("doctor", "--json"))["work given up"] == "warn"
    assert pulse("queue", "retry", first, "--json").document["revived"] == 1
    assert pulse("queue", "discard").code == 2
    assert pulse("queue", "discard", second, "--json").document == {"discarded": 1}
    assert pulse("queue", "retry", "--queue", "social/draft", "--json").document["revived"] == 1
    rows = {row["queue"]: (row["waiting"], row["dead"]) for row in pulse("queue", "--json").document["queues"]}
    assert rows == {"llm/summarize": (1, 0), "social/draft": (1, 0)}
