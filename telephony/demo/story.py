"""The people of the demo: Jordan, who wants home insurance, and Sarah, who sells it."""

from zoneinfo import ZoneInfo

from telephony.sandbox.human import HumanAgent
from telephony.sandbox.script import Interrupt, Script, TextBack, When

BUSINESS_TIME = "2026-11-18T14:05:20-06:00"
"""A Wednesday afternoon in Chicago: the hour is lawful whenever the demo is played."""
CAMPAIGN = "insurance"
NUMBER = "+13125550142"
ZONE = ZoneInfo("America/Chicago")
OUR_NUMBER = "+13125550100"

FORM = {
    "campaign": CAMPAIGN,
    "number": NUMBER,
    "first_name": "Jordan",
    "zip": "60614",
    "source": "web_quote_form",
    "consent": {
        "scopes": ["sms", "ai_voice"],
        "basis": "written",
        "act": "tick",
        "disclosure": (
            "I agree that Harbor Lane Insurance may contact me at this number with marketing calls and texts, "
            "including by automated means and AI-generated voice. Consent is not a condition of purchase."
        ),
        "source_url": "https://harborlane.example/quote",
    },
}
"""What Jordan's form posts to /v1/leads."""


def jordan() -> Script:
    """He texts, picks up, answers what he is asked, and once he interrupts."""
    return Script(
        rules=[
            When(r"get you sorted|it's sarah\b", "Great, thanks Sarah. Bye!", hang_up=True),
            When(r"who's free|one moment|finding someone|connecting you", "", once=False),
            When(r"real person|\bA\.?I\.?\b|virtual assistant.*(shall|put you)|artificial", "No, it's fine, go on."),
            When(r"house.*condo|condo.*townhouse", "It's a condo."),
            When(r"in place|start(ing)? date|cover(age|ed)? (to )?(start|begin)", "Yeah, ideally before the fifth."),
            When(r"clos(e|ing)\b", "We closed last Friday, and we move in on December fifth."),
            When(r"mov(e|ing) in\b.*\?$", "We move in on December fifth."),
            When(r"live (there|in it)|yourself", "Yes, we'll live there."),
            When(r"provider|starting fresh|insurance (now|on it)", "Starting fresh. I just want to compare."),
            When(r"how old|roof", "I'm not sure."),
            When(r"accident|claims|tickets", "No, none."),
            When(r"price|matters", "I want to compare."),
            When(r"okay\?|ok\?|is that|all right\?", "Yeah, that's fine."),
        ],
        fallbacks=["Sorry, could you say that again?"],
        interrupts=[Interrupt(at=3, after_ms=1000, say="Wait, hold on. Are you a real person?")],
        texts=[
            TextBack(r"still looking|quote", "Yeah I am, just been busy"),
            TextBack(r"call", "sure. its for home, we just bought a place"),
        ],
    )


def sarah(number: str) -> HumanAgent:
    """She reads the card, takes the call, and opens in the middle."""
    greeting = "Hi Jordan, it's Sarah. Home coverage before you move in on the fifth. Let's get you sorted."
    return HumanAgent(number, greeting, answer_after_s=2.0, decides_after_s=3.0, stays_s=10.0)
