import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from brain_support import CLOSED, Rules, said, snapshot

from agent.brain.llm import Failure, Limits, LlmBrain
from agent.brain.local import LocalBrain
from agent.brain.openai_model import OpenAiModel
from agent.campaign import load_campaign
from agent.moves import End as EndMove
from agent.moves import HandOff, Learn, Move, Promise, Say
from agent.snapshot import Snapshot, Utterance
from benchmarks.llm_endpoint import (
    Break,
    Call,
    End,
    Hang,
    LlmEndpoint,
    Pause,
    Raw,
    Refuse,
    Role,
    Step,
    Words,
    calls,
    llm_endpoint,
    speaks,
)

pytestmark = pytest.mark.anyio

PATIENT = Limits(connect_s=5, first_token_s=30, between_tokens_s=30, total_s=60)
HASTY = Limits(connect_s=5, first_token_s=0.05, between_tokens_s=0.05, total_s=60)
HOME = {"product": "home"}


@pytest.fixture(scope="module")
async def running(anyio_backend: str) -> AsyncIterator[LlmEndpoint]:
    """One server for all tests of this module."""
    async with llm_endpoint() as server:
        yield server


@pytest.fixture
def server(running: LlmEndpoint) -> LlmEndpoint:
    """The server, as new."""
    running.forget()
    return running


async def replies(
    server: LlmEndpoint,
    *scenes: list[Step],
    rules: Rules | None = None,
    limits: Limits = PATIENT,
    at: Snapshot | None = None,
    words: str = "We closed last Friday, with Geico.",
) -> tuple[list[Move], LlmBrain]:
    """The moves of one turn in which the server plays these scenes."""
    server.scenes += scenes
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, limits), rules or Rules(*CLOSED), limits=limits)
    try:
        moves = [move async for move in brain.reply(at or snapshot(HOME), said(words))]
    finally:
        await brain.close()
    return moves, brain


def words_of(moves: list[Move]) -> list[str]:
    """What is said in these moves."""
    return [move.text for move in moves if isinstance(move, Say)]


# The model answers ---------------------------------------------------------------------------------------------------


async def test_text_becomes_clauses(server: LlmEndpoint) -> None:
    """A whole answer is spoken clause by clause, and its question is marked with the fact it asks for."""
    moves, brain = await replies(server, speaks("Congrat", "ulations, Jordan! Is it", " a house or a condo?"))
    assert moves == [
        Learn("closing_date", "2026-11-13"),
        Say("Congratulations,"),
        Say("Jordan!"),
        Say("Is it a house or a condo?", "property_type"),
    ]
    assert not brain.usage.failures


async def test_clauses_come_before_the_answer_is_complete(server: LlmEndpoint) -> None:
    """Speech can start while the model still writes."""
    server.scenes.append([Words("Congratulations! "), Hang()])
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, PATIENT), Rules(), limits=PATIENT)
    async with aclosing(brain.reply(snapshot(HOME), said("We closed."))) as moves:
        assert await anext(moves) == Say("Congratulations!")
    await brain.close()


async def test_tools_become_moves(server: LlmEndpoint) -> None:
    """What the model learns, promises and ends comes after its words."""
    scene = [
        Words("Talk to you then!"),
        *calls("learn", '{"current_carrier": "Geico", "bought_house": true}'),
        *calls("promise", '{"what": "call back", "due": "2026-11-18T18:00:00-06:00"}', 1),
        *calls("end", '{"reason": "goodbye"}', 2),
        End("tool_calls"),
    ]
    moves, _ = await replies(server, scene, rules=Rules())
    assert moves[:3] == [Say("Talk to you then!"), Learn("current_carrier", "Geico"), Learn("bought_house", True)]
    assert [type(move) for move in moves[3:]] == [Promise, EndMove]


async def test_an_answer_of_tools_only_is_asked_for_words(server: LlmEndpoint) -> None:
    """Many models call tools and say nothing: they are told the results and asked once more."""
    tools: list[Step] = [*calls("learn", '{"current_carrier": "Geico"}'), End("tool_calls")]
    moves, brain = await replies(server, tools, speaks("Got it."), rules=Rules())
    assert moves == [Learn("current_carrier", "Geico"), Say("Got it.")]
    assert server.requests[1]["tool_choice"] == "none"
    assert [message["role"] for message in server.requests[1]["messages"][-2:]] == ["assistant", "tool"]
    assert brain.usage.requests == 2


