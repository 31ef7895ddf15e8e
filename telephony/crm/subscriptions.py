"""Who is told of events: endpoints of a CRM's, by Standard Webhooks (https://www.standardwebhooks.com)."""

from base64 import b64decode
from ipaddress import ip_address
from typing import Annotated, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from state.events import Event

KINDS = frozenset(get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Event)[0]))


def _endpoint(url: str) -> str:
    """Only https, and http to this machine: what is told is personal. Never the addresses clouds keep secrets at."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username or parts.fragment or not host:
        raise ValueError("is no plain address such as https://crm.example.com/segue")
    try:
        address = ip_address(host)
    except ValueError:
        local = host == "localhost"
    else:
        local = address.is_loopback
        if address.is_link_local or address.is_unspecified or address.is_multicast:
            raise ValueError("is no address of a CRM's")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must be https; http only to this machine")
    return url


def _secret(secret: SecretStr) -> SecretStr:
    """As the specification has it: 24 to 64 bytes."""
    prefix, _, encoded = secret.get_secret_value().partition("_")
    try:
        length = len(b64decode(encoded, validate=True))
    except ValueError:
        length = 0
    if prefix != "whsec" or not 24 <= length <= 64:
        raise ValueError("is no secret: whsec_ and 24 to 64 bytes as base64, such as whsec_$(openssl rand -base64 24)")
    return secret


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"is no kind of event; there are: {', '.join(sorted(KINDS))}")
    return kind


class Subscription(BaseModel):
    """One endpoint and what it wants to hear of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
    """Its cursors are kept under it: another name is told everything anew."""
    url: Annotated[str, AfterValidator(_endpoint)]
    secret: Annotated[SecretStr, AfterValidator(_secret)]
    events: tuple[Annotated[str, AfterValidator(_kind)], ...] = ()
    """Kinds of events; empty: all."""
    campaigns: tuple[str, ...] = ()
    """Ids of campaigns; empty: all."""

    def wants(self, event: Event, campaign: str) -> bool:
        """Whether it is to hear of an event."""
        return (not self.events or event.kind in self.events) and (not self.campaigns or campaign in self.campaigns)
