"""Which carrier's telephones are used: the one place that knows them all."""

from typing import Protocol

from telephony.carrier import Carrier
from telephony.dialect import Dialect
from telephony.settings import Settings
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
    token = settings.twilio_auth_token.get_secret_value()
    return TwilioCarrier(settings.twilio_account_sid, token, base_url=settings.twilio_base_url)


def dialect_of(settings: Settings) -> Dialect:
    """How that carrier speaks."""
    return TwilioDialect(SignatureVerifier(settings.twilio_auth_token.get_secret_value(), settings.public_url))
