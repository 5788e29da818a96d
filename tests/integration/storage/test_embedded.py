"""The embedded server's supervisor, on real servers that are killed, shared, locked out and filled up."""

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from pulse.storage.embedded import binaries, open_embedded, server, supervisor
from pulse.storage.embedded.log import ServerLog
from pulse.storage.errors import HomeNotWritable, PostgresNotFound, PostgresStartFailed

ROOT = os.geteuid() == 0
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
OPENER = """
import asyncio, json, signal, sys
from pathlib import Path
from pulse.kernel.errors import PulseError
from pulse.storage.embedded import open_embedded

async def main():
    try:
        async with await open_embedded(Path(sys.argv[1])) as server:
            print(json.dumps({"url": server.url, "pid": server.pid}), flush=True)
            await asyncio.to_thread(sys.stdin.readline)
    except PulseError as error:
        print(json.dumps(error.as_dict()), flush=True)

signal.signal(signal.SIGINT, signal.SIG_IGN)
if sys.argv[2:] == ["impatient"]:
    from pulse.storage.embedded import server
    server.START_SECONDS = 1
    import fcntl, socket, struct
    with socket.socket() as any_socket:  # SIOCSIFFLAGS: the new network's loopback goes up
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))
if sys.argv[2:] == ["uvloop"]:
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""


class Opener:
    """Another process that opens the server of `home` and closes it when told."""

    def __init__(self, home: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", OPENER, str(home), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=os.environ | {"HOME": "/nonexistent"},
            cwd="/",
        )

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> int:
        self.process.communicate(b"\n", timeout=20)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def memory() -> str | None:
    """Return a folder in memory if there is room: a cluster is a thousand files, and many are made here."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > 2_000_000_000 else None


