"""Endpoints: where personal data may be sent, and what each wants to hear."""

import json

import pytest
from happenings import lead_arrived, text_received
from telephony_kit import settings

from telephony.crm.subscriptions import Subscription
from telephony.settings import SettingsError

SECRET = "whsec_" + "c2VjcmV0" * 4
GOOD = {"name": "crm", "url": "https://crm.example.com/segue?x=1", "secret": SECRET}


@pytest.mark.parametrize(
    "url", ["https://crm.example.com", "http://127.0.0.1:9000/segue", "http://localhost:9", "http://[::1]/"]
)
def test_https_anywhere_and_http_to_this_machine(url: str) -> None:
    """What is told is personal."""
    assert Subscription(**GOOD | {"url": url}).url == url


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://crm.example.com"),
        ("url", "http://10.0.0.7/segue"),
        ("url", "https://169.254.169.254/latest/meta-data"),
        ("url", "https://user:password@crm.example.com"),
        ("url", "ftp://127.0.0.1"),
        ("url", "crm.example.com"),
        ("secret", "hunter2"),
        ("secret", "whsec_"),
        ("name", "my crm"),
        ("events", ["text_recieved"]),
        ("colour", "blue"),
    ],
)
def test_what_is_wrong_is_refused_without_telling_the_secret(field: str, value: object) -> None:
    """In the words of the setting."""
    with pytest.raises(SettingsError) as caught:
        settings(webhooks=json.dumps([GOOD | {field: value}]))
    assert "SEGUE_WEBHOOKS" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[1]", json.dumps([GOOD, GOOD])])
def test_what_is_no_list_of_endpoints_is_refused(text: str) -> None:
    """Or names two of them the same."""
    with pytest.raises(SettingsError):
        settings(webhooks=text)


def test_secrets_do_not_show() -> None:
    """Neither in the settings nor in the endpoint."""
    given = settings(webhooks=json.dumps([GOOD]))
    assert SECRET not in repr(given) + repr(given.webhooks)


def test_an_endpoint_hears_what_it_wants() -> None:
    """Kinds and campaigns; without any, everything."""
    some = Subscription(**GOOD, events=("text_received",), campaigns=("insurance",))
    assert Subscription(**GOOD).wants(lead_arrived(), "lending")
    assert some.wants(text_received(1), "insurance")
    assert not some.wants(text_received(1), "lending")
    assert not some.wants(lead_arrived(), "insurance")
