"""The turn machine, fed windows on a virtual clock."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.completeness import Asked, Ending
from audio.turns import (
    Action,
    Cut,
    Discard,
    Duck,
    Floor,
    Idle,
    Policy,
    Release,
    Resume,
    Settle,
    TurnMachine,
    Understand,
    Unheard,
    Withdraw,
    Words,
)

WINDOW_MS = 32
SPEECH_DB, QUIET_DB = -20.0, -60.0


class Line:
    """A telephone line: plays speech and silence into a machine and keeps what it did, with times."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.machine = TurnMachine(policy)
        self.now_ms = 0
        self.persona_speaking = False
        self.level_db = SPEECH_DB
        self.said = 0
        self.log: list[tuple[int, Action]] = []

    def _take(self, actions: list[Action]) -> list[Action]:
        self.log += [(self.now_ms, action) for action in actions]
        return actions

    def windows(self, probability: float, ms: int) -> list[Action]:
        taken: list[Action] = []
        for _ in range(ms // WINDOW_MS):
            self.now_ms += WINDOW_MS
            heard = (probability, self.level_db if probability > 0.3 else QUIET_DB, self.now_ms, WINDOW_MS)
            window = self.machine.window(*heard, persona_speaking=self.persona_speaking)
            taken += self._take(window)
            if any(isinstance(action, Withdraw | Cut) for action in window):
                self.persona_speaking = False
        return taken

    def speech(self, ms: int) -> list[Action]:
        return self.windows(0.95, ms)

    def talk(self, ms: int) -> None:
        """Speech in which there are more words whenever they are looked at."""
        for _ in range(ms // WINDOW_MS):
            if any(isinstance(action, Understand) for action in self.speech(WINDOW_MS)):
                self.understood()

    def silence(self, ms: int) -> list[Action]:
        return self.windows(0.02, ms)

    def understood(
        self, words: Words = Words.SPEECH, ending: Ending = Ending.COMPLETE, *, more: bool = True
    ) -> list[Action]:
        """`more` says that there are more words than before."""
        self.said += more
        return self._take(self.machine.understood(self.machine.generation, words, self.said, ending, self.now_ms))

    def prosody(self, probability: float) -> list[Action]:
        return self._take(self.machine.prosody(self.machine.generation, probability, self.now_ms))


def kinds(actions: list[Action]) -> list[type]:
    """The actions' types."""
    return [type(action) for action in actions]


def test_speech_then_silence_asks_for_understanding_of_the_whole_utterance() -> None:
    """The work is asked for after offset_ms of silence and covers the speech with its pre-roll."""
    line = Line()
    line.silence(640)
    line.speech(960)
    [asked] = line.silence(96)
    assert asked == Understand(generation=1, start_ms=640 - 256, end_ms=1600)


def test_a_fading_voice_asks_once_and_the_silence_keeps_what_it_asked_for() -> None:
    """The detector still hears breath behind the last word: what is under way by then is not begun anew."""
    line = Line()
    line.speech(960)
    assert line.windows(0.6, 32) == [Understand(1, 0, 992)]
    assert line.windows(0.4, 32) == []
    line.understood()
    line.prosody(0.9)
    [released] = line.silence(320)
    assert released == Release(1, 224 + 32)
    assert [at - 1024 for at, action in line.log if isinstance(action, Release)] == [224]


def test_a_voice_that_is_back_from_fading_forgets_what_it_asked_for() -> None:
    """A soft syllable is no end; the next one asks with all that was said."""
    line = Line()
    line.speech(960)
    line.windows(0.6, 32)
    assert line.speech(32) == [Discard(1)]
    line.speech(320)
    assert line.silence(32) == [Understand(2, 0, 1344)]


def test_soft_speech_behind_the_fading_is_not_lost() -> None:
    """Whoever trails off is recognised to his last sound."""
    line = Line()
    line.speech(960)
    line.windows(0.6, 32)
    line.understood()
    assert line.windows(0.5, 128) == []
    assert line.silence(64) == [Understand(2, 0, 1120)]


def test_both_signals_release_after_the_short_wait() -> None:
    """Words and prosody agree: 224 ms of silence are enough."""
    line = Line()
    line.speech(960)
    line.silence(96)
    line.understood()
    line.prosody(0.9)
    [released] = line.silence(320)
    assert released == Release(1, 224)
    at = next(at for at, action in line.log if isinstance(action, Release))
    assert at - 960 == 224


def test_a_silence_counts_from_where_the_voice_fell_not_from_where_the_detector_noticed() -> None:
    """By as much as the detector is usually late, and no more."""
    for lingers_ms, earlier_ms in ((0, 0), (64, 64), (160, 96)):
        line = Line()
        line.speech(960)
        line.level_db = QUIET_DB
        line.speech(lingers_ms)
        line.silence(64)
        line.understood()
        line.prosody(0.9)
        line.silence(320)
        [released] = [at for at, action in line.log if isinstance(action, Release)]
        assert released == 960 + lingers_ms - earlier_ms + 224


@pytest.mark.parametrize(
    ("ending", "prosody", "wait_ms"),
    [
        (Ending.COMPLETE, 0.9, 224),
        (Ending.COMPLETE, 0.1, 320),
        (Ending.UNCLEAR, 0.95, 320),
        (Ending.UNCLEAR, 0.7, 320),
        (Ending.UNCLEAR, 0.1, 384),
        (Ending.SERIES, 0.9, 576),
        (Ending.UNFINISHED, 0.9, 928),
        (Ending.UNFINISHED, 0.1, 928),
    ],
)
def test_the_wait_grows_as_the_signals_disagree(ending: Ending, prosody: float, wait_ms: int) -> None:
    """Whoever says "it's for my" goes on, however finished he sounds."""
    line = Line()
    line.speech(640)
    line.silence(96)
    line.understood(ending=ending)
    line.prosody(prosody)
    released, *_ = line.silence(960)
    assert released == Release(1, wait_ms)


def test_expected_digits_get_a_longer_pause_until_they_are_all_there() -> None:
    """A caller who counts out a ZIP code is given pieces_ms more; five digits are all of it, however he sounds."""
    waits = []
    for ending in (Ending.UNFINISHED, Ending.WHOLE):
        line = Line()
        line.machine.expects = Asked.ZIP
        line.speech(640)
        line.silence(96)
        line.understood(ending=ending)
        released, *_ = line.silence(1600)
        assert isinstance(released, Release)
        waits.append(released.wait_ms)
    assert waits == [928 + 400, 224]


def test_late_text_releases_at_once() -> None:
    """When the text comes after the wait is over, the reply is released on its arrival."""
    line = Line()
    line.speech(640)
    line.silence(1600)
    assert kinds(line.understood()) == [Release]


def test_who_turns_away_from_the_telephone_is_answered_as_soon_as_before() -> None:
    """Twenty decibels softer than his first answer, and nobody else is on the line."""
    line = Line()
    for level_db in (SPEECH_DB, SPEECH_DB - 20):
        line.level_db = level_db
        line.speech(960)
        line.silence(96)
        line.understood()
        line.prosody(0.9)
        assert [Release(line.machine.generation, 224)] == line.silence(320)[:1]
        line.silence(960)


def test_resumed_speech_discards_and_understands_again_from_the_same_start() -> None:
    """A pause inside an utterance costs a generation, never a reply."""
    line = Line()
    line.speech(640)
    line.silence(160)
    assert line.speech(320) == [Discard(1)]
    [again] = line.silence(96)
    assert again == Understand(2, 0, 640 + 160 + 320)


def test_text_of_a_discarded_generation_is_ignored() -> None:
    """A stale transcript releases nothing."""
    line = Line()
    line.speech(640)
    line.silence(96)
    line.speech(320)
    line.silence(96)
    assert line.machine.understood(1, Words.SPEECH, 3, Ending.COMPLETE, line.now_ms) == []
    assert line.silence(960) == []


def test_speech_just_after_release_withdraws_and_merges() -> None:
    """The reply stops at once and the next understanding covers both parts."""
    line = Line()
    line.speech(640)
    line.silence(96)
    line.understood()
    line.prosody(0.9)
    line.silence(224)
    line.persona_speaking = True
    assert line.speech(320) == [Withdraw(1)]
    line.persona_speaking = False
    [again] = line.silence(96)
    assert isinstance(again, Understand)
    assert (again.generation, again.start_ms) == (2, 0)


def test_a_released_reply_settles_when_the_merge_window_is_over() -> None:
    """Only then may the record have it."""
    line = Line()
    line.speech(640)
    line.silence(96)
    line.understood()
    line.prosody(0.9)
    line.silence(224)
    line.persona_speaking = True
    assert line.silence(800) == [Settle(1)]
    assert line.machine.floor is Floor.OPEN


def test_noise_is_discarded_and_the_floor_stays_open() -> None:
    """An utterance without words is nobody's turn."""
    line = Line()
    line.speech(320)
    line.silence(96)
    assert line.understood(Words.NOTHING) == [Discard(1)]
    assert line.machine.floor is Floor.OPEN


def test_a_voice_that_was_not_understood_is_asked_to_repeat_but_not_for_ever() -> None:
    """Twice in a row; then it is taken for a noise, until something was understood."""
    line = Line()
    line.silence(640)
    asked = []
    for words in (Words.NOTHING, Words.NOTHING, Words.NOTHING, Words.SPEECH, Words.NOTHING):
        line.speech(640)
        line.silence(96)
        asked.append(Unheard() in line.understood(words))
        line.prosody(0.9)
        line.silence(960)
    assert asked == [True, True, False, False, True]


def test_a_greeting_spoken_into_the_personas_first_word_takes_nothing() -> None:
    """When both begin at once the persona ducks; a "hello" gives the floor back."""
    line = Line()
    line.speech(256)
    line.persona_speaking = True
    assert kinds(line.silence(96)) == [Duck, Understand]
    assert line.understood(Words.BACKCHANNEL) == [Discard(1), Resume()]
    assert line.machine.floor is Floor.OPEN


def test_overlap_ducks_first() -> None:
    """The persona falls silent within onset_ms of the lead's voice, without losing anything."""
    line = Line()
    line.persona_speaking = True
    assert line.speech(64) == [Duck()]


def test_sustained_overlap_cuts() -> None:
    """A second of voice over the persona is an interruption, words or not."""
    line = Line()
    line.persona_speaking = True
    actions = line.speech(960)
    assert actions == [Duck(), Cut()]
    assert line.machine.floor is Floor.HEARING


def test_a_crowd_silences_the_persona_for_a_moment_only() -> None:
    """Voices without words: after two and a half seconds they are looked at, and then they begin no new turn."""
    line = Line()
    line.persona_speaking = True
    assert kinds(line.speech(2_400)) == [Duck, Cut]
    assert kinds(line.speech(96)) == [Understand]
    assert line.understood(Words.NOTHING)[0] == Discard(1)
    line.persona_speaking = True
    assert line.speech(9_984) == []
    assert line.machine.floor is Floor.OPEN


def test_who_cuts_in_and_speaks_on_is_heard_to_his_end() -> None:
    """His words are looked at once, and he goes on."""
    line = Line()
    line.persona_speaking = True
    assert kinds(line.speech(2_496)) == [Duck, Cut, Understand]
    assert line.understood(Words.SPEECH) == [Discard(1)]
    assert line.speech(1_024) == []
    assert kinds(line.silence(96)) == [Understand]


def test_a_backchannel_resumes() -> None:
    """ "mm-hm" does not take the floor, however it is drawn out."""
    line = Line()
    line.persona_speaking = True
    line.speech(640)
    line.silence(96)
    assert line.understood(Words.BACKCHANNEL) == [Discard(1), Resume()]


def test_short_words_over_the_persona_cut_and_are_answered() -> None:
    """ "Stop" is short, but it is not a backchannel."""
    line = Line()
    line.persona_speaking = True
    line.speech(320)
    line.silence(96)
    assert line.understood(Words.SPEECH) == [Cut()]
    line.persona_speaking = False
    line.prosody(0.9)
    assert kinds(line.silence(320)) == [Release]


def test_failed_recognition_gives_the_floor_back() -> None:
    """A recogniser that never answers does not end in mutual silence."""
    line = Line()
    line.persona_speaking = True
    line.speech(256)
    actions = line.silence(2240)
    assert kinds(actions) == [Understand, Discard, Resume]


def test_a_transcript_that_never_comes_is_not_waited_for() -> None:
    """Also when the persona is silent: the floor is open again, and idle prompts come."""
    line = Line()
    line.speech(640)
    assert kinds(line.silence(2240)) == [Understand, Discard, Resume]
    assert line.machine.floor is Floor.OPEN


def test_idle_counts_silences_in_a_row_and_speech_resets_them() -> None:
    """Idle prompts come every idle_ms in which the persona does not speak and no word is heard: a noise is no word."""
    line = Line()
    assert line.silence(16_000) == [Idle(1), Idle(2)]
    for words, idle in ((Words.NOTHING, Idle(3)), (Words.SPEECH, Idle(1))):
        line.speech(320)
        line.silence(96)
        line.understood(words)
        assert [action for action in line.silence(8_320) if isinstance(action, Idle)] == [idle]


def test_a_rambler_is_answered_at_his_next_breath() -> None:
    """Beyond the turn limit no signal is waited for."""
    line = Line()
    line.talk(24_992)
    line.speech(64)
    line.silence(96)
    line.understood(ending=Ending.UNFINISHED)
    assert kinds(line.silence(224)) == [Release]


def hesitant(line: Line, stops: int) -> None:
    """One turn in which the lead is taken to have finished, and had not, so many times."""
    for _ in range(stops + 1):
        line.speech(640)
        line.silence(96)
        line.understood()
        line.prosody(0.9)
        line.silence(704)
    line.silence(704)


def test_whoever_was_cut_off_is_waited_for_longer_and_less_again_when_his_turns_stand() -> None:
    """Learned from what happens, within a limit; a new call starts where the last one ended."""
    line = Line()
    for _ in range(24):
        hesitant(line, stops=1)
    learned = line.machine.patience_ms
    limit = Policy().patience_limit_ms * Policy().patience_kept
    assert limit - 1 < learned <= limit
    hesitant(line, stops=0)
    assert 0 < line.machine.patience_ms < learned
    again = TurnMachine(patience_ms=learned)
    again.window(0.9, SPEECH_DB, 32, 32, persona_speaking=False)
    assert again.wait_ms() == Policy().waits.neither_ms + round(learned)


def test_several_cut_offs_in_one_turn_teach_no_more_than_one() -> None:
    """He is waited for longer and longer while that turn lasts, but the next one is a turn like others."""
    line, once = Line(), Line()
    hesitant(once, stops=1)
    line.speech(640)
    waits = []
    for _ in range(5):
        line.silence(96)
        line.understood()
        line.prosody(0.9)
        waits.append(line.machine.wait_ms())
        line.silence(704)
        line.speech(320)
    assert waits == [224, 352, 480, 608, 608]
    line.silence(96)
    line.understood()
    line.silence(1600)
    assert line.machine.patience_ms == once.machine.patience_ms


def wordless(line: Line, looks: int) -> None:
    """A voice without a break whose words are looked at so often, and there are none."""
    for _ in range(looks):
        while not any(isinstance(action, Understand) for action in line.speech(WINDOW_MS)):
            assert line.now_ms < 60_000, "nobody looks"
        line.understood(Words.NOTHING)


def test_a_noise_that_does_not_stop_does_not_hold_the_floor() -> None:
    """Nobody speaks: five seconds later the persona may, and then it does not disturb her."""
    line = Line()
    wordless(line, Policy().doubts)
    assert kinds([action for _, action in line.log]) == [Understand, Discard, Understand, Discard, Unheard]
    assert line.now_ms < 5_100
    assert line.machine.floor is Floor.OPEN
    line.persona_speaking = True
    assert line.speech(5_024) == []
    line.silence(96)
    assert kinds(line.speech(96)) == [Duck]


def test_whoever_answers_over_a_noise_is_heard() -> None:
    """It is deaf to the noise until the persona has spoken: then it may be the lead."""
    line = Line()
    wordless(line, Policy().doubts)
    line.persona_speaking = True
    line.speech(1_024)
    line.persona_speaking = False
    line.speech(32)
    began_ms = line.now_ms
    assert [action.start_ms for action in line.speech(2_592) if isinstance(action, Understand)] == [began_ms - 256]


def test_idle_prompts_go_on_over_a_noise() -> None:
    """It is nobody's speech."""
    line = Line()
    wordless(line, Policy().doubts)
    assert kinds(line.speech(8_032 - line.now_ms)) == [Idle]


def test_a_voice_without_more_words_is_not_waited_for() -> None:
    """He has said what he has to say; what still sounds is not he. It is answered over it, and stands."""
    line = Line()
    line.talk(2_528)
    line.speech(2_496)
    assert kinds(line.understood(more=False)) == [Release, Settle]
    line.persona_speaking = True
    assert line.speech(2_016) == []


def test_a_rambler_without_a_breath_is_answered_beyond_the_limit_only() -> None:
    """Ten seconds in one breath are many, but his; after the limit the persona cuts in, and is not withdrawn for it."""
    line = Line()
    line.talk(10_016)
    assert line.machine.floor is Floor.HEARING
    line.talk(17_536)
    assert kinds([action for _, action in line.log])[-2:] == [Release, Settle]
    line.persona_speaking = True
    assert line.speech(2_016) == []


@given(st.lists(st.tuples(st.sampled_from(["speech", "silence"]), st.integers(32, 2000)), max_size=30), st.integers())
def test_no_superseded_generation_is_ever_released(script: list[tuple[str, int]], seed: int) -> None:
    """Whatever the timing of voice and recognition, releases are of the newest generation, once each, and settled or
    withdrawn before another.
    """
    line, rng, pending = Line(), random.Random(seed), list[int]()
    for kind, ms in script:
        for action in (line.speech if kind == "speech" else line.silence)(ms):
            if isinstance(action, Understand):
                pending.append(action.generation)
        line.persona_speaking = rng.random() < 0.5
        if pending and rng.random() < 0.7:
            late = pending.pop(rng.randrange(len(pending)))
            words = rng.choice(list(Words))
            line._take(line.machine.understood(late, words, rng.randrange(9), rng.choice(list(Ending)), line.now_ms))
    open_release: int | None = None
    newest = 0
    for _, action in line.log:
        match action:
            case Understand(generation=generation):
                newest = generation
            case Release(generation=generation):
                assert generation == newest
                assert open_release is None
                open_release = generation
            case Settle(generation=generation) | Withdraw(generation=generation):
                assert generation == open_release
                open_release = None
