import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from agent.campaign import Campaign, load_campaign
from agent.campaign.marked_yaml import read
from agent.understanding.facts import extract
from state.events import Channel
from state.view import Call, Fact, Line, View

ROOT = Path(__file__).parent
NOW = datetime(2026, 11, 18, 14, 11, tzinfo=ZoneInfo("America/Chicago"))
INSURANCE = load_campaign(ROOT.parent / "campaigns" / "insurance.yaml")

Known = dict[str, JsonValue]


def small(vertical: str) -> Campaign:
    """A campaign of another vertical, with nothing but its questions."""
    parts = read((ROOT / "data" / "verticals_small.yaml").read_text()).data[vertical]
    return INSURANCE.model_validate(
        INSURANCE.model_dump(by_alias=True) | {"id": vertical, "followups": [], "digressions": [], **parts}
    )


OTHERS = {name: small(name) for name in ("lending", "education", "home_services")}


def learn(
    text: str, asked: str | None = None, known: Known | None = None, campaign: Campaign = INSURANCE, **more: Any
) -> Known:
    """What one utterance teaches."""
    facts = {key: Fact(value=value, source="before", at=NOW) for key, value in (known or {}).items()}
    view = View(number="+13125550142", facts=facts, **more)
    return {move.key: move.value for move in extract(text, campaign, view, asked, NOW)}


def learns(text: str, asked: str | None = None, known: Known | None = None) -> Known:
    """The same, for a lead whose interest is on record."""
    return learn(text, asked, {"interest": "yes"} | (known or {}))


HOME: Known = {"product": "home"}