async def test_the_model_cannot_overrule_the_rules(server: LlmEndpoint) -> None:
    """A fact that the rules found in the same words stands."""
    scene = [Words("Great."), *calls("learn", '{"closing_date": "2026-12-24"}'), End()]
    moves, _ = await replies(server, scene)
    assert [move for move in moves if isinstance(move, Learn)] == [Learn("closing_date", "2026-11-13")]


async def test_what_is_known_is_not_learned_again(server: LlmEndpoint) -> None:
    """A model that repeats a known fact adds nothing to the record; a correction does."""
    scene = [Words("Great."), *calls("learn", '{"product": "home", "bought_house": true}'), End()]
    moves, _ = await replies(server, scene, rules=Rules(), at=snapshot(HOME | {"bought_house": False}))
    assert [move for move in moves if isinstance(move, Learn)] == [Learn("bought_house", True)]


async def test_what_the_rules_want_done_is_done(server: LlmEndpoint) -> None:
    """The model finds the words; a hand-off that the rules decided on needs no tool call."""
    rules = Rules(Say("Let me see who is free."), HandOff("qualified"))
    moves, _ = await replies(server, speaks("Let me check who is free."), rules=rules)
    assert moves == [Say("Let me check who is free."), HandOff("qualified")]


async def test_nothing_is_done_twice(server: LlmEndpoint) -> None:
    """A hand-off that both want is one hand-off, the model's."""
    scene = [Words("Of course."), *calls("hand_off", '{"reason": "requested"}'), End()]
    moves, _ = await replies(server, scene, rules=Rules(Say("Sure."), HandOff("qualified")))
    assert moves == [Say("Of course."), HandOff("requested")]


async def test_an_endless_answer_is_cut_at_a_clause(server: LlmEndpoint) -> None:
    """A model that rambles is stopped after its last complete clause, and its request closed."""
    limits = Limits(connect_s=5, first_token_s=30, between_tokens_s=30, total_s=60, characters=40)
    scene: list[Step] = [Words("One sentence here. Another one here. And so"), Words(" on and"), Hang()]
    moves, brain = await replies(server, scene, rules=Rules(), limits=limits)
    assert words_of(moves) == ["One sentence here.", "Another one here."]
    assert not brain.usage.failures
    await asyncio.wait_for(server.client_left.wait(), 30)


async def test_the_request_says_what_the_campaign_wants(server: LlmEndpoint) -> None:
    """Model, stream, messages and the tools of the campaign go out; no number and no ZIP does."""
    await replies(server, speaks("Hi."))
    request = server.requests[0]
    assert request["model"] == "test"
    assert request["stream"] is True
    assert [tool["function"]["name"] for tool in request["tools"]] == ["learn", "promise", "hand_off", "end"]
    assert request["messages"][-1] == {"role": "user", "content": "We closed last Friday, with Geico."}
    assert "5550142" not in json.dumps(request)
    assert "60614" not in json.dumps(request)


async def test_the_prompt_knows_what_the_rules_just_found(server: LlmEndpoint) -> None:
    """The model is told this turn's facts as known and the planned question as the next step."""
    await replies(server, speaks("Hi."))
    system = server.requests[0]["messages"][0]["content"]
    assert "closing_date = 2026-11-13" in system
    assert "Next: find out property_type" in system


# The model fails -----------------------------------------------------------------------------------------------------

