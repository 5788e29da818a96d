"""What all commands share: loading, help, options, errors and exit codes."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from pulse.cli import entry
from pulse.cli.entry import COMMANDS
from pulse.cli.entry import pulse as pulse_command
from pulse.cli.frame import Entry
from pulse.cli.posts import STATES
from pulse.cli.token import ROLES
from pulse.http.tokens import Role
from pulse.kernel.errors import Kind, PulseError
from pulse.social.posts import State
from tests.unit.cli.conftest import Call

ENTRIES = [one for entries in COMMANDS.values() for one in entries]
HEAVY = ("pydantic", "sqlalchemy", "rich", "fastapi", "aiohttp", "httpx", "uvloop", "pulse.settings", "pulse.app")


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for child in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), child)
            assert found is not None
            yield from leaves(found, f"{name} {child}")
    else:
        yield name, command


def every_command() -> list[tuple[str, click.Command]]:
    return [found for one in ENTRIES for found in leaves(one.load(), f"pulse {one.name}")]


def modules_after(*words: str) -> set[str]:
    program = (
        "import sys\nfrom pulse.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "except SystemExit as ended:\n    assert not ended.code, ended.code\n"
        "print(' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_help_loads_nothing_heavy() -> None:
    loaded = modules_after("--help")
    assert not loaded & set(HEAVY)
    assert not {one.module for one in ENTRIES} & loaded


def test_the_help_of_a_command_loads_only_that_command() -> None:
    loaded = modules_after("posts", "list", "--help")
    assert "pulse.cli.posts" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.name)
def test_the_summary_in_the_table_is_what_the_command_says(one: Entry) -> None:
    command = one.load()
    assert command.name == one.name
    assert (command.help or "").partition("\n\n")[0].replace("\n", " ") == one.summary


def test_every_command_has_help_an_example_and_the_common_options() -> None:
    found = every_command()
    assert len(found) > 30
    for name, command in found:
        assert name in (command.help or ""), f"{name}: its help has no example of it"
        assert "\\b" not in (command.help or ""), name
        options = [option for parameter in command.params for option in parameter.opts]
        assert {"--home", "--json"} <= set(options), name
        assert len(options) == len(set(options)), f"{name} has an option twice"
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, f"{name} {parameter.opts} has no help"


def test_no_secret_is_taken_as_a_value_on_the_command_line() -> None:
    for name, command in every_command():
        for parameter in command.params:
            for option in parameter.opts:
                assert option not in ("--secret", "--password", "--token", "--app-password"), name


def test_choices_written_out_for_speed_are_those_of_the_rooms() -> None:
    assert set(STATES) == {state.value for state in State}
    assert set(ROLES) == {role.value for role in Role} - {Role.SERVICE.value}


def test_version(call: Call) -> None:
    assert call("--version").out == "pulse 2.0.0\n"


@pytest.mark.parametrize("words", [("nonsense",), ("posts", "list", "--limit", "0"), ("posts", "show", "not-an-id")])
def test_bad_arguments_end_with_2_and_say_where_to_look(call: Call, words: tuple[str, ...]) -> None:
    ended = call(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "Error: " in ended.err
    assert "--help" in ended.err
    ended = call(*words, "--json")
    assert ended.code == 2
    assert ended.document["error"]["code"] == "cli.bad_arguments"


class Missing(PulseError):
    code = "test.missing"
    kind = Kind.NOT_FOUND
    next_step = "Look elsewhere."


class Wrong(PulseError):
    code = "test.wrong"
    kind = Kind.INVALID
    next_step = "Write it right."


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Make `pulse token` raise what is put into the list."""
    errors: list[BaseException] = []

    @click.command("token")
    def broken() -> None:
        raise errors[0]

    monkeypatch.setattr(Entry, "load", lambda _self: broken)
    assert entry.pulse is pulse_command
    return errors


@pytest.mark.parametrize(("error", "code"), [(Missing("no such thing", id=7), 1), (Wrong("not that"), 2)])
def test_named_errors_give_message_next_step_and_code(
    call: Call, failing: list[BaseException], error: PulseError, code: int
) -> None:
    failing.append(error)
    ended = call("token")
    assert (ended.code, ended.out) == (code, "")
    assert ended.err == f"Error: {error.message}\nNext: {error.next_step}\n"
    ended = call("--json", "token")
    assert (ended.code, ended.err) == (code, "")
    assert ended.document == {"error": error.as_dict()}


def test_an_unnamed_error_shows_its_traceback_and_still_gives_a_document(
    call: Call, failing: list[BaseException]
) -> None:
    failing.append(ZeroDivisionError("division by zero"))
    ended = call("--json", "token")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "pulse.unexpected"
    assert "Traceback" in ended.err
    assert "ZeroDivisionError" in ended.err


def test_an_interrupt_ends_with_130_and_no_traceback(call: Call, failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    ended = call("token")
    assert ended.code == 130
    assert "Traceback" not in ended.err