INSURANCE_TABLE: list[tuple[str, str | None, Known, Known]] = [
    # product
    ("home", "product", {}, {"product": "home"}),
    ("Home.", "product", {}, {"product": "home"}),
    ("it's for my house", "product", {}, {"product": "home"}),
    ("a house", "product", {}, {"product": "home"}),
    ("auto", "product", {}, {"product": "auto"}),
    ("otto", "product", {}, {"product": "auto"}),
    ("i do", "product", {}, {"product": "auto"}),
    ("just the car", "product", {}, {"product": "auto"}),
    ("both", "product", {}, {"product": "bundle"}),
    ("both please", "product", {}, {"product": "bundle"}),
    ("home and auto", "product", {}, {"product": "bundle"}),
    ("for the house and also my car", "product", {}, {"product": "bundle"}),
    ("i rent an apartment", "product", {}, {"product": "renters"}),
    ("not auto just home", "product", {}, {"product": "home"}),
    ("i don't need auto, only home", "product", {}, {"product": "home"}),
    ("looking for homeowners insurance", None, {}, {"product": "home"}),
    ("i wanna get a quote for my truck", None, {}, {"product": "auto"}),
    ("home or auto", "product", {}, {}),
    ("is it home or auto you do", "product", {}, {}),
    ("i'm at home right now", None, {}, {}),
    ("call me when i get home", None, {}, {}),
    ("i'm in the car", None, {}, {}),
    ("i had a car accident", None, {}, {}),
    ("i do", None, {}, {}),
    ("my sister has home insurance with you", None, {}, {}),
    # product, later
    ("i also need auto", None, HOME, {"product": "bundle"}),
    ("can you add my car too", None, HOME, {"product": "bundle"}),
    ("actually i meant auto", None, HOME, {"product": "auto"}),
    ("i said home not auto", None, {"product": "auto"}, {"product": "home"}),
    ("the car is parked outside the house", None, {"product": "renters"}, {"product": "bundle"}),
    ("my car broke down", None, HOME, {}),
    # bought a house
    ("we just bought a place", None, HOME, {"bought_house": True}),
    ("home. we just bought a house", "product", {}, {"product": "home", "bought_house": True}),
    ("sure. its for home, we just bought a place", "product", {}, {"product": "home", "bought_house": True}),
    ("we're buying a condo", None, HOME, {"bought_house": True, "property_type": "condo"}),
    ("first time home buyer here", None, {}, {"bought_house": True}),
    ("we haven't bought a house yet", None, HOME, {"bought_house": False}),
    ("my parents bought a house", None, HOME, {}),
    # dates
    (
        "we closed last friday we move in on december fifth",
        "closing_date",
        HOME,
        {"closing_date": "2026-11-13", "move_in_date": "2026-12-05"},
    ),
    (
        "december fifth is when we move in and we closed on friday",
        None,
        HOME,
        {"move_in_date": "2026-12-05", "closing_date": "2026-11-13"},
    ),
    (
        "closed on the thirteenth, moving on the 5th",
        "closing_date",
        HOME,
        {"closing_date": "2026-11-13", "move_in_date": "2026-12-05"},
    ),
    ("the fifth", "move_in_date", HOME, {"move_in_date": "2026-12-05"}),
    ("um december fifth i think", "move_in_date", HOME, {"move_in_date": "2026-12-05"}),
    ("we already did, last friday", "closing_date", HOME, {"closing_date": "2026-11-13"}),
    ("12/5", "move_in_date", HOME, {"move_in_date": "2026-12-05"}),
    ("next week", "move_in_date", HOME, {"move_in_date": "2026-11-23/2026-11-29"}),
    ("in two weeks", "closing_date", HOME, {"closing_date": "2026-12-02"}),
    ("we close december 20th", "product", {}, {"closing_date": "2026-12-20"}),
    ("it's march fifth of 2031", "closing_date", HOME, {}),
    ("the fifth", "product", {}, {}),
    ("soon", "move_in_date", HOME, {}),
    # property
    ("it's a townhouse", None, HOME, {"property_type": "townhouse"}),
    ("no it's fine go on it's a townhouse", None, HOME, {"property_type": "townhouse"}),
    ("town home", "property_type", HOME, {"property_type": "townhouse"}),
    ("house", "property_type", HOME, {"property_type": "single_family"}),
    ("just a regular house", "property_type", HOME, {"property_type": "single_family"}),
    ("it's a single family home", "property_type", HOME, {"property_type": "single_family"}),
    ("a duplex", "property_type", HOME, {"property_type": "multi_family"}),
    ("it's a mobile home", None, HOME, {"property_type": "mobile_home"}),
    ("kondo", "property_type", HOME, {"property_type": "condo"}),
    ("it's not a house it's a condo", "property_type", HOME, {"property_type": "condo"}),
    ("a condo or a townhouse", "property_type", HOME, {}),
    ("not sure if it's a condo", "property_type", HOME, {}),
    ("do you guys cover condos", None, HOME, {}),
    # what is asked for is wanted, unless something else already is, or it is for somebody else
    ("do you do home insurance", None, {}, {"product": "home"}),
    ("hi do you guys have auto insurance", None, {}, {"product": "auto"}),
    ("do you do home insurance for my mom", None, {}, {}),
    ("do you also do auto", None, HOME, {}),
    ("do you do auto insurance", None, HOME, {}),
    ("we sold our condo", None, HOME, {}),
    ("my neighbor has a townhouse", None, HOME, {}),
    # corrections
    (
        "oh and actually it's a condo technically not a townhouse",
        "coverage_start",
        HOME | {"property_type": "townhouse"},
        {"property_type": "condo"},
    ),
    ("sorry condo", None, HOME | {"property_type": "townhouse"}, {"property_type": "condo"}),
    ("not a townhouse, a condo", None, HOME | {"property_type": "townhouse"}, {"property_type": "condo"}),
    ("it's not a townhouse", None, HOME | {"property_type": "townhouse"}, {"property_type": None}),
    ("it's a condo", None, HOME | {"property_type": "condo"}, {}),
    ("sorry, we move in on the sixth", None, {"move_in_date": "2026-12-05"}, {"move_in_date": "2026-12-06"}),
    # present insurance
    ("starting fresh", "current_insurance", HOME, {"current_insurance": "none"}),
    ("star ting fresh", "current_insurance", HOME, {"current_insurance": "none"}),
    ("no", "current_insurance", HOME, {"current_insurance": "none"}),
    ("no i don't", "current_insurance", HOME, {"current_insurance": "none"}),
    ("nothing right now", "current_insurance", HOME, {"current_insurance": "none"}),
    ("we don't have any insurance", None, HOME, {"current_insurance": "none"}),
    ("yes", "current_insurance", HOME, {"current_insurance": "insured"}),
    ("I do", "current_insurance", HOME, {"current_insurance": "insured"}),
    (
        "i'm with state farm",
        "current_insurance",
        HOME,
        {"current_insurance": "insured", "current_carrier": "State Farm"},
    ),
    ("gecko", "current_carrier", HOME, {"current_carrier": "Geico", "current_insurance": "insured"}),
    ("wobble mutual", "current_carrier", HOME, {"current_carrier": "wobble mutual", "current_insurance": "insured"}),
    ("they cancelled me", None, HOME, {"current_insurance": "cancelled"}),
    (
        "it lapsed in october",
        "current_insurance",
        HOME,
        {"current_insurance": "lapsed", "policy_end_date": "2026-10-01/2026-10-31"},
    ),
    ("not sure", "current_insurance", HOME, {}),
    ("no", None, HOME, {}),
    ("yes", None, HOME, {}),
    (
        "i have auto insurance with geico but i need home",
        "product",
        {},
        {"product": "home", "current_insurance": "insured", "current_carrier": "Geico"},
    ),
    # when
    ("yeah, ideally within the next few weeks", "coverage_start", HOME, {"coverage_start": "within_weeks"}),
    ("yes", "coverage_start", HOME | {"move_in_date": "2026-12-05"}, {"coverage_start": "within_weeks"}),
    ("yes", "coverage_start", HOME, {}),
    ("ideally before the fifth", "coverage_start", HOME, {"coverage_start": "within_weeks"}),
    ("by the end of january", "coverage_start", HOME, {"coverage_start": "one_to_three_months"}),
    ("in two months", "coverage_start", HOME, {"coverage_start": "one_to_three_months"}),
    ("tomorrow", "coverage_start", HOME, {"coverage_start": "asap"}),
    ("as soon as possible", None, HOME, {"coverage_start": "asap"}),
    ("no rush", "coverage_start", HOME, {"coverage_start": "just_shopping"}),
    ("when my policy renews", "coverage_start", HOME, {"coverage_start": "at_renewal"}),
    ("before we move in", "coverage_start", HOME, {"coverage_start": "within_weeks"}),
    # goal
    (
        "starting fresh just want to compare how much is it gonna be roughly",
        "current_insurance",
        HOME,
        {"current_insurance": "none", "goal": "compare"},
    ),
    ("my rate went up", None, HOME, {"goal": "lower_price"}),
    ("my lender requires it", None, HOME, {"goal": "lender_requires"}),
    # numbers
    ("two cars and three drivers", None, {"product": "auto"}, {"vehicles": 2, "drivers": 3}),
    ("just the one car", "vehicles", {"product": "auto"}, {"vehicles": 1}),
    ("to", "vehicles", {"product": "auto"}, {"vehicles": 2}),
    ("for", "drivers", {"product": "auto"}, {"drivers": 4}),
    ("just me", "drivers", {"product": "auto"}, {"drivers": 1}),
    ("forty cars", "vehicles", {"product": "auto"}, {}),
    ("the roof is about ten years old", None, HOME, {"roof_age_years": 10}),
    ("fifteen", "roof_age_years", HOME, {"roof_age_years": 15}),
    ("no", "incidents_3y", {"product": "auto"}, {"incidents_3y": 0}),
    ("one ticket", "incidents_3y", {"product": "auto"}, {"incidents_3y": 1}),
    ("clean record", None, {"product": "auto"}, {"incidents_3y": 0}),
    # ZIP
    ("six oh six one four", "zip", {}, {"zip": "60614"}),
    ("it's 60614", None, {}, {"zip": "60614"}),
    ("wrong zip, it's 60614", None, {}, {"zip": "60614"}),
    ("my zip is 6 0 6 1 4", None, {}, {"zip": "60614"}),
    ("we paid $60614", None, {}, {}),
    ("about 12000 miles", None, {}, {}),
    # corrections, sums, times of calls
    (
        "sorry it's the eighteenth not the twenty third",
        "property_type",
        HOME | {"bought_house": True, "closing_date": "2026-12-23"},
        {},
    ),
    (
        "sorry the closing is the eighteenth not the twenty third",
        None,
        HOME | {"bought_house": True, "closing_date": "2026-12-23"},
        {"closing_date": "2026-12-18"},
    ),
    (
        "both actually i've got a house and two cars",
        "product",
        {"interest": "yes"},
        {"product": "bundle", "vehicles": 2},
    ),
    ("me my wife and our daughter so three", "drivers", {"product": "auto"}, {"drivers": 3}),
    (
        "my policy lapsed three weeks ago i was with allstate",
        "current_insurance",
        {"interest": "yes"},
        {"current_insurance": "lapsed", "current_carrier": "Allstate", "policy_end_date": "2026-10-28"},
    ),
    ("no rush, by the end of january", "coverage_start", HOME, {"coverage_start": "one_to_three_months"}),
    (
        "text me next week",
        None,
        {"interest": "yes"},
        {"callback_earliest": "2026-11-23T09:00", "callback_latest": "2026-11-23T20:00", "channel_pref": "sms"},
    ),
    (
        "no tengo ninguno todavía",
        "current_insurance",
        {"preferred_language": "es"},
        {"current_insurance": "none"},
    ),
    # nothing at all
    ("", None, {}, {}),
    ("hmm", "product", {}, {}),
    ("purple", "coverage_start", {}, {}),
    ("what do you mean", "current_carrier", {}, {}),
]


