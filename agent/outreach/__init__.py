"""The outreach plan: what we do next of our own accord, when, and why. Pure: it is asked again after every event.

`plan` has the answer, `wanted` whether a step that was asked for still is one; `considered` explains it.
"""

from agent.outreach.plan import Considered, considered, effect_event, plan, wanted
from agent.outreach.situation import No, Situation, Step, Wait

__all__ = ["Considered", "No", "Situation", "Step", "Wait", "considered", "effect_event", "plan", "wanted"]