def open_folder(parent: str | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pulse-embedded-", dir=parent) as name:
        Path(name).chmod(0o755)
        yield Path(name)
        for process in inhabitants(Path(name)):  # servers of a failed test
            process.kill()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that others can pass through (pytest's own is closed), to build closed and open ones in."""
    yield from open_folder(memory())


@pytest.fixture
def new_home(folder: Path) -> Path:
    """Give the name of a data folder."""
    return folder / "home"


@pytest.fixture(scope="module")
async def made_once() -> AsyncIterator[Path]:
    """Make one data folder that has been used before."""
    with tempfile.TemporaryDirectory(prefix="pulse-embedded-", dir=memory()) as name:
        await (await open_embedded(Path(name))).close()
        yield Path(name)


@pytest.fixture
def data_home(made_once: Path, new_home: Path) -> Path:
    """Give a data folder of one's own that has been used before."""
    subprocess.run(["cp", "-a", made_once, new_home], check=True)
    (new_home / "postgres/port").unlink()
    return new_home


def inhabitants(folder: Path) -> list[psutil.Process]:
    """Return the processes that work in `folder`."""
    return [p for p in psutil.process_iter(["cwd"]) if str(p.info["cwd"]).startswith(str(folder))]


async def sql(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.005)


def ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_the_first_start_makes_a_server_that_only_pulse_can_reach(new_home: Path) -> None:
    async with await open_embedded(new_home) as server:
        assert await sql(server.url, "SELECT current_user || ' in ' || current_database()") == "pulse_owner in pulse"
        role = "FROM pg_roles WHERE rolname = current_user"
        assert not await sql(server.url, f"SELECT rolsuper OR rolbypassrls OR rolreplication OR rolcreatedb {role}")
        assert await sql(server.url, f"SELECT rolcreaterole AND rolcanlogin {role}")
        assert (
            await sql(
                server.url, "SELECT rolname FROM pg_roles r JOIN pg_database ON datdba = r.oid AND datname = 'pulse'"
            )
            == "pulse_owner"
        )
        assert await sql(server.superuser_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert (
            await sql(server.url, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'pulse'")
            == "bC.UTF-8"
        )
        shown = {name: await sql(server.url, f"SHOW {name}") for name in SHOWN}
        assert shown == SHOWN
        with pytest.raises(asyncpg.InvalidPasswordError):
            await sql(server.url.replace("pulse_owner:", "pulse_owner:0"), "SELECT 1")
        listening = [
            c.laddr[0] for c in psutil.Process(server.pid).net_connections("all") if c.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"]
        assert not [c for c in psutil.Process(server.pid).net_connections("unix") if "PGSQL" in str(c.laddr)]
        assert server.is_running()
    for name in ("credentials.json", "port", "log"):
        assert stat.S_IMODE((new_home / "postgres" / name).stat().st_mode) == 0o600
    assert not list((new_home / "postgres").glob("data.new*"))


SHOWN = {
    "server_encoding": "UTF8",
    "data_checksums": "on",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "password_encryption": "scram-sha-256",
}


async def test_a_second_start_keeps_data_and_address_and_is_quick(new_home: Path) -> None:
    began = time.monotonic()
    async with await open_embedded(new_home) as server:
        first = time.monotonic() - began
        address = server.url
        await sql(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert ended(server.pid)
    began = time.monotonic()
    async with await open_embedded(new_home) as server:
        second = time.monotonic() - began
        assert server.url == address
        assert await sql(server.url, "SELECT answer FROM kept") == 42
    print(f"first start {first:.2f} s, second {second:.2f} s")
    assert first < 8, "2 s on an idle machine; others may be busy on this one"
    assert second < 2


async def test_the_last_one_out_turns_the_lights_off(data_home: Path) -> None:
    one = await open_embedded(data_home)
    two = await open_embedded(data_home)
    other = Opener(data_home)
    assert other.answer() == {"url": one.url, "pid": one.pid}
    assert two.pid == one.pid
    await one.close()
    await one.close()
    assert await sql(two.url, "SELECT 1") == 1
    await two.close()
    assert await sql(two.url, "SELECT 1") == 1
    assert other.close() == 0
    assert ended(two.pid)
    assert not two.is_running()


async def test_many_open_and_close_at_once(new_home: Path) -> None:
    async def use() -> int:
        async with await open_embedded(new_home) as server:
            assert await sql(server.url, "SELECT 1") == 1
            return server.pid

    others = [Opener(new_home, "uvloop") for _ in range(3)]
    pids = set(await asyncio.gather(*(use() for _ in range(5))))
    assert all(other.answer()["pid"] for other in others)
    assert {other.close() for other in others} == {0}
    assert all(ended(pid) for pid in pids)


async def test_a_server_whose_users_were_killed_runs_on_and_is_found(data_home: Path) -> None:
    other = Opener(data_home)
    left = other.answer()
    await sql(left["url"], "CREATE TABLE kept AS SELECT 42 AS answer")
    other.kill()
    async with await open_embedded(data_home) as server:
        assert (server.pid, server.url) == (left["pid"], left["url"])
        assert await sql(server.url, "SELECT answer FROM kept") == 42
    assert ended(left["pid"])


async def test_a_killed_server_comes_back_on_its_port_although_children_linger(data_home: Path) -> None:
    async with await open_embedded(data_home) as one, await open_embedded(data_home) as two:
        first, address = one.pid, one.url
        await sql(one.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        # A backend that computes does not notice that its parent has gone; it keeps the shared memory.
        busy = asyncio.create_task(sql(one.url, "SELECT count(*) FROM generate_series(1, 100000000000)"))
        await asyncio.sleep(0.3)
        os.kill(first, signal.SIGKILL)
        await until(lambda: not one.is_running())
        await until(lambda: not psutil.pid_exists(first))  # not even as a zombie of this process
        began = time.monotonic()
        revived = await asyncio.gather(*(server.ensure_running() for server in (one, two, one, two)))
        print(f"back after {time.monotonic() - began:.2f} s")
        assert any(revived)
        assert one.pid == two.pid != first
        assert one.url == two.url == address
        assert await sql(address, "SELECT answer FROM kept") == 42
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await busy
        assert not await one.ensure_running()


async def test_a_killed_server_comes_back_while_its_parent_cannot_ask_for_its_exit_status(data_home: Path) -> None:
    starter = Opener(data_home)
    started = starter.answer()
    async with await open_embedded(data_home) as server:
        os.kill(starter.process.pid, signal.SIGSTOP)
        os.kill(started["pid"], signal.SIGKILL)  # now a zombie, and kill(pid, 0) says that it lives
        await until(lambda: not server.is_running())
        assert await server.ensure_running()
        assert server.url == started["url"]
        os.kill(starter.process.pid, signal.SIGCONT)
        assert starter.close() == 0
        assert server.is_running()


async def test_a_server_that_recovers_from_a_killed_backend_is_waited_for(data_home: Path) -> None:
    async with await open_embedded(data_home) as server:
        connection = await asyncpg.connect(server.url)
        os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
        async with await open_embedded(data_home) as another:
            assert await sql(another.url, "SELECT 1") == 1


async def test_a_server_that_waits_for_its_clients_to_leave_is_restarted(data_home: Path) -> None:
    async with await open_embedded(data_home) as server:
        first = server.pid
        connection = await asyncpg.connect(server.url)
        os.kill(first, signal.SIGTERM)
        await until(lambda: not server.is_running())
        assert not ended(first)
        assert await server.ensure_running()
        assert server.pid != first
        connection.terminate()
        assert await sql(server.url, "SELECT 1") == 1


async def test_a_stale_pid_file_that_names_a_living_stranger_is_recovered(data_home: Path) -> None:
    async with await open_embedded(data_home) as server:
        os.kill(server.pid, signal.SIGSTOP)
        stale = (data_home / "postgres/data/postmaster.pid").read_text().splitlines()
        os.kill(server.pid, signal.SIGCONT)
    # Of the same user: Postgres itself would refuse to start.
    stranger = subprocess.Popen([*(AS_NOBODY if ROOT else ()), "sleep", "60"])
    try:
        (data_home / "postgres/data/postmaster.pid").write_text("\n".join([str(stranger.pid), *stale[1:]]) + "\n")
        async with await open_embedded(data_home) as server:
            assert await sql(server.url, "SELECT 1") == 1
            assert server.pid != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_kill_at_any_stage_of_the_first_start_is_survived(new_home: Path) -> None:
    folder = new_home / "postgres"

    stages: list[Callable[[], bool]] = [
        (folder / "credentials.json").exists,
        (folder / "data.new/base").exists,
        (folder / "data").exists,
        (folder / "data/postmaster.pid").exists,
        lambda: any(folder.glob("data/base/1638[4-9]")),  # CREATE DATABASE is under way
    ]
    for reached in stages:
        other = Opener(new_home)
        await until(reached)
        other.kill()
    began = time.monotonic()
    async with await open_embedded(new_home) as server:
        assert time.monotonic() - began < 10
        assert await sql(server.url, "SELECT count(*) FROM pg_database WHERE datname = 'pulse'") == 1
    assert not list(folder.glob("data.new*"))


async def test_an_initdb_that_outlived_its_parent_is_waited_for(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Opener(new_home)
    await until((new_home / "postgres/data.new/base").exists)
    left = inhabitants(new_home)
    for process in left:
        process.suspend()
    other.kill()
    assert left
    with monkeypatch.context() as patch:
        patch.setattr(supervisor, "START_SECONDS", 0.3)
        with pytest.raises(PostgresStartFailed, match="another process has been starting"):
            await open_embedded(new_home)
    for process in left:
        process.resume()
    async with await open_embedded(new_home) as postgres:
        assert await sql(postgres.url, "SELECT 1") == 1


@pytest.mark.skipif(not ROOT, reason="needs root to make namespaces")
async def test_a_server_in_another_container_is_left_alone(data_home: Path) -> None:
    container = ("unshare", "--pid", "--ipc", "--net", "--fork", "--mount-proc", "--kill-child")
    if subprocess.run([*container, "true"], check=False).returncode:
        pytest.skip("namespaces are not allowed here")
    async with await open_embedded(data_home) as postgres:
        other = Opener(data_home, "impatient", prefix=container)
        assert "another container" in other.answer()["message"]
        other.close()
        assert (data_home / "postgres/data/postmaster.pid").exists()
        assert await sql(postgres.url, "SELECT 1") == 1


async def test_a_bootstrap_that_was_cut_off_is_completed(data_home: Path) -> None:
    async with await open_embedded(data_home) as server:
        maintenance = server.superuser_url.removesuffix("pulse") + "postgres"
        await sql(maintenance, "DROP DATABASE pulse")
    async with await open_embedded(data_home) as server:
        assert await sql(server.url, "SELECT 1") == 1
        await sql(maintenance, "DROP DATABASE pulse WITH (FORCE)")
        await sql(maintenance, "DROP ROLE pulse_owner")
    async with await open_embedded(data_home) as server:
        assert await sql(server.url, "SELECT current_user") == "pulse_owner"


@pytest.mark.parametrize("stage", ["data.new/base", "data/postmaster.pid"])
async def test_a_cancelled_start_leaves_nothing_running(new_home: Path, stage: str) -> None:
    opening = asyncio.create_task(open_embedded(new_home))
    await until((new_home / "postgres" / stage).exists)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert inhabitants(new_home) == []
    async with await open_embedded(new_home) as server:
        assert await sql(server.url, "SELECT 1") == 1


async def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_home: Path) -> None:
    other = Opener(data_home)
    started = other.answer()
    os.killpg(other.process.pid, signal.SIGINT)
    await asyncio.sleep(0.2)
    assert await sql(started["url"], "SELECT 1") == 1
    assert os.getsid(started["pid"]) == started["pid"]
    assert other.close() == 0


async def test_two_homes_run_side_by_side(folder: Path, data_home: Path) -> None:
    one, two = await asyncio.gather(open_embedded(data_home), open_embedded(folder / "another home"))
    async with one, two:
        await sql(one.url, "CREATE TABLE here ()")
        assert await sql(two.url, "SELECT to_regclass('here')::text") is None
        assert one.pid != two.pid


async def test_a_taken_port_is_left_to_its_owner(data_home: Path) -> None:
    async with await open_embedded(data_home) as server:
        before = server.url
    with taken(port_of(before)):
        async with await open_embedded(data_home) as server:
            assert port_of(server.url) != port_of(before)
            assert await sql(server.url, "SELECT 1") == 1


async def test_a_server_whose_address_is_in_use_never_moves(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_PORT_SECONDS", 0.2)
    async with await open_embedded(data_home) as postgres:
        address = postgres.url
        os.kill(postgres.pid, signal.SIGKILL)
        await until(lambda: not postgres.is_running())
        with taken(port_of(address)):
            with pytest.raises(PostgresStartFailed, match=str(port_of(address))):
                await postgres.ensure_running()
            with pytest.raises(PostgresStartFailed):
                await open_embedded(data_home)
        assert await postgres.ensure_running()
        assert postgres.url == address
        assert await sql(address, "SELECT 1") == 1


async def test_a_failed_start_says_why_and_leaves_nothing_behind(data_home: Path) -> None:
    await (await open_embedded(data_home)).close()
    configuration = data_home / "postgres/data/postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "work_mem = plenty\n")
    with pytest.raises(PostgresStartFailed, match='invalid value for parameter "work_mem": "plenty"') as caught:
        await open_embedded(data_home)
    assert "postgres/log" in caught.value.next_step
    configuration.write_text(good)
    async with await open_embedded(data_home) as postgres:
        assert postgres.is_running()


async def test_passwords_that_are_lost_or_wrong_are_named(data_home: Path) -> None:
    await (await open_embedded(data_home)).close()
    path = data_home / "postgres/credentials.json"
    good = path.read_text()
    path.write_text(json.dumps({"superuser": "wrong", "owner": "wrong"}))
    with pytest.raises(PostgresStartFailed, match="password authentication failed"):
        await open_embedded(data_home)
    path.unlink()
    with pytest.raises(PostgresStartFailed, match=r"credentials\.json is missing"):
        await open_embedded(data_home)
    path.write_text(good)
    async with await open_embedded(data_home) as postgres:
        assert await sql(postgres.url, "SELECT 1") == 1


async def test_missing_programs_are_named(folder: Path) -> None:
    with pytest.raises(PostgresNotFound, match="no program postgres in"):
        await open_embedded(folder / "home", binaries=folder)


async def test_a_home_that_is_no_folder_is_refused(folder: Path) -> None:
    (folder / "home").write_text("a file")
    with pytest.raises(HomeNotWritable, match="home"):
        await open_embedded(folder / "home")


async def test_a_data_folder_with_something_else_in_it_is_left_alone(new_home: Path) -> None:
    (new_home / "postgres/data").mkdir(parents=True)
    (new_home / "postgres/data/thesis.txt").write_text("mine")
    with pytest.raises(PostgresStartFailed, match="holds no Postgres cluster"):
        await open_embedded(new_home)
    assert (new_home / "postgres/data/thesis.txt").read_text() == "mine"


def test_the_log_stays_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = ServerLog(folder / "log")
    with log.open() as file:
        for _ in range(3):
            file.write(b"x" * 5_000_000)
            log.limit()
        file.write(b"the end\n")
    assert (folder / "log").read_text() == "x" * 5_000_000 + "the end\n"
    assert (folder / "log.1").stat().st_size == 10_000_000
    assert sorted(path.name for path in folder.iterdir()) == ["log", "log.1"]


@pytest.mark.skipif(not ROOT, reason="needs root")
async def test_root_needs_no_open_folders(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    async with await open_embedded(closed / "deep/home") as postgres:
        await sql(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert psutil.Process(postgres.pid).uids().effective != 0
        # Signals and maintenance in other processes of the server find their files, too.
        await sql(postgres.superuser_url, "CHECKPOINT")
        assert await sql(postgres.superuser_url, "SELECT pg_reload_conf()")
        await sql(postgres.superuser_url, "CREATE EXTENSION vector")
        await sql(postgres.superuser_url, "VACUUM kept")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    for owned in (closed, closed / "deep", closed / "deep/home", closed / "deep/home/postgres"):
        assert owned.stat().st_uid == 0
    assert (closed / "deep/home/postgres/data").stat().st_uid != 0
    subprocess.run(["chown", "-R", "0:0", closed], check=True)
    async with await open_embedded(closed / "deep/home") as postgres:
        assert await sql(postgres.url, "SELECT answer FROM kept") == 42


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


@pytest.fixture
def programs_folder() -> Iterator[Path]:
    """Give a folder on a disk from which programs may run."""
    yield from open_folder(None)


@pytest.mark.skipif(not ROOT, reason="needs root")
async def test_root_can_use_programs_in_a_closed_folder(
    programs_folder: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, closed = programs_folder / "shared", programs_folder / "closed"
    monkeypatch.setattr(binaries, "SHARED_FOLDER", shared)
    closed.mkdir(mode=0o700)
    package = binaries.locate(None).parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name, copy_function=link_or_copy)
    for _ in range(2):
        async with await open_embedded(data_home, binaries=closed / package.name / "pginstall/bin") as postgres:
            assert await sql(postgres.url, "SELECT 1") == 1
            assert Path(psutil.Process(postgres.pid).exe()).is_relative_to(shared)
    assert len(list(shared.iterdir())) == 2, "one copy and the lock"
    # initdb has other libraries than the server.
    async with await open_embedded(data_home.with_name("new"), binaries=closed / package.name / "pginstall/bin"):
        pass


@pytest.mark.skipif(not ROOT, reason="needs root to become another user; the other tests ran as a normal user")
async def test_a_normal_user_runs_the_server_directly(folder: Path, new_home: Path) -> None:
    if subprocess.run([*AS_NOBODY, sys.executable, "-c", "import pulse.storage"], cwd="/", check=False).returncode:
        pytest.skip("other users cannot reach this environment")
    os.chown(folder, 65534, 65534)
    folder.chmod(0o700)
    other = Opener(new_home, prefix=AS_NOBODY)
    started = other.answer()
    assert await sql(started["url"], "SELECT 1") == 1
    assert str(new_home / "postgres/data") in psutil.Process(started["pid"]).cmdline()
    assert {path.stat().st_uid for path in (new_home / "postgres").iterdir()} == {65534}
    assert other.close() == 0
    # Afterwards root keeps to the owner of the data.
    async with await open_embedded(new_home) as postgres:
        assert psutil.Process(postgres.pid).uids().effective == 65534
    os.chown(new_home / "postgres/data", 1, 1)
    refused = Opener(new_home, prefix=AS_NOBODY)
    assert refused.answer()["code"] == "storage.home_not_writable"
    refused.kill()


@pytest.mark.skipif(not ROOT, reason="needs root to make a small disk")
@pytest.mark.parametrize(("megabytes", "stage"), [(20, "initdb could not make"), (39, "cannot make its database")])
def test_a_full_disk_is_named(programs_folder: Path, megabytes: int, stage: str) -> None:
    # A crashed initdb leaves shared memory; here it goes with the namespace.
    mounts = f"mount -t tmpfs -o size={megabytes}m tmpfs {programs_folder} && mount -t tmpfs tmpfs /dev/shm"
    small = ("unshare", "--mount", "--ipc", "sh", "-c", f'{mounts} && exec "$@"', "sh")
    if subprocess.run([*small, "true"], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    other = Opener(programs_folder / "home", prefix=small)
    error = other.answer()
    assert error["code"] == "storage.disk_full"
    assert stage in error["message"]
    other.close()


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


class taken:
    """Hold a port as another program would."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_server(("127.0.0.1", port))

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.socket.close()
