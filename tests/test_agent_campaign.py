import re
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from agent.campaign import Campaign, CampaignError, Question, Timing, load_campaign, load_campaigns

CAMPAIGNS = Path(__file__).parent.parent / "campaigns"

SMALL = """\
id: tea
brand: Lane Tea House
brand_short: Lane Tea
persona: Ava
vertical: tea
callback_contact: 312-555-0100
reason: asked for a sample
opening_question: Still thirsty?
goal: a booked tasting
ready_when: [leaf]
agents:
  - {name: Sarah, number: +13125550177}
questions:
  - key: leaf
    type: enum
    values: [green, black]
    ask: Green or black?
    required: true
  - key: visit
    type: date
    ask: When would you come?
followups:
  - when: {leaf: green}
    ask: visit
digressions:
  - name: price
    patterns: ['how much']
    answer: "{agent} knows the prices."
never_say_patterns: ['\\$\\d']
"""


def write(tmp_path: Path, text: str) -> Path:
    """A campaign file with this text."""
    path = tmp_path / "tea.yaml"
    path.write_text(text)
    return path


def line_of(text: str, part: str) -> int:
    """The line, from 1, on which a part of the text begins."""
    return text[: text.index(part)].count("\n") + 1


def test_a_small_campaign_loads_with_its_defaults(tmp_path: Path) -> None:
    """What the file does not say has the documented default."""
    campaign = load_campaign(write(tmp_path, SMALL))
    assert campaign.timing.call_window == (time(10), time(20))
    assert campaign.consent_required == ("sms", "ai_voice")
    assert campaign.agents[0].number == "+13125550177"
    assert campaign.active


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("type: enum", "type: enumm", "type: enumm", "Input should be 'enum'"),
        ("required: true", "required: maybe", "required: maybe", "boolean"),
        ("required: true", "requierd: true", "requierd", "unknown key"),
        ("brand: Lane Tea House\n", "", "id: tea", "Field required"),
        ("persona: Ava", "persona: [Ava]", "persona", "string"),
        ("    ask: visit\n", "    ask: visitt\n", "ask: visitt", "no question with a wording has the key 'visitt'"),
        ("when: {leaf: green}", "when: {leav: green}", "leav", "no question has the key 'leav'"),
        ("ready_when: [leaf]", "ready_when: [leaves]", "ready_when", "no question has the key 'leaves'"),
        ("key: visit", "key: leaf", "key: leaf\n    type: date", "two questions have the key 'leaf'"),
        ("    values: [green, black]\n", "", "type: enum", "an enum needs values"),
        (
            "values: [green, black]",
            "values: [green]\n    synonyms: {blac: [b]}",
            "synonyms",
            "none of the values green",
        ),
        ("    ask: Green or black?\n", "", "required", "needs a wording"),
        ("['how much']", "['how (much']", "patterns", "not a regular expression"),
        ("{agent} knows", "{agnet} knows", "answer", "unknown placeholder {agnet}"),
        ("knows the prices", "says it is $4", "answer", "never_say_patterns forbids"),
        ("+13125550177", "+1312555", "number: +1312555", "no E.164 number"),
        ("goal: a booked", "consent_required: []\ngoal: a booked", "consent_required", "must name the consents"),
        ("goal: a booked", "number: call me\ngoal: a booked", "number: call", "no E.164 number"),
        (
            "goal: a booked",
            "timing: {call_window: [10, 2]}\ngoal: a booked",
            "timing",
            'write a time of day as "10:00"',
        ),
        ("goal: a booked", "goal: x\ngoal: a booked", "goal: a booked", "'goal' stands here twice"),
        ("ready_when: [leaf]", "ready_when: [leaf", "opening_question", "expected ',' or ']'"),
    ],
)
def test_every_mistake_names_its_line(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    """An error names the file, the line where the author has to look, and what is wrong."""
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    with pytest.raises(CampaignError) as error:
        load_campaign(write(tmp_path, text))
    assert re.search(says, str(error.value))
    assert str(error.value).startswith(str(tmp_path / "tea.yaml") + ":")
    if "expected ','" not in says:
        assert line_of(text, at) in {problem.line for problem in error.value.problems}


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """Two faults are two lines of one error, in the order of the file."""
    text = SMALL.replace("ready_when: [leaf]", "ready_when: [leaves]").replace("    ask: visit\n", "    ask: vist\n")
    with pytest.raises(CampaignError) as error:
        load_campaign(write(tmp_path, text))
    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_a_campaign_error(tmp_path: Path) -> None:
    """A wrong path is reported as a campaign problem, with the path."""
    with pytest.raises(CampaignError, match=r"absent\.yaml"):
        load_campaign(tmp_path / "absent.yaml")


def test_a_directory_is_loaded_by_id(tmp_path: Path) -> None:
    """Campaigns are found by their own id, not by their file's name."""
    write(tmp_path, SMALL)
    assert set(load_campaigns(tmp_path)) == {"tea"}


def test_two_campaigns_of_one_id_are_refused(tmp_path: Path) -> None:
    """An id names one campaign."""
    write(tmp_path, SMALL)
    (tmp_path / "z.yaml").write_text(SMALL)
    with pytest.raises(CampaignError, match="already has the id 'tea'"):
        load_campaigns(tmp_path)


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    """A server without campaigns would contact nobody and say nothing."""
    with pytest.raises(CampaignError, match="holds no campaign"):
        load_campaigns(tmp_path)
    with pytest.raises(CampaignError, match="no such folder, or name another with SEGUE_CAMPAIGNS"):
        load_campaigns(tmp_path / "elsewhere")


def test_placeholders_are_filled_from_the_campaign(tmp_path: Path) -> None:
    """Names come from one place; who takes a lead over is for routing to say, and nobody is named without it."""
    campaign = load_campaign(write(tmp_path, SMALL))
    assert campaign.fill("{agent} at {brand_short}: you {reason}.", "Ana") == "Ana at Lane Tea: you asked for a sample."
    assert campaign.fill("{agent} will call.") == "a specialist will call."


def test_a_value_is_said_by_its_label_or_by_its_name() -> None:
    """`single_family` is never read out with its underscore."""
    question = Question(key="x", type="enum", values=("single_family", "condo"), labels={"condo": "flat"})
    assert question.label("condo") == "flat"
    assert question.label("single_family") == "single family"
    assert Question(key="b", type="bool", labels={"true": "yes indeed"}).label(True) == "yes indeed"


@pytest.fixture(scope="module")
def insurance() -> Campaign:
    """The shipped insurance campaign."""
    return load_campaigns(CAMPAIGNS)["insurance"]


def test_insurance_is_harbor_lane(insurance: Campaign) -> None:
    """The names of the product's own story."""
    assert (insurance.brand, insurance.persona, insurance.agents[0].name) == (
        "Harbor Lane Insurance",
        "Ava",
        "Sarah",
    )


def test_no_wording_asks_two_questions(insurance: Campaign) -> None:
    """One question at a time: at most one question mark in anything the persona may say."""
    for question in insurance.questions:
        for words in (question.ask, question.ask_voice, question.ask_again, *(w.ask for w in question.ask_when)):
            assert (words or "?").count("?") == 1
    for digression in insurance.digressions:
        assert digression.answer.count("?") == (1 if digression.asks else 0), digression.name


@pytest.mark.parametrize(
    "words",
    [
        "It would be $120 a month.",
        "Around 90 dollars, I think.",
        "You're covered from today.",
        "Good news, it's covered.",
        "Your policy is bound.",
        "You should cancel the old one first.",
        "We guarantee the lowest price.",
    ],
)
def test_forbidden_words_are_caught(insurance: Campaign, words: str) -> None:
    """Prices, cover and advice are for licensed people."""
    assert any(re.search(pattern, words, re.IGNORECASE) for pattern in insurance.never_say_patterns)


@pytest.mark.parametrize(
    "words",
    [
        "Are you with a provider now, or starting fresh?",
        "When do you close?",
        "Sarah, our licensed agent, goes over the price with you.",
        "Moving in December 5, nice.",
    ],
)
def test_ordinary_words_pass(insurance: Campaign, words: str) -> None:
    """A guard that stops ordinary talk would be switched off."""
    assert not any(re.search(pattern, words, re.IGNORECASE) for pattern in insurance.never_say_patterns)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("how much is it gonna be roughly", "price"),
        ("what's the monthly cost", "price"),
        ("ok but ballpark?", "price"),
        ("who is this", "identity"),
        ("why are you calling me", "identity"),
        ("how long will this take", "how_long"),
        ("how many questions do you have", "how_long"),
        ("is this spam", "legitimacy"),
        ("are you guys legit?", "legitimacy"),
        ("where did you get my number", "number_source"),
        ("how'd you get my number", "number_source"),
        ("i already have an agent", "already_have"),
        ("let me think about it", "think_about_it"),
        ("i gotta talk to my wife first", "spouse"),
        ("what do you do with my data, do you sell my info", "privacy"),
        ("would flooding be covered", "coverage_advice"),
        ("should i cancel my old policy", "coverage_advice"),
        ("is water damage covered", "coverage_advice"),
        ("does it cover my dog", "coverage_advice"),
        ("what happens next", "next_step"),
        ("will this hurt my credit", "credit_check"),
        ("that's too expensive for me", "too_expensive"),
    ],
)
def test_digressions_are_recognised(insurance: Campaign, asked: str, name: str) -> None:
    """The questions leads ask along the way find their note."""
    found = [d.name for d in insurance.digressions if any(re.search(p, asked, re.IGNORECASE) for p in d.patterns)]
    assert name in found