@pytest.mark.parametrize(("text", "asked", "known", "learned"), INSURANCE_TABLE)
def test_what_leads_say_about_insurance(text: str, asked: str | None, known: Known, learned: Known) -> None:
    """All that was said and only that; a value of None takes a fact back."""
    assert learns(text, asked, known) == learned


COMMON_TABLE: list[tuple[str, str | None, Known, Known]] = [
    # interest
    ("Yeah I am, just been busy", "interest", {}, {"interest": "yes"}),
    ("yes", "interest", {}, {"interest": "yes"}),
    ("still looking", "interest", {}, {"interest": "yes"}),
    ("I'm interested", None, {}, {"interest": "yes"}),
    ("nope", "interest", {}, {"interest": "no"}),
    ("no thanks", "interest", {}, {"interest": "no"}),
    ("not anymore", "interest", {}, {"interest": "no"}),
    ("I went with someone else", "interest", {}, {"interest": "no", "objection": "already_have"}),
    ("not interested", "product", {}, {"interest": "no"}),
    ("maybe", "interest", {}, {"interest": "unsure"}),
    ("townhouse", "property_type", {}, {"property_type": "townhouse", "interest": "yes"}),
    ("yes", None, {}, {}),
    ("no", None, {}, {}),
    # a call
    ("yes", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": True}),
    ("sure", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": True}),
    ("now works", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": True}),
    ("no", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": False}),
    ("not now", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": False, "objection": "timing"}),
    ("call me", None, {"interest": "yes"}, {"ready_to_talk": True}),
    ("yes. call me, im free now", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": True}),
    ("who called me", None, {"interest": "yes"}, {}),
    ("why did you call me", None, {"interest": "yes"}, {}),
    ("don't call me", "ready_to_talk", {"interest": "yes"}, {"ready_to_talk": False}),
    ("can you call me later", None, {"interest": "yes"}, {}),
    (
        "tomorrow after 3",
        "ready_to_talk",
        {"interest": "yes"},
        {"ready_to_talk": True, "callback_earliest": "2026-11-19T15:00", "callback_latest": "2026-11-19T20:00"},
    ),
    (
        "call me at 5",
        None,
        {"interest": "yes"},
        {"ready_to_talk": True, "callback_earliest": "2026-11-18T17:00", "callback_latest": "2026-11-18T17:05"},
    ),
    (
        "not before Monday, im traveling",
        "ready_to_talk",
        {"interest": "yes"},
        {"ready_to_talk": True, "callback_earliest": "2026-11-23T09:00", "objection": "timing"},
    ),
    (
        "10",
        "callback_earliest",
        {"interest": "yes", "ready_to_talk": True, "callback_earliest": "2026-11-23T09:00"},
        {"callback_earliest": "2026-11-23T10:00", "callback_latest": "2026-11-23T10:05"},
    ),
    (
        "I'm slammed. end of the month works",
        None,
        {},
        {
            "interest": "yes",
            "callback_earliest": "2026-11-30T09:00",
            "callback_latest": "2026-11-30T20:00",
            "objection": "timing",
        },
    ),
    (
        "sorry was in a meeting. 5 is good",
        None,
        {"interest": "yes", "ready_to_talk": True},
        {"callback_earliest": "2026-11-18T17:00", "callback_latest": "2026-11-18T17:05"},
    ),
    (
        "actually call me now",
        None,
        {"interest": "yes", "callback_earliest": "2026-11-23T09:00", "callback_latest": "2026-11-23T20:00"},
        {"ready_to_talk": True, "callback_earliest": None, "callback_latest": None},
    ),
    (
        "not before monday",
        "callback_time",
        {"interest": "yes", "callback_earliest": "2026-11-19T15:00", "callback_latest": "2026-11-19T20:00"},
        {
            "ready_to_talk": True,
            "callback_earliest": "2026-11-23T09:00",
            "callback_latest": None,
            "objection": "timing",
        },
    ),
    # channel, recording
    ("I'd rather text", "ready_to_talk", {"interest": "yes"}, {"channel_pref": "sms", "ready_to_talk": False}),
    ("please text instead of calling", None, {"interest": "yes"}, {"channel_pref": "sms"}),
    ("don't text me, call", None, {"interest": "yes"}, {"channel_pref": "voice", "ready_to_talk": True}),
    ("call or text is fine", None, {"interest": "yes"}, {"channel_pref": "either"}),
    ("yeah that's fine", "recording_ok", {"interest": "yes"}, {"recording_ok": True}),
    ("no it's fine go on", "recording_ok", {"interest": "yes"}, {"recording_ok": True}),
    ("no", "recording_ok", {"interest": "yes"}, {"recording_ok": False}),
    ("please don't record this", None, {"interest": "yes"}, {"recording_ok": False}),
    ("this isn't a good time", "recording_ok", {"interest": "yes"}, {"objection": "timing"}),
    # objections
    ("that's too expensive", None, {"interest": "yes"}, {"objection": "price"}),
    ("is this legit? how did you get my number", "interest", {}, {"objection": "trust"}),
    ("i need to talk to my wife first", None, {"interest": "yes"}, {"objection": "spouse"}),
    ("i don't want to share my info", None, {"interest": "yes"}, {"objection": "privacy"}),
    ("I already have insurance", "interest", {}, {"objection": "already_have", "current_insurance": "insured"}),
    ("I already have insurance", "current_insurance", {"interest": "yes"}, {"current_insurance": "insured"}),
    (
        "Omg why do you keep bugging me. I already got insurance. Stop texting AND calling me. lose my number",
        "vehicles",
        {"objection": "timing", "interest": "yes", "current_insurance": "insured"},
        {"interest": "no", "objection": "already_have"},
    ),
    # the person
    ("my name is jordan", None, {"interest": "yes"}, {"first_name": "Jordan"}),
    ("jordan", "first_name", {"interest": "yes"}, {"first_name": "Jordan"}),
    ("hi this is jordan", "first_name", {"interest": "yes"}, {"first_name": "Jordan"}),
    ("this is ridiculous", None, {"interest": "yes"}, {}),
    ("you can call me anytime", None, {"interest": "yes"}, {"ready_to_talk": True}),
    ("btw this is her mom now", None, {"interest": "yes"}, {"third_party_contact": "mother"}),
    ("im 16", None, {"interest": "yes"}, {"under_18": True}),
    ("i'm 16 minutes away", None, {"interest": "yes"}, {}),
    ("habla español", None, {"interest": "yes"}, {"preferred_language": "es"}),
]


@pytest.mark.parametrize(("text", "asked", "known", "learned"), COMMON_TABLE)
def test_what_leads_say_about_themselves_and_calls(text: str, asked: str | None, known: Known, learned: Known) -> None:
    """The facts every campaign shares."""
    assert learn(text, asked, known) == learned


OTHER_TABLE: list[tuple[str, str, str | None, Known, Known]] = [
    (
        "lending",
        "ok yes. want to lower my payment, owe about 310k. my social is [ssn] if you need it",
        "interest",
        {"objection": "trust"},
        {"interest": "yes", "product": "refinance", "loan_purpose": ["lower_payment"], "amount_range": "250k_500k"},
    ),
    ("lending", "yes. whats your rate on a 30 yr", "property_use", {"interest": "yes"}, {"property_use": "primary"}),
    (
        "lending",
        "yeah and maybe take twenty grand out for the kitchen",
        "recording_ok",
        {"interest": "yes", "product": "refinance", "loan_purpose": ["lower_payment"], "amount_range": "250k_500k"},
        {"recording_ok": True, "loan_purpose": ["lower_payment", "cash_out"]},
    ),
    (
        "lending",
        "good i think like seven ten",
        "credit_self_rating",
        {"interest": "yes"},
        {"credit_self_rating": "good"},
    ),
    ("lending", "within a month or so", "timeframe", {"interest": "yes"}, {"timeframe": "within_30_days"}),
    ("lending", "three hundred", "amount_range", {"interest": "yes"}, {}),
    ("lending", "three hundred thousand", "amount_range", {"interest": "yes"}, {"amount_range": "250k_500k"}),
    ("lending", "no still looking", "under_contract", {"interest": "yes"}, {"under_contract": False}),
    (
        "education",
        "hey yes! nursing. but is this a bot lol",
        "interest",
        {},
        {"interest": "yes", "program_interest": "nursing"},
    ),
    (
        "education",
        "some community college, like 30 credits",
        "highest_education",
        {"interest": "yes"},
        {"highest_education": "some_college", "transfer_credits": 30},
    ),
    (
        "education",
        "do you guys have parking? my campus now is a nightmare",
        "application_status",
        {"interest": "yes", "modality": "online"},
        {},
    ),
    (
        "education",
        "started it, got stuck on transcripts",
        "application_status",
        {"interest": "yes"},
        {"application_status": "started", "blocker": "transcripts"},
    ),
    (
        "education",
        "spring. btw this is her mom now, what has she told you? is she applying for the loans",
        "start_term",
        {"interest": "yes"},
        {"start_term": "spring_2027", "third_party_contact": "mother"},
    ),
    (
        "education",
        "online, I work full time. start next fall",
        "modality",
        {},
        {"interest": "yes", "modality": "online", "start_term": "fall_2027"},
    ),
    (
        "education",
        "yep in accounting. can someone go over the cost with me",
        "highest_education",
        {"interest": "yes"},
        {"highest_education": "bachelor", "blocker": "cost", "human_requested": True},
    ),
    (
        "education",
        "yeah but i haven't started the application if that matters",
        "recording_ok",
        {"interest": "yes"},
        {"recording_ok": True, "application_status": "not_started"},
    ),
    (
        "education",
        "um public health i think",
        "program_interest",
        {"interest": "yes"},
        {"program_interest": "public health i think"},
    ),
    (
        "home_services",
        "furnace quit last night, its 15 yrs old",
        "issue",
        {"interest": "yes"},
        {"service": "hvac", "issue": "furnace stopped working", "system_age_years": 15},
    ),
    (
        "home_services",
        "yeah no heat and now it kinda smells like gas down there",
        None,
        {"interest": "yes"},
        {"urgency": "emergency"},
    ),
    (
        "home_services",
        "all clear, leaky valve fixed. can you come today? 49503",
        None,
        {"interest": "yes", "urgency": "emergency"},
        {"zip": "49503", "urgency": "today"},
    ),
    ("home_services", "2-4", "appointment", {"interest": "yes"}, {"appointment": "2026-11-18T14:11"}),
    ("home_services", "4-6", "appointment", {"interest": "yes"}, {"appointment": "2026-11-18T16:00"}),
    ("home_services", "no i rent", "owner_status", {"interest": "yes"}, {"owner_status": "renter"}),
]


@pytest.mark.parametrize(("vertical", "text", "asked", "known", "learned"), OTHER_TABLE)
def test_the_same_rules_serve_other_verticals(
    vertical: str, text: str, asked: str | None, known: Known, learned: Known
) -> None:
    """Lending, education and home services are data too."""
    assert learn(text, asked, known, OTHERS[vertical]) == learned


@pytest.mark.parametrize(
    ("vertical", "text", "asked", "learned"),
    [
        ("higher_education", "bachelor's in accounting", "highest_education", {"highest_education": "bachelor"}),
        ("higher_education", "cybersecurity, do you take the GI bill?", None, {"military_affiliated": True}),
        ("lending", "couldn't tell you, haven't looked", "credit_self_rating", {"credit_self_rating": "not_sure"}),
    ],
)
def test_what_leads_say_to_the_campaigns_we_ship(vertical: str, text: str, asked: str | None, learned: Known) -> None:
    """The question asked has the first claim to a word; who asks whether we take his benefit has it."""
    found = learn(text, asked, {"interest": "yes"}, load_campaign(Path(f"campaigns/{vertical}.yaml")))
    assert found.items() >= learned.items()
    assert "degree_level" not in found


def test_what_the_form_said_is_not_learned_again() -> None:
    """A ZIP or a name that is on record is no news."""
    assert learn("it's 60614", None, {"interest": "yes"}, zip="60614") == {}
    assert learn("jordan", "first_name", {"interest": "yes"}, first_name="Jordan") == {}


@pytest.mark.parametrize(("placed_after_s", "learned"), [(60, {"ready_to_talk": True}), (-60, {})])
def test_a_call_may_be_wished_for_again_once_it_was_placed(placed_after_s: int, learned: Known) -> None:
    """ "Call me again" is news only if the call wished for before has been tried."""
    call = Call(
        call="CA1",
        direction="outbound",
        status="completed",
        placed_at=NOW + timedelta(seconds=placed_after_s),
        ended=True,
    )
    known: Known = {"interest": "yes", "ready_to_talk": True}
    assert learn("call me again", None, known, calls={"CA1": call}) == learned


@given(st.text(max_size=60), st.sampled_from([None, "product", "closing_date", "current_carrier", "ready_to_talk"]))
def test_any_text_is_survived(text: str, asked: str | None) -> None:
    """Whatever arrives, something or nothing is learned, and every value has its question's type."""
    for key, value in learn(text, asked).items():
        question = INSURANCE.question(key)
        if question is not None and question.type == "enum":
            assert value in question.values


def _answers() -> list[tuple[str, str, str, str]]:
    with (ROOT / "data" / "answers.csv").open(newline="", encoding="utf-8") as file:
        return [(row["vertical"], row["asked"], row["text"], row["facts"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("vertical", ["insurance", "lending", "higher_education", "home_services"])
def test_many_ways_of_saying_each_fact(vertical: str) -> None:
    """What people answer to each question of a campaign we ship, or volunteer: these facts and no others."""
    campaign = load_campaign(ROOT.parent / "campaigns" / f"{vertical}.yaml")
    misses = []
    for _, asked, text, facts in (row for row in _answers() if row[0] == vertical):
        found = learn(text, asked or None, {"interest": "yes"}, campaign)
        told = {key: _as_told(value) for key, value in found.items() if key not in OF_THE_CALL}
        wanted = dict(fact.split("=", 1) for fact in facts.split("; ") if fact)
        if told != {key: value for key, value in wanted.items() if key not in OF_THE_CALL}:
            misses.append((asked, text, wanted, told))
    assert not misses


OF_THE_CALL = frozenset({"interest", "recording_ok", "ready_to_talk", "callback_earliest", "callback_latest"})


def _as_told(value: JsonValue) -> str:
    if isinstance(value, list):
        return "+".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("second one pls", "2026-11-20T13:00"),
        ("the first", "2026-11-19T09:00"),
        ("not thursday, friday", "2026-11-20T13:00"),
        ("thurs. no wait friday", "2026-11-20T13:00"),
        ("friday, i work thursdays", "2026-11-20T13:00"),
        ("sooner one", "2026-11-19T09:00"),
        ("how about monday", "2026-11-23T09:00"),
        ("fri pls", "2026-11-20T13:00"),
        ("option 2", "2026-11-20T13:00"),
        ("number one", "2026-11-19T09:00"),
        ("whatever works", "2026-11-19T09:00"),
        ("i work thursdays so friday", "2026-11-20T13:00"),
        ("ill take the 1 o'clock", "2026-11-20T13:00"),
    ],
)
def test_which_visit_is_taken(said: str, start: str) -> None:
    """An ordinal counts the offers, not the days of the month; a day refused is not taken."""
    campaign = load_campaign(ROOT.parent / "campaigns" / "home_services.yaml")
    ours = Line(
        event="ours",
        at=NOW,
        who="persona",
        channel=Channel.SMS,
        text="We have Thursday 9-11 or Friday 1-3. Which works?",
    )
    assert learn(said, "appointment", {"interest": "yes"}, campaign, thread=(ours,)) == {"appointment": start}


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("i can talk friday between 10 and noon", "2026-11-20T10:00"),
        ("ill be free in 2 hours", "2026-11-18T16:11"),
        ("my lunch is at 12:30, call then", "2026-11-19T12:30"),
        ("best time for me is evenings", "2026-11-18T17:00"),
        ("you can reach me monday at 4", "2026-11-23T16:00"),
        ("i can talk to my wife tomorrow about it", None),
        ("im free and clear on my car", None),
        ("my policy ends friday, im available whenever", None),
        ("im off work today", None),
    ],
)
def test_when_he_can_talk_is_a_wish_unasked(said: str, start: str | None) -> None:
    """The time stands behind the words for it; any other is of something else."""
    assert learn(said, None, {"interest": "yes"}).get("callback_earliest") == start


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("actually 10 instead", "2026-11-19T10:00"),
        ("can you come at 3 instead", "2026-11-19T15:00"),
        ("running late, can you come 30 min later", "2026-11-19T09:30"),
        ("friday instead, same time", "2026-11-20T09:00"),
        ("make it 11", "2026-11-19T11:00"),
    ],
)
def test_a_visit_is_moved(said: str, start: str) -> None:
    """A bare hour belongs to the day that was agreed on."""
    campaign = load_campaign(ROOT.parent / "campaigns" / "home_services.yaml")
    agreed: Known = {"interest": "yes", "appointment": "2026-11-19T09:00"}
    assert learn(said, None, agreed, campaign)["appointment"] == start


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ("something came up friday, can we do monday 2-4 instead", ("2026-11-23T14:00", "2026-11-23T16:00")),
        ("lets do monday instead, same time", ("2026-11-23T14:00", "2026-11-23T16:00")),
        ("friday's no good anymore. monday same time?", ("2026-11-23T14:00", "2026-11-23T16:00")),
        ("running late, can we push it to 5", ("2026-11-20T17:00", "2026-11-20T17:05")),
        ("actually call me at 5 not 2", ("2026-11-20T17:00", "2026-11-20T17:05")),
        ("cant make 2, how about 5", ("2026-11-20T17:00", "2026-11-20T17:05")),
        ("can we do an hour later", ("2026-11-20T15:00", "2026-11-20T17:00")),
        ("5 not 2 sorry", ("2026-11-20T17:00", "2026-11-20T17:05")),
        ("not 2, 5", ("2026-11-20T17:00", "2026-11-20T17:05")),
        ("lets say noon", ("2026-11-20T12:00", "2026-11-20T12:05")),
        ("can it be a bit later, 4:30", ("2026-11-20T16:30", "2026-11-20T16:35")),
        ("same time monday", ("2026-11-23T14:00", "2026-11-23T16:00")),
        ("any chance of monday at the same time", ("2026-11-23T14:00", "2026-11-23T16:00")),
        ("could we do the next day at ten am", ("2026-11-21T10:00", "2026-11-21T10:05")),
        ("i have 3 cars not 2", ("2026-11-20T14:00", "2026-11-20T16:00")),
    ],
)
def test_a_call_agreed_on_is_moved(said: str, window: tuple[str, str]) -> None:
    """To another day or hour, the day or the hour staying as it was where only the other is named."""
    agreed: Known = {"callback_earliest": "2026-11-20T14:00", "callback_latest": "2026-11-20T16:00"}
    found = agreed | learn(said, None, agreed | {"interest": "yes"})
    assert (found["callback_earliest"], found["callback_latest"]) == window


@pytest.mark.parametrize(
    ("said", "objection"),
    [
        ("are you guys legit", "trust"),
        ("never heard of yall", "trust"),
        ("how'd you get my number", "trust"),
        ("too rich for my blood", "price"),
        ("me and my wife need to talk about it first", "spouse"),
        ("my husband handles that stuff", "spouse"),
        ("im not giving you my income", "privacy"),
        ("i have an agent i like", "already_have"),
        ("now's not good", "timing"),
        ("yes please a real person", None),
    ],
)
def test_what_holds_people_back(said: str, objection: str | None) -> None:
    """By its kind, in the words people have for it."""
    assert learns(said).get("objection") == objection
