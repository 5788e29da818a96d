"""Locks between real processes."""

import multiprocessing
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pulse.kernel.errors import Kind
from pulse.storage.errors import HomeInUse, HomeNotWritable
from pulse.storage.locks import FileLock, ServiceLock, read_running

HOLDER = """
import sys
from pathlib import Path
from pulse.storage.locks import ServiceLock
lock = ServiceLock(Path(sys.argv[1]), "news")
lock.acquire()
lock.publish({"url": "http://127.0.0.1:8700"})
print("held", flush=True)
sys.stdin.readline()
"""


def hold(home: Path) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        with pytest.raises(HomeInUse) as refused:
            ServiceLock(tmp_path, "news").acquire()
        assert refused.value.kind is Kind.CONFLICT
        assert refused.value.code == "storage.home_in_use"
        for part in ("news", str(tmp_path), str(holder.pid), "http://127.0.0.1:8700"):
            assert part in refused.value.message
        with ServiceLock(tmp_path, "social"), ServiceLock(tmp_path / "other", "news"):
            pass
        holder.communicate("\n")
    with ServiceLock(tmp_path, "news"):
        pass


def test_two_objects_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    with ServiceLock(tmp_path, "news"):
        with pytest.raises(HomeInUse, match=rf"pid {os.getpid()}"):
            ServiceLock(tmp_path, "news").acquire()
        with pytest.raises(HomeInUse):
            ServiceLock(tmp_path, "news").acquire()


def test_what_a_live_process_published_can_be_read_and_a_dead_one_s_cannot(tmp_path: Path) -> None:
    assert read_running(tmp_path, "news") is None
    with hold(tmp_path) as holder:
        assert read_running(tmp_path, "news") == {"url": "http://127.0.0.1:8700", "pid": holder.pid}
        assert stat.S_IMODE((tmp_path / "run/news.json").stat().st_mode) == 0o600
        holder.kill()
        holder.communicate()
    assert (tmp_path / "run/news.json").exists()
    assert read_running(tmp_path, "news") is None
    lock = ServiceLock(tmp_path, "news")
    lock.acquire()
    assert read_running(tmp_path, "news") is None, "the killed process's words are not its successor's"
    with pytest.raises(HomeInUse, match=rf"already runs on \S+ \(pid {os.getpid()}\)$"):
        ServiceLock(tmp_path, "news").acquire()
    lock.publish({"url": "http://127.0.0.1:1"})
    assert read_running(tmp_path, "news") == {"url": "http://127.0.0.1:1", "pid": os.getpid()}
    lock.release()
    lock.release()
    assert read_running(tmp_path, "news") is None


def test_damaged_files_are_no_information(tmp_path: Path) -> None:
    with ServiceLock(tmp_path, "news"):
        for content in (b"", b"\xff\x00", b"[1]", b'{"pid": 0}'):
            (tmp_path / "run/news.json").write_bytes(content)
            assert read_running(tmp_path, "news") is None
        (tmp_path / "run/news.lock").write_bytes(b"\xff")
        with pytest.raises(HomeInUse, match="pid unknown"):
            ServiceLock(tmp_path, "news").acquire()


def test_readers_never_make_a_service_believe_that_the_home_is_in_use(tmp_path: Path) -> None:
    with ServiceLock(tmp_path, "news"):
        pass
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            read_running(tmp_path, "news")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(100):
            with ServiceLock(tmp_path, "news"):
                pass
    finally:
        stop.set()
        for reader in readers:
            reader.join()


def _forked(ready: "multiprocessing.synchronize.Event", end: "multiprocessing.synchronize.Event") -> None:
    ready.set()
    end.wait(20)


def test_a_forked_worker_does_not_hold_what_its_parent_held(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, end = context.Event(), context.Event()
    lock = ServiceLock(tmp_path, "news")
    lock.acquire()
    worker = context.Process(target=_forked, args=(ready, end))
    worker.start()
    assert ready.wait(10)
    with pytest.raises(HomeInUse):
        ServiceLock(tmp_path, "news").acquire()
    lock.release()  # as the end of the parent would
    with ServiceLock(tmp_path, "news"):
        assert worker.is_alive()
    end.set()
    worker.join()


def test_a_lock_whose_file_was_removed_does_not_pretend(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as old, FileLock(tmp_path / "lock") as late:
        (tmp_path / "lock").unlink()
        with FileLock(tmp_path / "lock") as new:
            assert new.try_lock()
            assert not late.try_lock(), "it waits for the file that has the name now"
        assert late.try_lock()
        assert not old.try_lock(shared=True)


def test_a_run_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(HomeNotWritable, match="run"):
        ServiceLock(tmp_path, "news").acquire()
