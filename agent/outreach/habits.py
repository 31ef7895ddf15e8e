"""What a lead's own conduct says about how to reach him: when he answers, and on which channel."""

from collections import Counter

from agent.outreach.situation import Situation
from state.events import Channel


def channel(situation: Situation) -> Channel | None:
    """The channel he prefers: as he said, else the one on which alone he has answered us; None: nothing speaks."""
    said = situation.view.known("channel_pref")
    if said in set(Channel):
        return Channel(str(said))
    used = {line.channel for line in situation.view.thread if line.who == "lead"}
    return used.pop() if len(used) == 1 else None


def hour(situation: Situation) -> int | None:
    """The hour of his day in which he has most often written or talked to us; the latest such, if several."""
    heard = [situation.local(line.at).hour for line in situation.view.thread if line.who == "lead"]
    counted = Counter(heard)
    return max(counted, key=lambda one: (counted[one], one)) if counted else None
