"""Fixtures every test may use."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis import Redis

from state.embedded import EmbeddedValkey
from state.store import Record


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Segue runs on asyncio; tests marked `anyio` do too."""
    return "asyncio"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server for the whole session, started when the first test asks for it."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey.url


@pytest.fixture
async def record(anyio_backend: str, valkey_url: str) -> AsyncIterator[Record]:
    """An empty record, for tests marked `anyio`."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
    record = Record.connect(valkey_url)
    yield record
    await record.close()
