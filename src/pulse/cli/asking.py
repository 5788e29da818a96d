"""How a command asks a service for what only its routes offer."""

from typing import TYPE_CHECKING, Any

from pulse.cli.session import TENANT
from pulse.kernel.errors import Kind, PulseError

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.http.errors import PeerRefused


async def ask(pulse: "Pulse", method: str, path: str, *, json: Any = None, query: dict[str, Any] | None = None) -> Any:
    """Ask the llm service, in this process, and return its JSON answer. Raises the error that it answers with."""
    from pulse.http.errors import PeerRefused

    try:
        return await pulse.peer("cli", "llm").ask(method, path, TENANT, json=json, query=query)
    except PeerRefused as error:
        raise as_told(error) from None


def as_told(error: "PeerRefused") -> PulseError:
    """Return a service's refusal as the error it raised there: same code, words and next step."""
    from pulse.http.problems import STATUS

    problem = error.details.get("problem") or {}
    kinds = {status: kind for kind, status in STATUS.items()}
    told = {
        "code": str(problem.get("code") or error.code),
        "kind": kinds.get(int(error.details.get("status") or 500), Kind.INTERNAL),
        "next_step": str(problem.get("next_step") or error.next_step),
    }
    refusal: PulseError = type("ToldByService", (PulseError,), told)(error.message)
    return refusal
