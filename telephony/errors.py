"""Errors whose message says what to do. Whoever shows one shows the message: a traceback would hide it."""

from agent.campaign import CampaignError
from agent.gate.tables import TableError
from audio.engines import ModelError, ServiceFailure
from state.embedded import EmbeddedError
from state.store import RecordError
from telephony.process.listening import PortError
from telephony.settings import SettingsError

MENDABLE = (
    SettingsError,
    PortError,
    CampaignError,
    TableError,
    ModelError,
    ServiceFailure,
    EmbeddedError,
    RecordError,
)
