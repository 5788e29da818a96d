"""A model on this machine: a GGUF file, run by llama.cpp in a process of its own (`local_server.py`).

The process starts with the first question, is started again after it has died, and ends with this one. A model that
crashes takes nothing with it.
"""

import asyncio
import hashlib
import os
import secrets
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

from pulse.llm.errors import AnswerIncomplete, ModelFileWrong, ProviderError, ProviderUnavailable
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Answer, Completion

_MOMENT_SECONDS = 0.5
_TOLD = 300
_BROKEN = (ProviderUnavailable, AnswerIncomplete)


class Local:
    """The model in the file `path`, whose SHA-256 must be `sha256` where one is given.

    `at_once` questions are answered side by side, each with `context` tokens of room. `threads` 0: as many as
    llama.cpp thinks best. Needs the extra `pulse[local]`.
    """

    name = "local"

    def __init__(
        self,
        path: Path,
        sha256: str = "",
        timeout_seconds: float = 60,
        start_seconds: float = 120,
        context: int = 8192,
        at_once: int = 1,
        threads: int = 0,
    ) -> None:
        self.model = f"{path.name}@{sha256[:12].lower()}" if sha256 else path.name
        self._path = path
        self._sha256 = sha256.lower()
        self._timeout = timeout_seconds
        self._start_seconds = start_seconds
        self._options = [str(context), str(at_once), str(threads)]
        self._key = secrets.token_urlsafe(32)
        self._run: tuple[OpenAiCompatible, Popen[bytes]] | None = None
        self._checked = False
        self._starting = asyncio.Lock()

    async def complete(self, request: Completion) -> Answer:
        """Ask once. Raises a `ProviderError`: `ModelFileWrong`, or what `OpenAiCompatible` raises."""
        server, process = await self._running()
        try:
            return await server.complete(request)
        except ProviderError as error:
            if isinstance(error, _BROKEN) and await asyncio.to_thread(_ended, process):
                raise ProviderUnavailable(f"{self.model} died (exit {process.returncode})") from error
            raise

    async def close(self) -> None:
        """End the process."""
        run, self._run = self._run, None
        if run is not None:
            await asyncio.to_thread(_end, run[1])

    async def _running(self) -> tuple[OpenAiCompatible, Popen[bytes]]:
        async with self._starting:
            if self._run is None or self._run[1].poll() is not None:
                await self.close()
                await self._check_file()
                self._run = await self._start()
            return self._run

    async def _check_file(self) -> None:
        if self._checked:
            return
        try:
            found = await asyncio.to_thread(_sha256, self._path) if self._sha256 else ""
            self._path.open("rb").close()
        except OSError as error:
            raise ModelFileWrong(f"{self._path} cannot be read: {error.strerror}") from error
        if found != self._sha256:
            raise ModelFileWrong(f"the SHA-256 of {self._path} is {found} and not {self._sha256}")
        self._checked = True

    async def _start(self) -> tuple[OpenAiCompatible, Popen[bytes]]:
        # Not asyncio's own: a process of it would belong to one event loop.
        process = await asyncio.to_thread(
            Popen,
            [sys.executable, "-m", "pulse.llm.providers.local_server", str(self._path), *self._options],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=os.environ | {"PULSE_LOCAL_KEY": self._key},
        )
        said = asyncio.create_task(asyncio.to_thread(process.stdout.readline if process.stdout else bytes))
        try:
            async with asyncio.timeout(self._start_seconds):
                line = (await asyncio.shield(said)).decode(errors="replace").strip()
        except BaseException as error:
            _end(process)
            if isinstance(error, TimeoutError):
                raise ProviderUnavailable(f"{self.model} was not loaded within {self._start_seconds:g} s") from error
            raise
        word, _, address = line.partition(" ")
        if word != "listening":
            await asyncio.to_thread(_end, process)
            raise ModelFileWrong(f"{self._path} cannot be run as a model: {line[:_TOLD] or 'its process ended'}")
        return OpenAiCompatible(f"{address}/v1", self.model, self._key, self._timeout), process


def _end(process: Popen[bytes]) -> None:
    with process:
        process.kill()


def _ended(process: Popen[bytes]) -> bool:
    """Say whether a process has ended. A connection breaks a moment before the end is known."""
    try:
        process.wait(_MOMENT_SECONDS)
    except TimeoutExpired:
        return False
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