SILENT: dict[str, tuple[list[Step], Failure]] = {
    "HTTP 500": ([Refuse(500)], Failure.REFUSED),
    "HTTP 429": ([Refuse(429)], Failure.REFUSED),
    "slow first token": ([Hang()], Failure.SLOW_START),
    "a role is no token": ([Role(), Hang()], Failure.SLOW_START),
    "broken before a clause": ([Words("Congra"), Break()], Failure.BROKEN),
    "over before the end": ([Words("Congra")], Failure.BROKEN),
    "no JSON": ([Raw("{oops")], Failure.BROKEN),
    "an error in the stream": ([Raw('{"error": {"message": "overloaded"}}')], Failure.BROKEN),
    "not the protocol": ([Raw('{"choices": [{"index": 0, "delta": null}]}')], Failure.NONSENSE),
    "no object": ([Raw('"hello"')], Failure.NONSENSE),
    "arguments that are no text": (
        [Raw('{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": {"a": 1}}}]}}]}'), End()],
        Failure.NONSENSE,
    ),
    "empty": ([Role(), End()], Failure.EMPTY),
    "white space": (speaks(" \n"), Failure.EMPTY),
    "malformed arguments": ([*calls("learn", '{"product": "ho'), End()], Failure.MALFORMED),
}


@pytest.mark.parametrize(("scene", "failure"), SILENT.values(), ids=SILENT)
async def test_an_outage_is_a_plainer_answer(server: LlmEndpoint, scene: list[Step], failure: Failure) -> None:
    """When the model fails before it said anything, the rules' whole reply is heard, and each move once."""
    limits = HASTY if failure is Failure.SLOW_START else PATIENT
    moves, brain = await replies(server, scene, limits=limits)
    assert moves == list(CLOSED)
    assert brain.usage.failures == {failure: 1}


MIDWAY: dict[str, tuple[list[Step], Failure]] = {
    "broken": ([Words("How nice! Is it a"), Break()], Failure.BROKEN),
    "silence between tokens": ([Words("How nice! Is it a"), Hang()], Failure.STALLED),
    "malformed arguments": ([Words("How nice! "), *calls("learn", "{nope}"), End()], Failure.MALFORMED),
    "an unknown tool": ([Words("How nice! "), *calls("dial", "{}"), End()], Failure.MALFORMED),
}


@pytest.mark.parametrize(("scene", "failure"), MIDWAY.values(), ids=MIDWAY)
async def test_the_rules_go_on_where_the_model_stopped(
    server: LlmEndpoint, scene: list[Step], failure: Failure
) -> None:
    """After some clauses only the next open question follows: nothing is said twice."""
    # Patient enough for the text to arrive on a busy machine: only the silence after it may be too long.
    limits = Limits(connect_s=5, first_token_s=30, between_tokens_s=0.5, total_s=60)
    moves, brain = await replies(server, scene, limits=limits)
    assert moves == [
        Learn("closing_date", "2026-11-13"),
        Say("How nice!"),
        Say("Is it a house or a condo?", "property_type"),
    ]
    assert brain.usage.failures == {failure: 1}


async def test_one_question_a_turn_also_after_a_failure(server: LlmEndpoint) -> None:
    """When the model had already asked, the rules ask nothing more."""
    moves, _ = await replies(server, [Words("How nice! Which state is it in? And"), Break()])
    assert words_of(moves) == ["How nice!", "Which state is it in?"]


async def test_what_the_rules_want_done_survives_a_failure(server: LlmEndpoint) -> None:
    """A hand-off planned by the rules happens though the model broke off."""
    moves, _ = await replies(
        server, [Words("Perfect! That"), Break()], rules=Rules(Say("All set."), HandOff("qualified"))
    )
    assert moves == [Say("Perfect!"), HandOff("qualified")]


async def test_facts_the_model_found_before_it_failed_count(server: LlmEndpoint) -> None:
    """The rules finish the turn knowing them, so they do not ask for what was just learned."""
    tools: list[Step] = [*calls("learn", '{"property_type": "condo"}'), End("tool_calls")]
    moves, _ = await replies(server, tools, [Refuse(500)])
    assert moves == [
        Learn("closing_date", "2026-11-13"),
        Learn("property_type", "condo"),
        Say("Congratulations!"),
    ]


async def test_tools_without_words_twice_is_an_empty_answer(server: LlmEndpoint) -> None:
    """A model that says nothing even when asked for words is not asked a third time."""
    tools: list[Step] = [*calls("learn", '{"current_carrier": "Geico"}'), End("tool_calls")]
    moves, brain = await replies(server, tools, [Role(), End()])
    assert words_of(moves) == ["Congratulations!", "Is it a house or a condo?"]
    assert brain.usage.failures == {Failure.EMPTY: 1}
    assert brain.usage.requests == 2


