"""Which carrier's telephones are used: the one place that knows them all."""

from typing import Protocol

from telephony.carrier import Carrier
from telephony.dialect import Dialect
from telephony.settings import Settings
from telephony.telnyx.dialect import TelnyxDialect
from telephony.telnyx.rest import TelnyxCarrier
from telephony.telnyx.signature import PublicKey
from telephony.twilio.dialect import TwilioDialect
from telephony.twilio.rest import TwilioCarrier
from telephony.twilio.signature import SignatureVerifier


class Account(Carrier, Protocol):
    """A carrier over its network. Close it."""

    async def check_credentials(self) -> str:
        """What the account is called and how it stands, for people. Raises CarrierError."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


def account_of(settings: Settings) -> Account:
    """The REST API of the carrier that is set."""
    if settings.carrier == "telnyx":
        return TelnyxCarrier(
            settings.telnyx_api_key.get_secret_value(),
            account=settings.telnyx_account_id,
            application=settings.telnyx_app_id,
            base_url=settings.telnyx_base_url,
        )
    token = settings.twilio_auth_token.get_secret_value()
    return TwilioCarrier(settings.twilio_account_sid, token, base_url=settings.twilio_base_url)


def dialect_of(settings: Settings) -> Dialect:
    """How that carrier speaks."""
    if settings.carrier == "telnyx":
        return TelnyxDialect(PublicKey(settings.telnyx_public_key))
    return TwilioDialect(SignatureVerifier(settings.twilio_auth_token.get_secret_value(), settings.public_url))
