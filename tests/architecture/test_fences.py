"""Rules of the architecture that a check can hold: who may write SQL, name a platform, answer HTTP, or be large."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "pulse"
ROOMS = ("news", "llm", "social", "analytics", "notification", "gateway")
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE \S+ SET|DELETE FROM|CREATE TABLE)\b", re.DOTALL)
SCHEMA = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?(news|llm|social|analytics|notification|bus|storage)\.\w"
)


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders or ("",):
        yield from sorted((SOURCE / folder).rglob("*.py"))


def strings(path: Path) -> Iterator[str]:
    """Yield all strings of a module but those that only stand there: docstrings."""
    tree = ast.parse(path.read_text())
    standing = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in standing:
            yield node.value


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def may_hold_sql(path: Path) -> bool:
    place = path.relative_to(SOURCE)
    return (
        place.parts[0] in ("storage", "bus") or "store" in place.with_suffix("").parts or place.name == "idempotency.py"
    )


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(SOURCE)))
def test_sql_stays_in_its_rooms(path: Path) -> None:
    found = [text for text in strings(path) if SQL.search(text)]
    assert may_hold_sql(path) or not found, f"SQL belongs in store.py, storage/ or bus/: {found[:1]}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_service_touches_only_its_own_tables(room: str) -> None:
    for path in modules(room):
        touched = {schema for text in strings(path) if SQL.search(text) for schema in SCHEMA.findall(text)}
        assert touched <= {room}, f"{path} touches the tables of {touched - {room}}"


def test_web_frameworks_stay_where_http_is_spoken() -> None:
    for path in modules():
        place = path.relative_to(SOURCE)
        inside = place.parts[0] in ("http", "gateway", "web", "demo") or "routes" in place.parts
        allowed = inside or place.name in ("routes.py", "service.py", "app.py")
        speaks = {name.partition(".")[0] for name in imports(path)} & {"fastapi", "starlette"}
        sockets = {"notification/dashboard.py", "notification/session.py", "notification/stream.py"}
        assert allowed or str(place) in sockets or not speaks, f"{place} imports {speaks}"


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("faststream_outbox", {"bus/bus.py"}),
        ("aiohttp", {"fetch", "demo"}),
        ("asyncpg", {"storage", "bus"}),
        ("jwt", {"http/tokens.py"}),
        ("cryptography", {"vault", "http/tokens.py"}),
        ("trafilatura", {"news"}),
        ("feedparser", {"news"}),
        ("pydantic_ai", {"llm/providers/vendors.py"}),
        ("boto3", {"llm/providers/vendors.py"}),
        ("botocore", {"llm/providers/vendors.py"}),
        ("httpx2", {"llm/providers/vendors.py", "llm/providers/wire.py"}),
    ],
)
def test_libraries_stay_behind_their_fence(library: str, homes: set[str]) -> None:
    for path in modules():
        place = str(path.relative_to(SOURCE))
        if library in {name.partition(".")[0] for name in imports(path)}:
            assert any(place == home or place.startswith(f"{home}/") for home in homes), f"{place} imports {library}"


def test_every_room_says_what_it_owns() -> None:
    for room in ROOMS:
        docstring = ast.get_docstring(ast.parse((SOURCE / room / "__init__.py").read_text())) or ""
        assert "Owns" in docstring, f"{room}/__init__.py does not say what it owns"
        assert "Never" in docstring, f"{room}/__init__.py does not say what it never does"


def test_no_drawer_for_everything() -> None:
    names = {path.stem for path in modules()}
    assert not names & {"utils", "util", "common", "helpers", "misc", "managers"}


def test_files_stay_readable() -> None:
    lengths = {str(path.relative_to(SOURCE)): len(path.read_text().splitlines()) for path in modules()}
    assert not {name: length for name, length in lengths.items() if length > 400}
