"""Platforms to run the channels' contract against."""

from collections.abc import AsyncIterator, Iterator

import pytest

from pulse.fetch import Fetcher
from pulse.settings import FetchSettings
from tests.servers.pds import Pds, PdsUnavailable, running_pds


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    try:
        with running_pds() as server:
            yield server
    except PdsUnavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1", per_host=20)) as fetcher:
        yield fetcher
