"""`segue eval`: scores what decides against tables of cases whose answers are known."""

from cyclopts import App

from telephony.commands.eval_dialogues import dialogues
from telephony.commands.eval_gate import gate
from telephony.commands.eval_phrases import callbacks, phrases

app = App(name="eval", help="Score what decides against tables of cases; exits with 1 below the asked threshold.")
app.command(gate, name="gate")
app.command(dialogues, name="dialogues")
app.command(phrases, name="phrases")
app.command(callbacks, name="callbacks")
