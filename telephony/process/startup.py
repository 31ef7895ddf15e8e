"""What a start can fail for before anything is loaded: looked at first, so that it is told at once, and once."""

from collections.abc import Mapping

from agent.campaign import Campaign, load_campaigns
from telephony.process.listening import bind
from telephony.settings import Settings, SettingsError, variable


def check(settings: Settings) -> None:
    """Looks at the port and the campaigns.

    Raises:
        PortError, CampaignError, SettingsError: saying what to do.
    """
    for listener in bind(settings.host, settings.port):
        listener.close()
    campaigns_of(settings)


def campaigns_of(settings: Settings) -> Mapping[str, Campaign]:
    """The campaigns, by id.

    Raises:
        CampaignError: for one that cannot be read, with file and line.
        SettingsError: for an active one without a number to call and text from: it would fail at its first lead.
    """
    campaigns = load_campaigns(settings.campaigns)
    without = sorted(one.id for one in campaigns.values() if one.active and not (one.number or settings.number))
    if without:
        names, name = ", ".join(without), variable(f"{settings.carrier}_number")
        raise SettingsError({name: f"{name} is missing and these campaigns set no number of their own: {names}"})
    return campaigns
