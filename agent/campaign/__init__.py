"""Campaigns: what a vertical asks, says and never says. YAML only; a vertical is data, never code."""

from agent.campaign.campaign import Campaign, FormFields
from agent.campaign.loading import CampaignError, Problem, load_campaign, load_campaigns
from agent.campaign.part import WEEKDAYS
from agent.campaign.people import HumanAgent, Routing, Shift
from agent.campaign.questions import Band, Digression, FollowUp, Question
from agent.campaign.timing import Alarm, Timing, Touchpoint

__all__ = [
    "WEEKDAYS",
    "Alarm",
    "Band",
    "Campaign",
    "CampaignError",
    "Digression",
    "FollowUp",
    "FormFields",
    "HumanAgent",
    "Problem",
    "Question",
    "Routing",
    "Shift",
    "Timing",
    "Touchpoint",
    "load_campaign",
    "load_campaigns",
]
