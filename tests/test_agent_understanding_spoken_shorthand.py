"""Messages about call times in full words."""

from datetime import date

import pytest

from agent.understanding.spoken_shorthand import in_full

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("b4 5 lol", "before 5 "),
        ("2nite @ 7", "tonight 7"),
        ("sat am pls", "saturday morning please"),
        ("from three to to four", "from 3 to 4"),
        ("1700 hours", "at 17:00"),
        ("once Thanksgiving's over with", "after 2026-11-26"),
        ("Some other time. Regards, Myrtle", "some other time"),
        ("not today, tomorrow", "tomorrow"),
        ("christmas eve", "2026-12-24"),
        ("mañana a las tres y media", "tomorrow at 3:30"),
    ],
)
def test_shorthand_is_spelled_out(text: str, full: str) -> None:
    """Thumbs, recognisers, letter writers and Spanish speakers end in one form."""
    assert in_full(text, TODAY).strip() == full.strip()
