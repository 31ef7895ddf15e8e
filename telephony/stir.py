"""What a carrier says of a caller id by STIR/SHAKEN, in Twilio's words ("Trusted calling with SHAKEN/STIR")."""

import re

from state.events import Attestation

_PASSED = re.compile(r"(?:TN-Validation-Passed-)?([ABC])(?:-Diverted)?(?:-Passthrough)?")
_LEVELS: dict[str, Attestation] = {"A": "A", "B": "B", "C": "C"}


def attestation(value: str) -> Attestation | None:
    """Reads `StirVerstat` (of a call to us) or `StirStatus` (of one of ours). None: nothing was signed, or is known.

    Even an A vouches for the number, never for the person.
    """
    if found := _PASSED.fullmatch(value):
        return _LEVELS[found[1]]
    if value.startswith("TN-Validation-Failed"):
        return "failed"
    return "unverified" if value.startswith("No-TN-Validation") else None
