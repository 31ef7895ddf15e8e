"""Who answered, from what is heard and said; and what the call does then."""

import pytest

from agent.answering import (
    NO_BEEP_MS,
    SCREENED_AT_MOST_MS,
    Answering,
    AnsweringMachine,
    Beep,
    Do,
    Happened,
    MessageOver,
    Noise,
    Sound,
    Verdict,
    Words,
    is_recorded,
)

LONG_GREETING = "Well hello there, it is a fine day and we are all of us out"


def hear(machine: AnsweringMachine, voice_ms: int, silence_ms: int, start_ms: int = 0) -> tuple[list[Do], int]:
    """Voice, then silence, in windows of 32 ms; what followed, and when it was."""
    done, now = list[Do](), start_ms
    for length, voice in ((voice_ms, True), (silence_ms, False)):
        end = now + length
        while now < end:
            now += 32
            done += machine.on(Sound(voice), now)
    return done, now


def test_a_hello_is_a_person() -> None:
    """A short word and silence: somebody listens."""
    machine = AnsweringMachine()
    assert hear(machine, 600, 1_400)[0] == [Do.KNOWN_PERSON]
    assert machine.who == "person"


def test_silence_alone_tells_nothing() -> None:
    """Neither a person nor a machine."""
    machine = AnsweringMachine()
    assert hear(machine, 0, 20_000)[0] == []
    assert machine.who is None


def test_a_long_greeting_is_a_machines_and_gets_its_message_without_a_beep() -> None:
    """Silence after it is as good as the tone."""
    machine = AnsweringMachine()
    _, now = hear(machine, 6_500, 0)
    assert machine.on(Words(LONG_GREETING), now) == [Do.HUSH]
    assert machine.state is Answering.GREETING
    assert hear(machine, 0, NO_BEEP_MS - 100, now)[0] == []
    assert hear(machine, 0, 200, now + NO_BEEP_MS - 100)[0] == [Do.HUSH, Do.LEAVE_MESSAGE]


@pytest.mark.parametrize("text", ["", "Two people.", "What the weather like for Queen of the North"])
def test_a_voice_without_end_is_no_greeting_by_its_length(text: str) -> None:
    """People talk, or a television, behind whoever picked up: he is still to be talked with."""
    machine = AnsweringMachine()
    done, now = hear(machine, 20_000, 0)
    assert (done, machine.on(Words(text), now), machine.who) == ([], [], None)


def test_who_answers_our_greeting_at_length_is_no_machine() -> None:
    """A machine greets as soon as it has picked up; a person hears us out and then tells his whole story."""
    machine = AnsweringMachine()
    _, now = hear(machine, 7_500, 300, start_ms=hear(machine, 0, 13_000)[1])
    story = "Yes, so we just bought a house and I need something before the closing next week"
    assert [machine.on(Words(story, whole), now) for whole in (False, True)] == [[], [Do.KNOWN_PERSON]]


@pytest.mark.parametrize(
    "text",
    ["He's not available right now, can I take a message?", "She can't come to the phone. Who's calling, please?"],
)
def test_who_answers_for_another_is_no_machine(text: str) -> None:
    """A machine says the same of him, and asks nothing."""
    machine = AnsweringMachine()
    assert machine.on(Words(text, whole=True), 3_000) == [Do.KNOWN_PERSON]
    assert AnsweringMachine().on(Words("He's not available right now."), 3_000) == [Do.HUSH]


def test_what_only_talked_long_and_then_has_no_words_was_no_machine() -> None:
    """Whoever is there hears who calls, but nothing that is for a person known to be one."""
    machine = AnsweringMachine()
    _, now = hear(machine, 6_500, 0)
    machine.on(Words(LONG_GREETING), now)
    assert [machine.on(Noise(), now + 2_500), machine.on(Noise(), now + 5_000)] == [[], [Do.GREET_ANEW]]
    assert machine.state is Answering.LISTENING


def test_what_said_a_machines_words_is_one_whatever_comes_of_it() -> None:
    """Music behind a greeting does not make a person of it."""
    machine = AnsweringMachine()
    machine.on(Words("You've reached Jordan."), 2_000)
    assert [machine.on(Noise(), at) for at in (4_500, 7_000, 9_500)] == [[], [], []]
    assert machine.state is Answering.GREETING


