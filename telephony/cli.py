"""The command `segue`."""

import sys
from importlib.metadata import version
from typing import Annotated

from cyclopts import App, Parameter

app = App(
    name="segue",
    help="""An AI's phone calls and text messages with a lead, as one conversation.

    Settings come from the environment and `.env`; `segue doctor` says which are missing and how to set them.
    """,
    version=lambda: version("segue"),
    version_flags=["--version"],
)
# By import path, so that one command does not load another's models.
app.command("telephony.commands.agents:app", name="agents", help="Show who takes calls, and set somebody on or off.")
app.command("benchmarks.cli:app", name="bench", help="Measure turn gaps, barge-in and load on this machine.")
app.command("telephony.commands.campaigns:app", name="campaigns", help="Show which campaigns are paused, and resume.")
app.command("telephony.commands.consent:app", name="consent", help="Show the evidence of a consent and verify it.")
app.command("telephony.commands.evaluate:app", name="eval", help="Score what decides against tables of cases.")
app.command("telephony.commands.forget:app", name="forget", help="Erase a person, or everybody whose time is over.")
app.command("telephony.commands.gate:app", name="gate", help="Explain whether a number may be contacted, and why.")
app.command("telephony.commands.hold:app", name="hold", help="List who waits for a person to look, and lift a hold.")
app.command("telephony.commands.leads:app", name="leads", help="Take in a list of leads.")
app.command("telephony.commands.plan:app", name="plan", help="Explain what happens next with a lead, when, and why.")
app.command("telephony.commands.record:app", name="record", help="Verify the record, or show a conversation's log.")
app.command("telephony.commands.report:app", name="report", help="Report on leads: speed, contact, what came of it.")
app.command("telephony.commands.webhooks:app", name="webhooks", help="Who is told of events, and what was given up.")


@app.command
def serve() -> None:
    """Run the server: webhooks, calls, texts and their workers.

    It needs SEGUE_PUBLIC_URL, SEGUE_API_TOKEN, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and, unless every campaign has
    its own number, TWILIO_NUMBER. In the Twilio console, set the number's webhooks to
    `{SEGUE_PUBLIC_URL}/twilio/voice` and `{SEGUE_PUBLIC_URL}/twilio/sms`. For another carrier see docs/carriers.md.
    SEGUE_WORKERS has several processes serve the one port.
    """
    from telephony.log import set_up_logging
    from telephony.process import startup
    from telephony.settings import load_settings

    settings = load_settings()
    startup.check(settings)
    set_up_logging()
    if settings.workers > 1:
        from telephony.process.supervisor import supervise

        supervise(settings)
    else:
        from telephony.app import create_app
        from telephony.process import serving

        serving.run(create_app(settings), settings)


@app.command
def doctor() -> int:
    """Check, item by item, what is ready, what is missing and how to mend it.

    Exits with 1 if something the server needs is not ready.
    """
    import asyncio

    from telephony.doctor import examine, show

    findings = asyncio.run(examine())
    show(findings)
    return int(any(finding.blocks for finding in findings))


@app.command
def sandbox(
    *,
    host: str = "127.0.0.1",
    port: int = 4010,
    number: str = "+13125550100",
    webhook_base: str = "http://127.0.0.1:8080",
) -> None:
    """Run a local stand-in for Twilio, to try the server without an account. It prints how to use it.

    Parameters
    ----------
    host
        The address to listen on.
    port
        The port to listen on.
    number
        The number it gives the server.
    webhook_base
        Where the server is.
    """
    import asyncio

    from telephony.sandbox.server import main as run

    asyncio.run(run(host, port, number=number, webhook_base=webhook_base, say=print))


@app.command
def demo(*, keep: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Play the whole story on this machine: a lead texts, is called, interrupts, and is put through to a person.

    Exits with 0 only if it really happened, judged from the record and the recording.

    Parameters
    ----------
    keep
        Leave the server running afterwards.
    """
    import asyncio

    from telephony.demo import play

    return asyncio.run(play(keep))


def main() -> None:
    """Runs a command. What the user can mend is told in a sentence, without a traceback."""
    from telephony.errors import MENDABLE

    try:
        sys.exit(app(sys.argv[1:]))
    except MENDABLE as error:
        print(f"segue: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