def test_an_answer_to_a_question_is_no_digression(insurance: Campaign) -> None:
    """Ordinary answers must not set off a note."""
    for words in (
        "we closed last friday we move in on december fifth",
        "starting fresh just want to compare",
        "it's a townhouse",
        "yeah that's fine",
        "i'm with geico until march first",
        "two cars and two drivers",
        "sure. its for home, we just bought a place",
    ):
        hits = [d.name for d in insurance.digressions if any(re.search(p, words, re.I) for p in d.patterns)]
        assert hits == [], words


def test_the_schema_and_the_file_agree_on_every_key() -> None:
    """What pydantic read back is all that the file says: nothing was dropped on the way."""
    written: dict[str, Any] = yaml.load((CAMPAIGNS / "insurance.yaml").read_text(), Loader=yaml.BaseLoader)
    campaign = load_campaign(CAMPAIGNS / "insurance.yaml")
    assert [q["key"] for q in written["questions"]] == [q.key for q in campaign.questions]
    own = [d["name"] for d in written["digressions"]]
    assert own == [d.name for d in campaign.digressions][: len(own)]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("skills: [boats]", "no question has the value 'boats'"),
        ("states: [XX]", "'XX' is no postal code"),
        ("verticals: [lending]", "the campaign's own vertical"),
        ('hours: {zone: Mars/Base, start: "09:00", end: "17:00"}', "no IANA time zone"),
        ('hours: {zone: America/Chicago, start: "17:00", end: "09:00"}', "must be later than start"),
        ("hours: {zone: America/Chicago, start: 9, end: 17}", "write a time of day"),
    ],
)
def test_a_fault_in_who_takes_calls_names_its_line(written: str, fault: str, tmp_path: Path) -> None:
    """Routing is data, and so are its mistakes."""
    lines = Path("campaigns/insurance.yaml").read_text().splitlines()
    place = next(n for n, line in enumerate(lines) if line.strip().startswith("skills: [auto"))
    lines[place] = f"    {written}"
    broken = tmp_path / "broken.yaml"
    broken.write_text("\n".join(lines))
    with pytest.raises(CampaignError) as caught:
        load_campaign(broken)
    assert fault in str(caught.value)
    assert f"broken.yaml:{place + 1}:" in str(caught.value)


