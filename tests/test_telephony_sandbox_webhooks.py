import pytest
from starlette.responses import RedirectResponse, Response
from twilio.request_validator import RequestValidator
from webhook_server import WebhookServer

from telephony.sandbox.debugger import Debugger
from telephony.sandbox.exchange import TOKEN
from telephony.sandbox.webhooks import Chaos, Courier, Report, signed_url

pytestmark = pytest.mark.anyio


@pytest.fixture
def debugger() -> Debugger:
    """An empty debugger."""
    return Debugger()


def test_the_signature_is_twilios() -> None:
    """The test vector of the fact sheet: sorted names, empty values kept."""
    courier = Courier("a1b2c3d4e5f60718293a4b5c6d7e8f90", Debugger())
    fields = {
        "CallSid": "CAdeadbeefdeadbeefdeadbeefdeadbeef",
        "From": "+14155550123",
        "To": "+14155550199",
        "CallStatus": "ringing",
        "FromZip": "",
        "callerNote": "é x",
    }
    assert courier.sign("https://agent.example.net/voice/in?tenant=7", fields) == "T7NWFUz14n2PvfMit0sz2Gb0TRc="
    assert courier.sign("wss://agent.example.net/media") == "M6SAWNhBU3xZ+e1lKuNmaBxeUrY="


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("http://127.0.0.1:8080/a?b=1", "http://127.0.0.1:8080/a?b=1"),
        ("https://agent.example.net:8443/a", "https://agent.example.net/a"),
        ("https://user:pw@agent.example.net/a#rc=2", "https://agent.example.net/a"),
    ],
)
def test_the_signed_url(url: str, signed: str) -> None:
    """Fragment and user never, the port of https not for voice."""
    assert signed_url(url) == signed


async def test_requests_verify(debugger: Debugger) -> None:
    """POST signs the form, GET the URL with everything in its query; both carry a token of their own."""
    server, courier = WebhookServer(), Courier(TOKEN, debugger)
    async with server.serve() as url:
        fields = {"CallSid": "CA1", "FromZip": "", "Body": "é & ü"}
        await courier.instructions(f"{url}/voice?x=1", "POST", fields)
        await courier.instructions(f"{url}/voice?x=1", "GET", fields)
        await courier.close()
    assert [(asked.method, asked.signed) for asked in server.asked] == [("POST", True), ("GET", True)]
    assert server.asked[0].fields == fields
    assert server.asked[1].fields == {"x": "1", **fields}
    assert len({asked.once for asked in server.asked}) == 2


async def test_instructions_are_read(debugger: Debugger) -> None:
    """The text, its type, and where it came from after redirects."""
    server, courier = WebhookServer(), Courier(TOKEN, debugger)
    server.answers = {"/a": RedirectResponse("/b", 307), "/b": "<Response/>"}
    async with server.serve() as url:
        page = await courier.instructions(f"{url}/a", "POST", {"CallSid": "CA1"})
        await courier.close()
    assert page is not None
    assert (page.text, page.content_type, page.url) == ("<Response/>", "text/xml", f"{url}/b")
    assert page.is_xml
    assert all(asked.signed for asked in server.asked)
    assert debugger.errors == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("no", 500), "11200"),
        (Response("no", 403), "11200"),
        (Response("<Response/>"), "11200"),
        (RedirectResponse("/voice", 302), "11215"),
    ],
)
async def test_bad_answers_are_errors(answer: Response, code: str, debugger: Debugger) -> None:
    """An error status, no content type, or a redirect without end: no instructions, and the code says why."""
    server, courier = WebhookServer({"/voice": answer}), Courier(TOKEN, debugger)
    async with server.serve() as url:
        assert await courier.instructions(f"{url}/voice", "POST", {}) is None
        await courier.close()
    assert [error[:5] for error in debugger.errors] == [code]


async def test_an_unreachable_server_is_11205(debugger: Debugger) -> None:
    """Nobody listens: tried twice, then an error."""
    courier = Courier(TOKEN, debugger)
    assert await courier.instructions("http://127.0.0.1:9/voice", "POST", {}) is None
    await courier.close()
    assert [error[:5] for error in debugger.errors] == ["11205"]


@pytest.mark.parametrize(("fragment", "tries"), [("", 1), ("#rc=2&rp=5xx", 3), ("#rc=3&rp=4xx", 1), ("#rp=all", 2)])
async def test_connection_overrides(fragment: str, tries: int, debugger: Debugger) -> None:
    """A 500 is not tried again unless the URL's fragment asks for it; every try has the same token."""
    server, courier = WebhookServer({"/voice": Response("no", 500)}), Courier(TOKEN, debugger)
    async with server.serve() as url:
        await courier.instructions(f"{url}/voice{fragment}", "POST", {})
        await courier.close()
    assert len(server.asked) == tries
    assert len({asked.once for asked in server.asked}) == 1
    assert all(asked.signed for asked in server.asked)


async def reported(chaos: Chaos, count: int) -> list[str]:
    """The order in which `count` reports of one call arrive."""
    server, courier = WebhookServer(), Courier(TOKEN, Debugger(), chaos)
    async with server.serve() as url:
        for number in range(count):
            courier.report("CA1", Report(f"{url}/status", "POST", {"SequenceNumber": str(number)}))
        await courier.drain()
        await courier.close()
    return server.values("/status", "SequenceNumber")


async def test_reports_of_a_call_keep_their_order() -> None:
    """Without chaos each is delivered once, one after the other."""
    assert await reported(Chaos(), 6) == ["0", "1", "2", "3", "4", "5"]


async def test_reports_are_duplicated_on_demand() -> None:
    """Every one twice."""
    assert await reported(Chaos(duplicate=1.0), 2) == ["0", "0", "1", "1"]


async def test_reports_are_reordered_on_demand() -> None:
    """Some arrive after later ones, none is lost, and the seed decides which."""
    chaos = Chaos(reorder=0.5, seed=3, held_s=0.1)
    order = await reported(chaos, 8)
    assert sorted(order) == [str(number) for number in range(8)]
    assert order != sorted(order)
    assert sorted(order[:4]) != ["0", "1", "2", "3"]


async def test_a_failed_report_is_15003(debugger: Debugger) -> None:
    """Callbacks do not steer anything; an error status is noted and that is all."""
    server, courier = WebhookServer({"/status": Response("no", 404)}), Courier(TOKEN, debugger)
    async with server.serve() as url:
        courier.report("CA1", Report(f"{url}/status", "POST", {}))
        courier.report("CA1", Report("", "POST", {}))
        courier.report("CA1", Report("/status", "POST", {}))
        await courier.drain()
        await courier.close()
    assert sorted(error[:5] for error in debugger.errors) == ["11100", "15003"]


def test_the_courier_signs_what_the_library_verifies() -> None:
    """The same algorithm, from the outside."""
    fields = {"A": "1", "b": ""}
    signature = Courier(TOKEN, Debugger()).sign("https://agent.example.net/voice", fields)
    assert RequestValidator(TOKEN).validate("https://agent.example.net/voice", fields, signature)
