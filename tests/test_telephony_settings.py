"""Settings: read from the environment, refused with a message that says what to set."""

from pathlib import Path

import pytest

from telephony.settings import Settings, SettingsError, load_settings, variable

COMPLETE = {
    "SEGUE_PUBLIC_URL": "https://calls.example.com",
    "SEGUE_API_TOKEN": "0123456789abcdef",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "secret-token",
    "TWILIO_NUMBER": "+13125550100",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A complete environment, and a directory without a `.env`."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


def problems(**given: object) -> dict[str, str]:
    """What is said to be wrong, by variable."""
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return caught.value.problems


def test_a_complete_environment_is_enough() -> None:
    """Everything else has a default."""
    settings = load_settings()
    assert settings.twilio_number == "+13125550100"
    assert (settings.port, settings.data, settings.redis_url) == (8080, Path(".segue"), None)


@pytest.mark.parametrize("name", sorted(COMPLETE.keys() - {"TWILIO_NUMBER"}))
def test_a_missing_variable_is_named_with_its_purpose_and_an_example(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message alone must be enough to mend it."""
    monkeypatch.delenv(name)
    said = problems()
    assert list(said) == [name]
    assert f"{name} is missing. It is " in said[name]
    assert "for example" in said[name]


TELNYX = {
    "TELNYX_API_KEY": "KEY0123",
    "TELNYX_PUBLIC_KEY": "A" * 43 + "=",
    "TELNYX_ACCOUNT_ID": "f5586561-8ff0-4291-a51b-c7dfe4139ff9",
    "TELNYX_APP_ID": "1293384261075731499",
}


def on_telnyx(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> None:
    """An environment with Telnyx's credentials and without Twilio's."""
    for name in COMPLETE:
        if name.startswith("TWILIO"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SEGUE_CARRIER", "telnyx")
    for name, value in (TELNYX | changed).items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)


def test_another_carrier_needs_its_own_credentials_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twilio's may be missing then, and its number is not used."""
    on_telnyx(monkeypatch, TELNYX_NUMBER="+13125550101", TWILIO_NUMBER="+13125550100")
    settings = load_settings()
    assert (settings.number, settings.account) == ("+13125550101", TELNYX["TELNYX_ACCOUNT_ID"])


@pytest.mark.parametrize("name", sorted(TELNYX))
def test_a_missing_credential_of_the_carrier_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server must not start with webhooks it could not verify, or calls it could not end."""
    on_telnyx(monkeypatch, **{name: None})
    said = problems()
    assert list(said) == [name]
    assert f"{name} is missing. It is " in said[name]


@pytest.mark.parametrize("key", ["", "AAAA", "A" * 44, "not base64"])
def test_a_public_key_is_one(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found out before the first call, not by it."""
    on_telnyx(monkeypatch, TELNYX_PUBLIC_KEY=key)
    assert list(problems()) == ["TELNYX_PUBLIC_KEY"]


def test_a_carrier_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the ones there are."""
    monkeypatch.setenv("SEGUE_CARRIER", "plivo")
    assert "twilio or telnyx" in problems()["SEGUE_CARRIER"]


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody should have to start the server five times."""
    for name in COMPLETE:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SEGUE_PORT", "eighty")
    assert problems().keys() == (COMPLETE.keys() - {"TWILIO_NUMBER"}) | {"SEGUE_PORT"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEGUE_PUBLIC_URL", "calls.example.net"),
        ("SEGUE_PUBLIC_URL", "https://calls.example.com/?a=1"),
        ("SEGUE_PUBLIC_URL", "https://user:pass@calls.example.com"),
        ("SEGUE_API_TOKEN", "short"),
        ("TWILIO_ACCOUNT_SID", "SK" + "0" * 32),
        ("TWILIO_NUMBER", "77"),
        ("SEGUE_PORT", "70000"),
        ("SEGUE_BUSINESS_TIME", "2026-11-19T08:00:00"),
        ("SEGUE_TWILIO_BASE_URL", "ftp://sandbox"),
    ],
)
def test_a_wrong_value_is_refused_without_being_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value may be a secret: the message shows only what is expected."""
    monkeypatch.setenv(name, value)
    said = problems()
    assert list(said) == [name]
    assert value not in said[name].replace(name, "")


def test_an_llm_endpoint_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a configuration is an error, not a silent default."""
    monkeypatch.setenv("SEGUE_LLM_BASE_URL", "http://127.0.0.1:8000/v1")
    assert "SEGUE_LLM_MODEL" in problems()["settings"]


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """`docker run -e NAME=` and a bare line in `.env` mean nothing is set."""
    monkeypatch.setenv("SEGUE_REDIS_URL", "")
    monkeypatch.setenv("SEGUE_BUSINESS_TIME", "")
    settings = load_settings()
    assert settings.redis_url is None
    assert settings.business_time is None


def test_a_dotenv_file_is_read_and_the_environment_beats_it(tmp_path: Path) -> None:
    """Deployment wins over the file of the working directory."""
    (tmp_path / ".env").write_text("SEGUE_PORT=9001\nTWILIO_NUMBER=+13125550199\n")
    settings = load_settings()
    assert (settings.port, settings.twilio_number) == (9001, "+13125550100")


def test_secrets_do_not_show() -> None:
    """A repr ends up in tracebacks and tickets."""
    settings = load_settings(redis_url="redis://:hunter2@cache/0")
    for secret in ("secret-token", "0123456789abcdef", "hunter2"):
        assert secret not in repr(settings)


def test_a_number_is_brought_to_e164() -> None:
    """People write numbers in many ways."""
    assert load_settings(twilio_number="(312) 555-0100").twilio_number == "+13125550100"


@pytest.mark.parametrize(
    ("public", "http", "socket"),
    [
        ("https://calls.example.com/", "https://calls.example.com/x", "wss://calls.example.com/x"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x", "ws://127.0.0.1:8080/x"),
        ("https://example.com/segue", "https://example.com/segue/x", "wss://example.com/segue/x"),
    ],
)
def test_addresses_are_made_from_the_public_url(public: str, http: str, socket: str) -> None:
    """Media follows the scheme: https means wss."""
    settings = load_settings(public_url=public)
    assert (settings.url("/x"), settings.websocket_url("/x")) == (http, socket)