def test_what_was_noise_does_not_count_as_a_greeting() -> None:
    """It is counted from where there were words."""
    machine = AnsweringMachine()
    _, now = hear(machine, 6_500, 0)
    machine.on(Noise(), now)
    _, now = hear(machine, 2_000, 0, now)
    assert machine.on(Words(LONG_GREETING), now) == []


@pytest.mark.parametrize(
    "text",
    [
        "Hi, you've reached Jordan.",
        "Please leave a message after the tone.",
        "Jordan's voicemail.",
        "Ha llamado al buz\u00f3n de voz.",
        "Deje su mensaje despu\u00e9s del tono.",
        "Sorry I missed your call.",
        "The person you are calling is not available.",
        "The number you have dialed is not in service.",
        "Your call has been forwarded to an automated voice messaging system.",
        "I'm away from my desk or on the other line.",
        "At the tone, please record your message.",
        "We can't take your call right now.",
        "The Google subscriber you have called is busy.",
    ],
)
def test_words_of_a_machine_end_the_talk_at_once(text: str) -> None:
    """In English and Spanish, also after the first sentence sounded like a person's."""
    machine = AnsweringMachine()
    machine.on(Words("Hi, this is Jordan.", whole=True), 1_000)
    assert machine.on(Words(text, whole=True), 3_000) == [Do.HUSH]
    assert machine.who == "machine"
    assert machine.on(Words("I'm away until Monday.", whole=True), 4_000) == []
    assert machine.on(Beep(), 6_000) == [Do.HUSH, Do.LEAVE_MESSAGE]


@pytest.mark.parametrize(
    ("verdict", "does", "who"),
    [
        ("human", [Do.KNOWN_PERSON], "person"),
        ("machine_end_beep", [Do.HUSH, Do.LEAVE_MESSAGE], "machine"),
        ("machine_end_silence", [Do.HUSH, Do.LEAVE_MESSAGE], "machine"),
        ("machine_end_other", [Do.HUSH, Do.LEAVE_MESSAGE], "machine"),
        ("machine_start", [Do.HUSH], "machine"),
        ("fax", [Do.HANG_UP], "machine"),
        ("unknown", [], None),
    ],
)
def test_the_carriers_verdict_counts_while_nobody_knows(verdict: str, does: list[Do], who: str | None) -> None:
    """Unknown is nothing to go by."""
    machine = AnsweringMachine()
    assert (machine.on(Verdict(verdict), 4_000), machine.who) == (does, who)


@pytest.mark.parametrize("verdict", ["machine_end_beep", "machine_end_other", "unknown"])
def test_a_person_who_talks_with_us_is_not_hushed_by_a_verdict(verdict: str) -> None:
    """What he says weighs more."""
    machine = AnsweringMachine()
    machine.on(Words("Yes, this is Jordan.", whole=True), 1_000)
    assert (machine.on(Verdict(verdict), 4_000), machine.who) == ([], "person")


def test_the_message_counts_when_it_was_heard_to_its_end() -> None:
    """Then, and only then, the call is over."""
    machine = AnsweringMachine()
    machine.on(Beep(), 5_000)
    assert machine.on(MessageOver(complete=False), 7_000) == []
    assert not machine.message_left
    assert hear(machine, 0, NO_BEEP_MS + 100, 7_000)[0] == [Do.HUSH, Do.LEAVE_MESSAGE]
    assert (machine.on(MessageOver(complete=True), 30_000), machine.message_left) == ([Do.HANG_UP], True)
    assert machine.on(Words("Hello?", whole=True), 31_000) == []


def test_who_picks_up_during_the_message_is_talked_to_from_the_start() -> None:
    """He has heard nothing of what a call begins with."""
    machine = AnsweringMachine()
    machine.on(Beep(), 5_000)
    assert machine.on(Words("Hello, I'm here.", whole=True), 8_000) == [Do.BEGIN_ANEW]
    assert machine.who == "person"


def test_an_assistant_is_told_who_calls_and_the_person_is_greeted() -> None:
    """Its thanks are not the person's words."""
    machine = AnsweringMachine()
    asks = "Please state your name and why you're calling."
    assert machine.on(Words(asks, whole=True), 3_000) == [Do.HUSH, Do.TELL_SCREENER]
    assert machine.on(Words("Thank you. Please stay on the line.", whole=True), 9_000) == []
    assert machine.who == "screener"
    assert machine.on(Words("Hi, this is Jordan.", whole=True), 15_000) == [Do.BEGIN_ANEW]


