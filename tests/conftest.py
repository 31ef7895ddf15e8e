"""Fixtures every test may use."""

from collections.abc import AsyncIterator, Iterator

import hypothesis
import pytest
import structlog

from state import connect
from state.embedded import EmbeddedValkey
from state.store import Record
from tests import valkey_nodes

# The same examples every time: whoever changes nothing breaks nothing. `--hypothesis-profile=search` finds new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=1000)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """An error in the log is printed as Python prints it: drawing it in colours takes a second, and calls go on."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """A Redis has as long to answer as a busy machine takes. With a call's 300 ms one that got no processor for so long
    twice in a row would fail whatever test asked it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connect, "TIMEOUT_S", 5.0)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Segue runs on asyncio; tests marked `anyio` do too."""
    return "asyncio"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server for the whole session, started when the first test asks for it."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey.url


@pytest.fixture(scope="session")
def valkey_url(server_url: str) -> str:
    """Where the record of a test is; a module whose rules hold on a Cluster, too, overrides it by `any_redis_url`."""
    return server_url


@pytest.fixture(scope="session")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Cluster of three real servers for the whole session, started when the first test asks for it."""
    with valkey_nodes.cluster(tmp_path_factory.mktemp("cluster")) as ports:
        yield f"redis+cluster://127.0.0.1:{ports[0]}"


@pytest.fixture(scope="session", params=["server", pytest.param("cluster", marks=pytest.mark.alone)])
def any_redis_url(request: pytest.FixtureRequest) -> str:
    """The one server, then the Cluster: its three servers want the machine for themselves."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def record(anyio_backend: str, valkey_url: str) -> AsyncIterator[Record]:
    """An empty record, for tests marked `anyio`."""
    redis = connect.connect(valkey_url)
    await redis.flushdb()
    await redis.aclose()
    record = Record.connect(valkey_url)
    yield record
    await record.close()
