"""Settings, from the environment and `.env`. Each field's description and example become its error message."""

import base64
import binascii
from ipaddress import ip_network
from json import loads
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BeforeValidator,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from audio.pipecat_services import read_options
from state.connect import check_url
from telephony.crm.subscriptions import Subscription
from telephony.numbers import e164

PREFIX = "SEGUE_"
ED25519_BYTES: Final = 32
"""Length of a public key."""

CREDENTIALS: Final = {
    "twilio": ("twilio_account_sid", "twilio_auth_token"),
    "telnyx": ("telnyx_api_key", "telnyx_public_key", "telnyx_account_id", "telnyx_app_id"),
}
"""What each carrier's account needs: without it nothing starts."""
PLACEHOLDERS: Final = {
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": "0",
    "telnyx_api_key": "0",
    "telnyx_public_key": base64.b64encode(bytes(ED25519_BYTES)).decode(),
    "telnyx_account_id": "0",
    "telnyx_app_id": "0",
}
"""What stands in for credentials where no carrier is talked to."""


class SettingsError(Exception):
    """Settings are missing or wrong. Each problem names its variable, says what it is for and shows an example."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("\n".join(problems.values()))
        self.problems = problems
        """Message by variable name."""


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an http or https address")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must hold no user, query or fragment")
    return value.rstrip("/")


def _public_key(value: str) -> str:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != ED25519_BYTES:
        raise ValueError("is not 32 bytes in base64")
    return value


def _redis_url(value: str) -> str:
    check_url(value)
    return value


def _networks(value: str) -> str:
    for part in filter(None, map(str.strip, value.split(","))):
        try:
            ip_network(part)
        except ValueError:
            raise ValueError(f"holds {part!r}, which is no address or network") from None
    return value


def _blank_is_unset(value: object) -> object:
    return None if value == "" else value


def _options(value: object) -> object:
    return read_options(value) if isinstance(value, str) else value


def _codes(value: object) -> object:
    return tuple(code.strip().lower() for code in value.split(",")) if isinstance(value, str) else value


def _json(value: object) -> object:
    return loads(value) if isinstance(value, str) else value  # what is no JSON raises a ValueError


def _named_once(all_of_them: tuple[Subscription, ...]) -> tuple[Subscription, ...]:
    if len({one.name for one in all_of_them}) < len(all_of_them):
        raise ValueError("names two endpoints the same")
    return all_of_them


def _words(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


Service = Annotated[str, Field(pattern=r"^pipecat:\w+(\.\w+)*(/\w+)?$")]
Options = Annotated[dict[str, JsonValue], NoDecode, BeforeValidator(_options)]
Codes = Annotated[tuple[Annotated[str, Field(pattern="^[a-z]{2}$")], ...], NoDecode, BeforeValidator(_codes)]
Webhooks = Annotated[tuple[Subscription, ...], NoDecode, BeforeValidator(_json), AfterValidator(_named_once)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]


class Settings(BaseSettings):
    """What the server is told. Secrets never show in a repr or a log."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True, populate_by_name=True
    )

    public_url: HttpUrl = Field(
        description="the address under which the carrier reaches this server", examples=["https://calls.example.com"]
    )
    api_token: SecretStr = Field(
        min_length=16,
        description="the bearer token that /v1 callers present, 16 characters or more",
        examples=["$(openssl rand -hex 24)"],
    )
    api_per_second: int = Field(
        50, ge=1, description="requests a second that a holder of the token may make from one address", examples=["50"]
    )
    carrier: Literal["twilio", "telnyx"] = Field(
        "twilio", description="whose telephones are used: twilio or telnyx", examples=["telnyx"]
    )
    twilio_account_sid: str = Field(
        "",
        validate_default=True,
        pattern=r"^AC[0-9a-fA-F]{32}$",
        validation_alias=AliasChoices("TWILIO_ACCOUNT_SID", "twilio_account_sid"),
        description="the Account SID from the Twilio console",
        examples=["AC followed by 32 hexadecimal digits"],
    )
    twilio_auth_token: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        validation_alias=AliasChoices("TWILIO_AUTH_TOKEN", "twilio_auth_token"),
        description="the primary Auth Token from the Twilio console; it signs webhooks",
        examples=["32 hexadecimal digits"],
    )
    twilio_number: Annotated[str, AfterValidator(e164)] | None = Field(
        None,
        validation_alias=AliasChoices("TWILIO_NUMBER", "twilio_number"),
        description="the number that campaigns without their own call and text from",
        examples=["+13125550100"],
    )
    twilio_base_url: HttpUrl | None = Field(
        None, description="where the Twilio API is, if not at Twilio", examples=["http://127.0.0.1:8900"]
    )
    telnyx_api_key: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        validation_alias=AliasChoices("TELNYX_API_KEY", "telnyx_api_key"),
        description="an API key from the Telnyx portal",
        examples=["KEY..."],
    )
    telnyx_public_key: Annotated[str, AfterValidator(_public_key)] = Field(
        "",
        validate_default=True,
        validation_alias=AliasChoices("TELNYX_PUBLIC_KEY", "telnyx_public_key"),
        description="the public key from the Telnyx portal (Keys & Credentials); webhooks are verified with it",
        examples=["44 characters of base64"],
    )
    telnyx_account_id: str = Field(
        "",
        validate_default=True,
        pattern=r"^[\w-]+$",
        validation_alias=AliasChoices("TELNYX_ACCOUNT_ID", "telnyx_account_id"),
        description="the account's id, which TeXML webhooks call AccountSid",
        examples=["f5586561-8ff0-4291-a51b-c7dfe4139ff9"],
    )
    telnyx_app_id: str = Field(
        "",
        validate_default=True,
        pattern=r"^\w+$",
        validation_alias=AliasChoices("TELNYX_APP_ID", "telnyx_app_id"),
        description="the id of the TeXML application that the number belongs to",
        examples=["1293384261075731499"],
    )
    telnyx_number: Annotated[str, AfterValidator(e164)] | None = Field(
        None,
        validation_alias=AliasChoices("TELNYX_NUMBER", "telnyx_number"),
        description="the number that campaigns without their own call and text from",
        examples=["+13125550100"],
    )
    telnyx_base_url: HttpUrl | None = Field(
        None, description="where the Telnyx API is, if not at Telnyx", examples=["http://127.0.0.1:8900"]
    )
    texts_per_second: float = Field(
        1.0,
        gt=0,
        description="the texts a second that the carrier takes from each of our numbers: 1 for a plain US number, more "
        "for a toll-free one or a registered campaign. First texts wait for their turn, answers only count",
        examples=["10"],
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = Field(
        None,
        repr=False,
        description="a Redis (7 or newer) or Valkey, a Cluster (redis+cluster://host:port) or what Sentinel watches "
        "(redis+sentinel://host:port/service); without it an embedded Valkey keeps the data",
        examples=["redis://127.0.0.1:6379/0"],
    )
    host: str = Field("127.0.0.1", description="the address to listen on", examples=["0.0.0.0"])
    port: int = Field(8080, ge=1, le=65535, description="the port to listen on", examples=["8080"])
    campaigns: Path = Field(
        Path("campaigns"), description="the directory of campaign files", examples=["/etc/segue/campaigns"]
    )
    data: Path = Field(
        Path(".segue"), description="the directory the embedded Valkey writes to", examples=["/var/lib/segue"]
    )
    llm_base_url: HttpUrl | None = Field(
        None,
        description="an OpenAI-compatible endpoint; without it the local brain talks",
        examples=["http://127.0.0.1:8000/v1"],
    )
    llm_model: str | None = Field(None, description="the model to ask for there", examples=["gpt-4.1-mini"])
    llm_api_key: SecretStr | None = Field(None, description="the key for that endpoint", examples=["sk-..."])
    stt: Service | None = Field(
        None,
        description="a Pipecat speech-to-text service; without it the bundled Whisper listens",
        examples=["pipecat:deepgram"],
    )
    stt_options: Options = Field({}, repr=False, description="its options, as JSON", examples=['{"model": "nova-3"}'])
    tts: Service | None = Field(
        None,
        description="a Pipecat text-to-speech service; without it the bundled hibari speaks",
        examples=["pipecat:cartesia"],
    )
    tts_options: Options = Field({}, repr=False, description="its options, as JSON", examples=['{"voice": "..."}'])
    llm: Service | None = Field(
        None,
        description="a Pipecat language model service, in place of SEGUE_LLM_BASE_URL",
        examples=["pipecat:anthropic"],
    )
    llm_options: Options = Field({}, repr=False, description="its options, as JSON", examples=['{"model": "..."}'])
    engine_languages: Codes = Field(
        ("en",),
        min_length=1,
        description="what the speech engines understand and speak, as two-letter codes; the bundled ones speak English",
        examples=["en,es"],
    )
    webhooks: Webhooks = Field(
        (),
        repr=False,
        description="who is told of events, as a JSON list of name, url, secret, events and campaigns (docs/crm.md)",
        examples=['[{"name": "crm", "url": "https://crm.example.com/segue", "secret": "whsec_..."}]'],
    )
    calls_per_second: float = Field(
        1.0,
        gt=0,
        le=100,
        description="calls that all servers of the account together place in a second; one that comes sooner waits",
        examples=["1"],
    )
    workers: int = Field(
        1,
        ge=1,
        le=256,
        description="how many processes serve the one port: one for each two cores, if the engines are on this machine",
        examples=["4"],
    )
    max_calls: int | None = Field(
        None,
        ge=1,
        description="the most calls this server carries at once, in all its processes; without it, ten for each core",
        examples=["20"],
    )
    drain_seconds: float = Field(
        30,
        ge=0,
        description="how long calls may go on after SIGTERM before they are handed to another process",
        examples=["120"],
    )
    console_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="the token that operators sign in to /console with, 16 characters or more",
        examples=["$(openssl rand -hex 24)"],
    )
    console_view_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="the token of those who may look at /console but do nothing there, 16 characters or more",
        examples=["$(openssl rand -hex 24)"],
    )
    console_user_header: str | None = Field(
        None,
        description="the header in which a proxy names whom it signed in (OIDC); needs SEGUE_CONSOLE_PROXIES",
        examples=["X-Auth-Request-Email"],
    )
    console_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        "", description="the addresses of that proxy, with commas", examples=["10.0.0.5, 10.1.0.0/16"]
    )
    console_operators: str = Field(
        "",
        description="who of those the proxy names may act, with commas, or * for all; the others may look",
        examples=["kim@example.com, lee@example.com"],
    )
    ice_servers: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)] = Field(
        (),
        description="STUN and TURN servers for the browser phone, with commas; none are needed on one network",
        examples=["stun:stun.example.com:3478"],
    )
    business_time: Annotated[AwareDatetime | None, BeforeValidator(_blank_is_unset)] = Field(
        None,
        description="where the business clock starts, for demos and tests only",
        examples=["2026-11-18T14:05:00-06:00"],
    )

    @field_validator(*(field for needed in CREDENTIALS.values() for field in needed), mode="wrap")
    @classmethod
    def _credentials_are_there(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> str | SecretStr:
        """Those of the carrier that is set are asked for, another's may be missing."""
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        if given:
            validated: str | SecretStr = handler(value)
            return validated
        if info.field_name in CREDENTIALS.get(info.data.get("carrier", ""), ()):
            raise PydanticCustomError("missing", "is missing")
        return value if isinstance(value, SecretStr) else ""

    @model_validator(mode="after")
    def _llm_is_complete(self) -> Self:
        if self.llm_base_url and not self.llm_model:
            raise ValueError("SEGUE_LLM_BASE_URL needs SEGUE_LLM_MODEL, such as gpt-4.1-mini")
        if self.llm_base_url and self.llm:
            raise ValueError("SEGUE_LLM and SEGUE_LLM_BASE_URL both name a language model: set one of them")
        return self

    @model_validator(mode="after")
    def _languages_are_spoken(self) -> Self:
        if self.engine_languages != ("en",) and not (self.stt and self.tts):
            raise ValueError(
                "SEGUE_ENGINE_LANGUAGES names more than English, which is all the bundled engines know: set SEGUE_STT "
                "and SEGUE_TTS to services that speak it, such as pipecat:deepgram and pipecat:cartesia"
            )
        return self

    @model_validator(mode="after")
    def _proxy_is_complete(self) -> Self:
        if bool(self.console_user_header) != bool(self.console_proxies):
            raise ValueError(
                "SEGUE_CONSOLE_USER_HEADER and SEGUE_CONSOLE_PROXIES belong together: a header counts only from a proxy"
            )
        return self

    @property
    def number(self) -> str | None:
        """The number that campaigns without their own call and text from, E.164."""
        return self.twilio_number if self.carrier == "twilio" else self.telnyx_number

    @property
    def account(self) -> str:
        """The carrier's account, by its public name."""
        return self.twilio_account_sid if self.carrier == "twilio" else self.telnyx_account_id

    def url(self, path: str) -> str:
        """The public address of a path of ours, which starts with a slash."""
        return self.public_url + path

    def websocket_url(self, path: str) -> str:
        """The same for a WebSocket: `https` becomes `wss`."""
        return "ws" + self.public_url.removeprefix("http") + path


def load_settings(**given: Any) -> Settings:
    """Reads the settings; `given` beats the environment.

    Raises:
        SettingsError: naming every variable that is missing or wrong.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(dict(_explain(dict(problem)) for problem in error.errors())) from None


def variable(field: str) -> str:
    """The environment variable a field is read from."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + field.upper()


def _explain(problem: dict[str, Any]) -> tuple[str, str]:
    """One problem of pydantic's, as (variable, message). The value is left out: it may be a secret."""
    field = _field_named(str(problem["loc"][0])) if problem["loc"] else None
    if field is None:
        return "settings", str(problem["ctx"]["error"])
    name, info = variable(field), Settings.model_fields[field]
    fault = "is missing" if problem["type"] == "missing" else _fault(problem)
    return name, f"{name} {fault}. It is {info.description}, for example {_example(info)}"


def _field_named(location: str) -> str | None:
    return next((field for field in Settings.model_fields if location in {field, variable(field)}), None)


def _fault(problem: dict[str, Any]) -> str:
    cause = problem.get("ctx", {}).get("error")
    return str(cause) if cause else f"is not right ({problem['msg']})"


def _example(info: FieldInfo) -> str:
    return str((info.examples or ["(none)"])[0])
