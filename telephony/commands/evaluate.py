"""`segue eval`: scores what decides against tables of cases whose answers are known."""

from cyclopts import App

from telephony.commands.eval_gate import gate

app = App(name="eval", help="Score what decides against tables of cases; exits with 1 below the asked threshold.")
app.command(gate, name="gate")