def test_two_agents_of_one_name_are_refused(tmp_path: Path) -> None:
    """A hand-off names who was asked."""
    text = Path("campaigns/insurance.yaml").read_text()
    twice = text.replace("agents:\n", "agents:\n  - name: Sarah\n    number: +13125550178\n", 1)
    (tmp_path / "twice.yaml").write_text(twice)
    with pytest.raises(CampaignError, match="two agents have the name 'Sarah'"):
        load_campaign(tmp_path / "twice.yaml")


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("Hi, it's {persona} at {brand}, an AI. Call {number}.", "stop calls"),
        ("{persona} of {brand}. Call {number} and say 'stop calls'.", "that it is an AI"),
        ("An AI for {brand}. Call {number} and say 'stop calls'.", "{persona}"),
        ("{persona}, the AI of {brand}. Say 'stop calls'.", "{number}"),
        ("{persona}, {boss}, the AI of {brand}. Call {number}, say 'stop calls'.", "unknown placeholder {boss}"),
        ("{persona}, the AI of {brand}. Call {number}, say 'stop calls'. " + "Well. " * 60, "20 seconds"),
    ],
)
def test_a_voicemail_that_owes_something_is_refused(written: str, fault: str, tmp_path: Path) -> None:
    """Who calls, that it is an AI, the number, the way out; in 20 seconds."""
    text = Path("campaigns/insurance.yaml").read_text()
    start, end = text.index("voicemail:\n"), text.index("call_offer:")
    (tmp_path / "broken.yaml").write_text(f'{text[:start]}voicemail:\n  en: "{written}"\n{text[end:]}')
    with pytest.raises(CampaignError) as caught:
        load_campaign(tmp_path / "broken.yaml")
    assert fault in str(caught.value)
    assert "voicemail.en" in str(caught.value)


@pytest.mark.parametrize("clock", [{"ring_seconds": 14}, {"reply_grace_s": 901}, {"missed_call_text_s": 10}])
def test_what_the_law_fixes_no_campaign_can_loosen(clock: dict[str, int]) -> None:
    """A telephone rings 15 s at least; an answer at night comes within 15 min; no text crosses a voicemail."""
    with pytest.raises(ValidationError):
        Timing.model_validate(clock)