async def test_the_whole_answer_has_a_time_limit(server: LlmEndpoint) -> None:
    """Tokens that keep trickling in do not hold a turn for ever."""
    limits = Limits(connect_s=5, first_token_s=30, between_tokens_s=30, total_s=0.2)
    trickle: list[Step] = [step for _ in range(100) for step in (Words("so "), Pause(0.02))]
    moves, brain = await replies(server, [*trickle, Hang()], limits=limits)
    assert moves == list(CLOSED)
    assert brain.usage.failures == {Failure.TOO_SLOW: 1}


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    """Connection refused: the rules answer."""
    brain = LlmBrain(OpenAiModel("http://127.0.0.1:9/v1", "test", None, PATIENT), Rules(*CLOSED), limits=PATIENT)
    assert [move async for move in brain.reply(snapshot(HOME), said("We closed."))] == list(CLOSED)
    assert brain.usage.failures == {Failure.UNREACHABLE: 1}
    await brain.close()


async def test_a_stall_after_the_end_is_no_failure(server: LlmEndpoint) -> None:
    """Once the model has finished, only the connection is lost when the body does not end."""
    scene: list[Step] = [Words("All good."), End(), Hang()]
    moves, brain = await replies(server, scene, rules=Rules())
    assert moves == [Say("All good.")]
    assert not brain.usage.failures


async def test_paced_tokens_are_no_failure(server: LlmEndpoint) -> None:
    """A model that takes its time within the limits is heard to the end."""
    pieces = [step for word in ["Sure", "thing.", "All", "good."] for step in (Pause(0.01), Words(f"{word} "))]
    moves, brain = await replies(server, [Pause(0.05), *pieces, End()], rules=Rules())
    assert words_of(moves) == ["Sure thing.", "All good."]
    assert not brain.usage.failures


# Facts are checked ---------------------------------------------------------------------------------------------------


async def test_facts_that_do_not_fit_are_dropped_and_not_logged(server: LlmEndpoint) -> None:
    """A value outside its question's type is dropped; the log names the question and never the value."""
    arguments = (
        '{"product": "boat", "secret_key": "x", "vehicles": 99, "current_carrier": "Allstate", "purposes": null}'
    )
    scene = [Words("Okay."), *calls("learn", arguments), End()]
    with structlog.testing.capture_logs() as logs:
        moves, brain = await replies(server, scene, rules=Rules())
    assert moves == [Say("Okay.")]
    assert not brain.usage.failures
    assert [entry.get("question") for entry in logs] == ["product", None, "vehicles", "current_carrier"]
    assert not {"boat", "secret_key", "Allstate"} & {str(value) for entry in logs for value in entry.values()}


async def test_failures_are_logged_without_words(server: LlmEndpoint) -> None:
    """The log says which failure it was and how much had been said, not what."""
    with structlog.testing.capture_logs() as logs:
        await replies(server, [Words("How nice! Is"), Break()])
    assert [(entry["failure"], entry["clauses"]) for entry in logs] == [("broken", 1)]
    assert "nice" not in str(logs)


# Leaving early -------------------------------------------------------------------------------------------------------


async def test_closing_the_reply_cancels_the_request(server: LlmEndpoint) -> None:
    """Speculation thrown away after its first clause stops the model at the provider, and is counted."""
    server.scenes.append([Words("Congratulations! When"), Hang()])
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, PATIENT), Rules(*CLOSED), limits=PATIENT)
    async with aclosing(brain.reply(snapshot(HOME), said("We closed."))) as moves:
        async for move in moves:
            if isinstance(move, Say):
                break
    await asyncio.wait_for(server.client_left.wait(), 30)
    assert (brain.usage.turns, brain.usage.finished) == (1, 0)
    assert brain.usage.characters_out == len("Congratulations! When")
    await brain.close()


async def test_cancelling_the_task_cancels_the_request(server: LlmEndpoint) -> None:
    """A task cancelled while it waits for the model's first token leaves no request behind."""
    server.scenes.append([Role(), Hang()])
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, PATIENT), Rules(Say("Hm.")), limits=PATIENT)

    async def listen() -> None:
        async for _ in brain.reply(snapshot(HOME), said("We closed.")):
            pass

    task = asyncio.create_task(listen())
    await asyncio.wait_for(server.client_came.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.client_left.wait(), 30)
    assert brain.usage.finished == 0
    assert not brain.usage.failures
    await brain.close()


