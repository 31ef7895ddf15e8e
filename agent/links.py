"""Links that are promised by text: the campaign has them by name, so that what is promised can be kept. Pure."""

from datetime import datetime

from agent.moves import Promise
from agent.snapshot import Snapshot
from agent.texting import gsm7
from agent.words import any_of

ASKS_FOR_LINK = any_of(
    r"(?:text|send|message|shoot|give|get|drop) (?:me|us) (?:\S+ ){0,3}?(?:link|url|website|web site|page)",
    r"(?:whats|what is|wheres|where is|have|got|is there) (?:the |a |an )?(?:\S+ ){0,2}?(?:link|url)",
    r"(?:mandeme|enviame|envieme|mandame) el (?:enlace|link)",
)
"""On cleaned words (`agent.words.clean`)."""


def link_named(said: str, snapshot: Snapshot) -> str | None:
    """The name of the campaign's link that is asked for: the one whose name stands in the words, else the first."""
    links = snapshot.campaign.links
    return next((name for name in links if name in said.split()), next(iter(links), None))


def link_promise(what: str, name: str | None, snapshot: Snapshot, due: datetime | None = None) -> Promise:
    """A promise to text a link, due at once unless said otherwise.

    Without such a link of the campaign's it has no text that could keep it: it is broken when its time is over, and
    owned up to.
    """
    url = snapshot.campaign.links.get(name or "")
    campaign = snapshot.campaign
    body = gsm7(f"It's {campaign.persona} at {campaign.brand_short}. Here's the link: {url}") if url else None
    return Promise(what, due or snapshot.now, by="text", body=body)
