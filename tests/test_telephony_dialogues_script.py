"""Dialogue files: what YAML makes of their values, and what is wrong with one, by its name."""

from pathlib import Path

import pytest

from telephony.dialogues.script import DialogueError, load_dialogues

GOOD = """
id: d1
vertical: insurance
lead: {phone: "+13125550142", tz: America/Chicago}
business: {brand: B, persona: Ava, agent: Sarah}
turns:
  - {n: 1, at: 2026-11-18T14:05, ch: sms, who: lead, text: 60614, facts_after: {closing_date: 2026-11-20},
     must: [no price: say who will give it]}
"""


def written(tmp_path: Path, text: str) -> Path:
    """A file."""
    path = tmp_path / "d.yaml"
    path.write_text(text)
    return path


def test_values_are_read_as_they_were_meant(tmp_path: Path) -> None:
    """YAML makes numbers, days and mappings of what is text, an ISO day and a line; times are the lead's own."""
    [dialogue] = load_dialogues(written(tmp_path, GOOD).parent)
    [turn] = dialogue.turns
    assert (turn.text, turn.facts_after, turn.must) == (
        "60614",
        {"closing_date": "2026-11-20"},
        ("no price: say who will give it",),
    )
    assert dialogue.moment(turn).isoformat() == "2026-11-18T14:05:00-06:00"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("Chicago", "Chikago"), "no time zone 'America/Chikago'"),
        (GOOD.replace("ch: sms", "ch: fax"), "is no dialogue: turns.0.ch"),
        (GOOD.replace("id: d1", "id: [d1"), "cannot be read"),
        ("- a list", "is no dialogue"),
    ],
)
def test_a_file_that_cannot_be_played_is_named_with_its_fault(tmp_path: Path, text: str, fault: str) -> None:
    """As is a place where there is none."""
    with pytest.raises(DialogueError, match=r"d\.yaml") as raised:
        load_dialogues(written(tmp_path, text))
    assert fault in str(raised.value)
    with pytest.raises(DialogueError, match="holds no dialogue"):
        load_dialogues(tmp_path / "nowhere")