async def test_a_reply_remembers_nothing(server: LlmEndpoint) -> None:
    """The same snapshot and words give the same request, whatever was answered before."""
    server.scenes += [speaks("Sure."), [Words("Well. It"), Break()], speaks("Sure.")]
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, PATIENT), Rules(*CLOSED), limits=PATIENT)
    for _ in range(3):
        async for _ in brain.reply(snapshot(HOME), said("We closed.")):
            pass
    assert server.requests[0] == server.requests[1] == server.requests[2]
    await brain.close()


async def test_usage_counts_what_was_sent_and_written(server: LlmEndpoint) -> None:
    """Characters in and out are counted over all requests of all turns."""
    _, brain = await replies(server, speaks("Sure thing."))
    sent = sum(len(message["content"]) for message in server.requests[0]["messages"])
    assert brain.usage.characters_in == sent
    assert brain.usage.characters_out == len("Sure thing.")
    assert len(brain.usage.first_token_s) == 1
    assert (brain.usage.turns, brain.usage.finished) == (1, 1)


async def test_a_brain_of_rules_is_a_brain(server: LlmEndpoint) -> None:
    """The fallback is anything with the `Brain` protocol; it is asked once in a turn that goes well."""
    asked = []

    class Counting(Rules):
        async def reply(self, snapshot: Snapshot, utterance: Utterance) -> AsyncIterator[Move]:
            asked.append(utterance.text)
            async for move in super().reply(snapshot, utterance):
                yield move

    await replies(server, speaks("Sure."), rules=Counting(*CLOSED))
    assert asked == ["We closed last Friday, with Geico."]


async def test_the_local_brain_finishes_the_turn(server: LlmEndpoint) -> None:
    """In the insurance campaign, an outage is exactly the local brain's turn."""
    campaign = load_campaign(Path(__file__).parent.parent / "campaigns" / "insurance.yaml")
    at, words = replace(snapshot(HOME), campaign=campaign), said("we closed last friday, we move in on december fifth")
    server.scenes.append([Refuse(503)])
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, PATIENT), LocalBrain(), limits=PATIENT)
    moves = [move async for move in brain.reply(at, words)]
    await brain.close()
    assert moves == [move async for move in LocalBrain().reply(at, words)]
    assert Learn("closing_date", "2026-11-13") in moves
    assert "?" in words_of(moves)[-1]


async def test_parallel_calls_are_told_apart(server: LlmEndpoint) -> None:
    """Pieces of several tool calls belong to the call of their index or id."""
    scene: list[Step] = [
        Words("Okay."),
        Call(0, '{"bought_house": true}', "learn", "a"),
        Call(0, '{"current_carrier": "Geico"}', "learn", "b"),
        End(),
    ]
    moves, _ = await replies(server, scene, rules=Rules())
    assert moves == [Say("Okay."), Learn("bought_house", True), Learn("current_carrier", "Geico")]


async def test_the_bill_is_kept_while_the_answer_comes(server: LlmEndpoint) -> None:
    """A reply that is thrown away half-way has cost what had come by then."""
    server.scenes.append([Words("Okay,"), Words(" thanks."), Words(" And"), Hang()])
    brain = LlmBrain(OpenAiModel(server.base_url, "test", None, PATIENT), Rules(*CLOSED), limits=PATIENT)
    words = said("A townhouse.")
    async with aclosing(brain.reply(snapshot(HOME), words)) as moves:
        async for move in moves:
            if isinstance(move, Say) and move.text == "thanks.":
                break
    await brain.close()
    assert words.spent.tokens == 3
    assert words.spent.prompt_characters == brain.usage.characters_in > 0


async def test_a_model_that_cannot_be_warmed_up_is_no_error() -> None:
    """Only a turn can tell what is wrong with it, and is finished by the rules."""
    model = OpenAiModel("http://127.0.0.1:9/v1", "test", None, HASTY)
    await model.warm_up()
    await model.close()
