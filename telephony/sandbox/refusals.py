"""The REST API's refusals, and the rules behind them. Codes: Twilio's error catalogue. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import phonenumbers

LONGEST_BODY = 1600
LONGEST_TWIML = 4000
E164 = re.compile(r"\+[1-9]\d{1,14}")

MAGIC_SENDERS = {
    "+15005550001": (21212, "The 'From' number +15005550001 is not a valid phone number."),
    "+15005550007": (21606, "The 'From' phone number +15005550007 is not a valid, message-capable Twilio number."),
    "+15005550008": (21611, "This 'From' number has exceeded the maximum number of queued messages."),
}
MAGIC_TEXT_RECEIVERS = {
    "+15005550001": (21211, "The 'To' number +15005550001 is not a valid phone number."),
    "+15005550002": (21612, "The 'To' phone number is not currently reachable via SMS."),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region of the 'To' number."),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient."),
    "+15005550009": (21614, "'To' number is not a valid mobile number."),
}
MAGIC_CALL_RECEIVERS = {
    "+15005550001": (21217, "Phone number does not appear to be valid."),
    "+15005550002": (21214, "'To' phone number cannot be reached."),
    "+15005550003": (21215, "Account not authorized to call this number."),
    "+15005550004": (21216, "Account not allowed to call this number."),
}
MAGIC_OWN = "+15005550006"


class RefusalError(Exception):
    """A request Twilio answers with an error body."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status

    def body(self) -> dict[str, object]:
        """The JSON of the answer."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found(path: str) -> RefusalError:
    """There is no such resource."""
    return RefusalError(20404, f"The requested resource {path} was not found", 404)


def wrong_state(what: str) -> RefusalError:
    """The call is past, or not yet at, the point where that could be done."""
    return RefusalError(21220, f"Call is not in-progress. Cannot {what}.")


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A valid request for a call."""

    to: str
    sender: str
    url: str
    twiml: str
    method: str
    fallback: str
    ring_s: float


@dataclass(frozen=True, slots=True)
class TextOrder:
    """A valid request for a text."""

    to: str
    sender: str
    body: str
    status_callback: str


def check_call(form: Mapping[str, str], ours: Collection[str]) -> CallOrder:
    """Reads the form of a new call. `ours` are the numbers that may be called from. Raises `RefusalError`."""
    to = _required(form, "To", 21201, "No 'To' number is specified")
    sender = _required(form, "From", 21213, "No 'From' number is specified")
    if not (form.get("Url") or form.get("Twiml") or form.get("ApplicationSid")):
        raise RefusalError(21205, "Url parameter is required.")
    for field in ("Url", "FallbackUrl"):
        _url(form.get(field, ""), 21205)
    for field in ("StatusCallback", "AsyncAmdStatusCallback"):
        _url(form.get(field, ""), 21609)
    if len(form.get("Twiml", "")) > LONGEST_TWIML:
        raise RefusalError(20001, f"Twiml is longer than {LONGEST_TWIML} characters.")
    _magic(MAGIC_CALL_RECEIVERS, to)
    _magic(MAGIC_SENDERS, sender)
    _number(to, "To", 21211)
    _number(sender, "From", 21212)
    if sender not in ours and sender != MAGIC_OWN:
        message = f"The source phone number provided, {sender}, is not yet verified for your account."
        raise RefusalError(21210, message)
    return CallOrder(
        to=to,
        sender=sender,
        url=form.get("Url", ""),
        twiml=form.get("Twiml", ""),
        method=_method(form, "Method"),
        fallback=form.get("FallbackUrl", ""),
        ring_s=_seconds(form.get("Timeout", "60"), most=600),
    )


def check_text(form: Mapping[str, str], ours: Collection[str], blocked: Collection[tuple[str, str]]) -> TextOrder:
    """Reads the form of a new text. `blocked` are the pairs (ours, theirs) under STOP. Raises `RefusalError`."""
    to = _required(form, "To", 21604, "A 'To' phone number is required.")
    if form.get("MessagingServiceSid"):
        raise RefusalError(21703, "The Messaging Service has no phone numbers: the sandbox has no services, use From.")
    sender = _required(form, "From", 21603, "A 'From' phone number is required.")
    _magic(MAGIC_SENDERS, sender)
    _magic(MAGIC_TEXT_RECEIVERS, to)
    _number(to, "To", 21211)
    _number(sender, "From", 21212)
    if sender not in ours and sender != MAGIC_OWN:
        message = f"The 'From' phone number provided ({sender}) is not a valid message-capable Twilio phone number."
        raise RefusalError(21606, message)
    if to == sender:
        raise RefusalError(21266, "'To' and 'From' number cannot be the same.")
    body = _required(form, "Body", 21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise RefusalError(21617, f"The concatenated message body exceeds the {LONGEST_BODY} character limit.")
    if (sender, to) in blocked:
        raise RefusalError(21610, "Attempt to send to unsubscribed recipient.")
    _url(form.get("StatusCallback", ""), 21609)
    return TextOrder(to=to, sender=sender, body=body, status_callback=form.get("StatusCallback", ""))


def _required(form: Mapping[str, str], field: str, code: int, message: str) -> str:
    value = form.get(field, "").strip()
    if not value:
        raise RefusalError(code, message)
    return value


def _magic(table: Mapping[str, tuple[int, str]], number: str) -> None:
    if number in table:
        raise RefusalError(*table[number])


def _number(number: str, field: str, code: int) -> None:
    valid = bool(E164.fullmatch(number))
    if valid:
        try:
            valid = phonenumbers.is_possible_number(phonenumbers.parse(number, None))
        except phonenumbers.NumberParseException:
            valid = False
    if not valid:
        raise RefusalError(code, f"The '{field}' number {number} is not a valid phone number.")


def _url(url: str, code: int) -> None:
    """Refuses what is not an absolute http or https URL, and hosts with an underscore."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname):
        raise RefusalError(code, f"Url is not a valid URL: {url}")


def _method(form: Mapping[str, str], field: str) -> str:
    method = form.get(field, "POST").upper()
    if method not in ("GET", "POST"):
        raise RefusalError(20001, f"{field} must be GET or POST.")
    return method


def _seconds(value: str, most: int) -> float:
    if not value.isdigit() or not 1 <= int(value) <= most:
        raise RefusalError(20001, f"Timeout must be 1 to {most} seconds, not {value!r}.")
    return int(value)
