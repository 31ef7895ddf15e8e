"""The phone and the console in a real Chromium with a voice at its microphone, against the server as a process."""

import os
import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from audio.tts.joe import JoeVoice
from state.ports import free_port
from telephony.demo import stage
from telephony.sandbox.exchange import ACCOUNT, TOKEN

pytest_plugins = ["speech"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.alone,
    pytest.mark.anyio,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium"),
]

NOBODY = "http://127.0.0.1:9"
"""A carrier of telephones that is not there: none is needed."""
RATE = 8_000
SPEAKS_AFTER_S = 4.5
"""In the middle of the persona's opening, which takes nine seconds."""
WITHIN_MS = 25_000
RECEIVED = """async () => {
  const reports = [...(await line.peer.getStats()).values()];
  return reports.find((report) => report.type === "inbound-rtp")?.totalAudioEnergy ?? 0;
}"""
"""Energy of the sound that has come from the server."""


def microphone(folder: Path, voice: JoeVoice, words: str) -> Path:
    """What Chromium's microphone hears: silence, the words, and silence for good."""
    silence = np.zeros(int(SPEAKS_AFTER_S * RATE), np.int16)
    sound = np.concatenate([silence, voice.synthesize(words), np.zeros(120 * RATE, np.int16)])
    path = folder / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    return path


@asynccontextmanager
async def chromium(sound: Path) -> AsyncIterator[Browser]:
    """A browser whose microphone plays a file, and asks nobody."""
    options = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}%noloop",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    ]
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox refuses root
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=[*options, *unboxed])
        yield browser
        await browser.close()


async def call(page: Page) -> None:
    """Calls until there is room: a server that has just started on a busy machine may have none for a moment."""
    for _ in range(60):
        await page.click("#call")
        await expect(page.locator("#line-state")).not_to_have_text("Asking for the microphone")
        await expect(page.locator("#line-state")).not_to_have_text("Calling", timeout=WITHIN_MS)
        if await page.locator("#hang-up").is_visible():
            return
        await page.wait_for_timeout(250)
    raise AssertionError(await page.locator("#call-problem").inner_text())


async def test_a_conversation_from_the_browser(tmp_path: Path, caller_voice: JoeVoice) -> None:
    """Speak into the opening, see both captions and the gap, hear the answer, text in mid-call, take over, hang up."""
    sound = microphone(tmp_path, caller_voice, "Hi, I am looking for home insurance.")
    serving = stage.server(tmp_path, NOBODY, ACCOUNT, TOKEN, free_port(), lambda _: None)
    async with serving as ready, chromium(sound) as browser:
        context = await browser.new_context()
        context.set_default_timeout(WITHIN_MS)
        expect.set_options(timeout=WITHIN_MS)
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{ready.server}/phone")
        await call(page)

        captions, ours = page.locator("#captions"), page.locator("#captions .ours")
        await expect(captions.locator(".lead")).to_contain_text("home insurance")
        await expect(ours.first.locator("del")).to_be_visible()  # he cut in: the rest of the opening was not heard
        await expect(captions.locator(".waterfall summary").first).to_contain_text(" ms")
        assert await page.evaluate(RECEIVED) > 0

        console = await context.new_page()
        await console.goto(ready.server + (await page.locator("#known a").get_attribute("href") or ""))
        before = await ours.count()
        await page.fill("#text", "By the way, my zip code is 60614")
        await page.click("#do-text")
        await expect(page.locator("#texts .lead")).to_contain_text("60614")
        await expect(page.locator("#known")).to_contain_text("60614")  # the call has taken it in
        await expect(ours.nth(before)).to_be_visible()  # and answered aloud
        await expect(console.locator("#thread .lead.text")).to_contain_text("60614")

        await console.fill("#text", "This is Kim, a person. <b>How</b> can I help?")
        await console.click("#do-text")
        await expect(page.locator("#texts .person .words")).to_have_text(
            "This is Kim, a person. <b>How</b> can I help?"
        )
        await expect(console.locator("#do-resume")).to_be_visible()
        await console.evaluate("arrived = () => {}")  # as if it were cut off: nothing tells it what it has sent
        for words in ("Are you still there?", "Call me any time."):
            await console.fill("#text", words)
            await console.click("#do-text")
            await expect(console.locator("#text")).to_have_value("")
        await expect(page.locator("#texts .person")).to_have_count(3)  # neither is taken for the other sent again
        await console.reload()
        await page.click("#hang-up")
        await expect(page.locator("#line-state")).to_have_text("Not on a call")
        await expect(console.locator("#thread")).to_contain_text("The lead hung up")
        assert faults == []
