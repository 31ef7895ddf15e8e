from typing import Any

import pytest

from telephony.sandbox.refusals import RefusalError, check_call, check_text

OURS, LEAD = "+13125550100", "+13125550142"
CALL = {"To": LEAD, "From": OURS, "Url": "http://127.0.0.1:8080/twilio/voice"}
TEXT = {"To": LEAD, "From": OURS, "Body": "Hi Jordan"}


def changed(form: dict[str, str], **fields: Any) -> dict[str, str]:
    """The form with some fields set, and those set to None left out."""
    return {name: value for name, value in {**form, **fields}.items() if value is not None}


def test_a_call_is_read() -> None:
    """What a plain request means, with Twilio's defaults."""
    order = check_call(CALL, {OURS})
    assert (order.to, order.sender, order.url, order.method, order.ring_s) == (LEAD, OURS, CALL["Url"], "POST", 60)
    assert check_call(changed(CALL, Timeout="25", Method="get"), {OURS}).ring_s == 25


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": None}, 21201),
        ({"From": None}, 21213),
        ({"Url": None}, 21205),
        ({"Url": "/voice"}, 21205),
        ({"Url": "ftp://x/voice"}, 21205),
        ({"Url": "https://my_host.example/voice"}, 21205),
        ({"StatusCallback": "status"}, 21609),
        ({"To": "3125550142"}, 21211),
        ({"To": "+1312555"}, 21211),
        ({"From": "harbor"}, 21212),
        ({"From": "+13125550101"}, 21210),
        ({"Timeout": "0"}, 20001),
        ({"Timeout": "soon"}, 20001),
        ({"Method": "PUT"}, 20001),
        ({"Url": None, "Twiml": "<Response>" + "a" * 4000}, 20001),
        ({"From": "+15005550001"}, 21212),
        ({"To": "+15005550001"}, 21217),
        ({"To": "+15005550002"}, 21214),
        ({"To": "+15005550003"}, 21215),
        ({"To": "+15005550004"}, 21216),
    ],
)
def test_calls_twilio_refuses(fields: dict[str, Any], code: int) -> None:
    """Each with its code, magic numbers included."""
    with pytest.raises(RefusalError) as caught:
        check_call(changed(CALL, **fields), {OURS})
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": None}, 21604),
        ({"From": None}, 21603),
        ({"Body": None}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"To": "jordan"}, 21211),
        ({"From": "+1"}, 21212),
        ({"From": "+13125550101"}, 21606),
        ({"To": OURS}, 21266),
        ({"To": "+13125550199"}, 21610),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"MessagingServiceSid": "MG1"}, 21703),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
    ],
)
def test_texts_twilio_refuses(fields: dict[str, Any], code: int) -> None:
    """Each with its code, magic numbers and opted-out receivers included."""
    with pytest.raises(RefusalError) as caught:
        check_text(changed(TEXT, **fields), {OURS}, {(OURS, "+13125550199")})
    assert caught.value.code == code


def test_the_longest_text_is_sent() -> None:
    """1600 characters are allowed, and the magic sender may send to anybody."""
    assert check_text(changed(TEXT, Body="x" * 1600), {OURS}, ()).body == "x" * 1600
    assert check_text(changed(TEXT, From="+15005550006"), {OURS}, ()).sender == "+15005550006"


def test_the_error_body_is_twilios() -> None:
    """Code, message, link and status, as the client library reads them."""
    assert RefusalError(21211, "no", 400).body() == {
        "code": 21211,
        "message": "no",
        "more_info": "https://www.twilio.com/docs/errors/21211",
        "status": 400,
    }