def test_an_assistant_that_brings_nobody_is_left_in_time() -> None:
    """The record says that it was one."""
    machine = AnsweringMachine()
    machine.on(Words("This call is being screened: what is the reason for the call?", whole=True), 3_000)
    done, _ = hear(machine, 0, SCREENED_AT_MOST_MS + 100, 3_000)
    assert done[:1] == [Do.HANG_UP]
    assert machine.who == "screener"


def test_a_full_mailbox_gets_no_message() -> None:
    """There is nothing to wait for."""
    machine = AnsweringMachine()
    happened: Happened = Words("The mailbox is full.", whole=True)
    assert (machine.on(happened, 3_000), machine.message_left) == ([Do.HANG_UP], False)


@pytest.mark.parametrize(
    "text", ["I can't answer that right now.", "I'm not available tomorrow.", "No puedo contestar en este momento."]
)
def test_a_person_may_say_what_a_greeting_also_says(text: str) -> None:
    """As first words they are a greeting's; in a talk they are his."""
    machine = AnsweringMachine()
    machine.on(Words("Yes, this is Jordan.", whole=True), 1_000)
    assert (machine.on(Words(text, whole=True), 9_000), machine.who) == ([], "person")
    assert AnsweringMachine().on(Words(text, whole=True), 2_000) == [Do.HUSH]


@pytest.mark.parametrize(
    "name", ["Hi, this is Jordan.", "It's Jordan Lee.", "Hey, you've got Jordan", "Hello, this is Dr. Lee."]
)
@pytest.mark.parametrize("pause_ms", [800, 1_500, 2_300])
def test_a_greeting_that_pauses_after_the_name_is_no_person(name: str, pause_ms: int) -> None:
    """Nothing of the lead's is said into it; the next sentence shows what it is."""
    machine = AnsweringMachine()
    done, now = hear(machine, 1_100, 700)
    done += machine.on(Words(name, whole=True), now)
    done += hear(machine, 0, pause_ms - 700, now)[0]
    assert (done, machine.who) == ([], None)
    assert machine.on(Words("I can't take your call right now.", whole=True), now + 3_000) == [Do.HUSH]


def test_who_gives_his_name_and_listens_is_a_person() -> None:
    """A greeting would have gone on."""
    machine = AnsweringMachine()
    _, now = hear(machine, 1_100, 700)
    machine.on(Words("Hello, this is Jordan.", whole=True), now)
    assert hear(machine, 0, 2_000, now)[0] == [Do.KNOWN_PERSON]


def test_who_says_more_than_his_name_is_a_person_at_once() -> None:
    """He talks with us."""
    machine = AnsweringMachine()
    machine.on(Words("Hi, this is Jordan.", whole=True), 1_500)
    assert machine.on(Words("Who is calling?", whole=True), 3_000) == [Do.KNOWN_PERSON]
    other = AnsweringMachine()
    assert other.on(Words("Hi, this is Jordan, I was waiting for your call.", whole=True), 3_000) == [Do.KNOWN_PERSON]


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("The person you are calling is away.", True),
        ("Please state your name and why you're calling.", True),
        ("Stop calling me.", False),
        ("Take me off your list, I'm not interested.", False),
    ],
)
def test_what_only_a_machine_says_is_told_from_a_stop(text: str, recorded: bool) -> None:
    """A greeting that sounds like a refusal has stopped nobody."""
    assert is_recorded(text) is recorded


def test_a_machine_that_has_had_its_message_today_gets_none() -> None:
    """The call is over as soon as it is known for one; a person is talked with all the same."""
    for happened in (Words("You've reached Jordan.", whole=True), Beep(), Verdict("machine_end_beep")):
        machine = AnsweringMachine(leaves_message=False)
        assert (machine.on(happened, 3_000), machine.message_left) == ([Do.HANG_UP], False)
        assert machine.who == "machine"
    machine = AnsweringMachine(leaves_message=False)
    assert machine.on(Words("Yes, this is Jordan.", whole=True), 1_000) == [Do.KNOWN_PERSON]
