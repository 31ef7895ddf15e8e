"""What a carrier vouches for: every form in which Twilio puts it."""

import pytest

from telephony.stir import attestation


@pytest.mark.parametrize(
    ("value", "means"),
    [
        ("TN-Validation-Passed-A", "A"),
        ("TN-Validation-Passed-B", "B"),
        ("TN-Validation-Passed-C", "C"),
        ("TN-Validation-Passed-A-Diverted", "A"),
        ("TN-Validation-Passed-C-Passthrough", "C"),
        ("TN-Validation-Passed-B-Diverted-Passthrough", "B"),
        ("TN-Validation-Failed-A", "failed"),
        ("TN-Validation-Failed", "failed"),
        ("No-TN-Validation", "unverified"),
        ("A", "A"),
        ("", None),
        ("NULL", None),
        ("TN-Validation-Passed-D", None),
    ],
)
def test_every_value_is_read(value: str, means: str | None) -> None:
    """A level is what was verified; a signature that failed is not one that is missing."""
    assert attestation(value) == means
