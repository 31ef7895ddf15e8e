// The browser phone: a microphone and a loudspeaker on a WebRTC connection to the server, and how they are doing.
"use strict";

const part = (id) => document.getElementById(id);
const voice = part("voice");
const GATHER_MS = 3000;
const CONNECT_MS = 15000; // browsers may wait for ever for a way there is not
let line = null; // the call that is on: { peer, channel, microphone, context }

// The call ----------------------------------------------------------------------------------------------------------

async function dial() {
  tellProblem("");
  showState("Asking for the microphone", true);
  const microphone = await openMicrophone();
  const peer = new RTCPeerConnection({ iceServers: part("call").dataset.ice.split(" ").filter(Boolean).map((urls) => ({ urls })) });
  line = { peer, microphone, channel: peer.createDataChannel("events"), context: new AudioContext() };
  microphone.getTracks().forEach((track) => peer.addTrack(track, microphone));
  meter("level-you", microphone);
  peer.ontrack = ({ track }) => {
    voice.srcObject = new MediaStream([track]);
    voice.play();
    meter("level-persona", voice.srcObject);
  };
  peer.onconnectionstatechange = () => changed(peer);
  showState("Calling", true);
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer);
  const answer = await ask(part("call").dataset.offer, { sdp: peer.localDescription.sdp });
  await peer.setRemoteDescription(answer);
  setTimeout(() => line?.peer === peer && ["new", "connecting"].includes(peer.connectionState) && over(NO_WAY), CONNECT_MS);
}

const REFUSALS = {
  NotFoundError: "There is no microphone: connect one and call again.",
  NotAllowedError: "The microphone was not allowed: allow it for this page, beside the browser's address, and call again.",
  NotReadableError: "Another program has the microphone: close it and call again.",
};

async function openMicrophone() {
  if (!window.RTCPeerConnection) throw new Error("This browser has no WebRTC: use a current Chrome, Edge, Firefox or Safari.");
  if (!navigator.mediaDevices) throw new Error("A browser opens the microphone only on https or on localhost.");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (refusal) {
    throw new Error(REFUSALS[refusal.name] || "The microphone cannot be opened.");
  }
}

function gathered(peer) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    setTimeout(resolve, GATHER_MS); // a STUN server that does not answer; what was found till then may do
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
  });
}

async function ask(address, fields) {
  const csrf = document.querySelector("input[name=csrf]").value;
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(sentence(told.error || "the server does not answer"));
  return told;
}

const NO_WAY = "No sound gets through between this browser and the server: something on the way lets no UDP pass. Another network may, or a TURN server (SEGUE_ICE_SERVERS).";

function changed(peer) {
  if (line?.peer !== peer) return;
  if (peer.connectionState === "connected") {
    showState("On the line", true, true);
  } else if (["failed", "closed", "disconnected"].includes(peer.connectionState)) {
    over(peer.connectionState === "failed" ? NO_WAY : "");
  }
}

function over(problem) {
  const ended = line;
  line = null;
  showState("Not on a call", false);
  tellProblem(problem);
  if (!ended) return;
  ended.microphone.getTracks().forEach((track) => track.stop());
  ended.context.close();
  ended.peer.close();
  voice.srcObject = null;
}

function send(message) {
  if (line?.channel.readyState === "open") line.channel.send(JSON.stringify(message));
}

function hangUp() {
  send({ event: "hangup" });
  setTimeout(() => over(""), 200); // the message goes first
}

function mute() {
  const [track] = line.microphone.getAudioTracks();
  track.enabled = !track.enabled;
  part("mute").setAttribute("aria-pressed", String(!track.enabled));
}

// What is shown -----------------------------------------------------------------------------------------------------

function showState(words, calling, connected = false) {
  part("line-state").textContent = words;
  part("line-state").classList.toggle("live", connected);
  part("call").hidden = calling;
  for (const id of ["hang-up", "mute", "keypad"]) part(id).hidden = id === "hang-up" ? !calling : !connected;
  document.querySelector(".levels").hidden = !connected;
  part("mute").setAttribute("aria-pressed", "false");
}

function tellProblem(words) {
  part("call-problem").hidden = !words;
  part("call-problem").textContent = words;
}

function meter(id, stream) {
  const { context } = line;
  const listener = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(listener);
  const samples = new Float32Array(listener.fftSize);
  const turn = () => {
    if (context.state === "closed") return;
    listener.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    part(id).value = Math.max(0, 1 + Math.log10(power + 1e-9) / 5); // -50 dB is nothing
    requestAnimationFrame(turn);
  };
  turn();
}

// A list that grows at its end is shown at its end.
for (const list of [part("captions"), part("texts")]) {
  const toEnd = () => (list.scrollTop = list.scrollHeight);
  new MutationObserver(toEnd).observe(list, { childList: true });
  toEnd();
}

part("call")?.addEventListener("click", () => dial().catch((problem) => over(problem.message)));
part("hang-up")?.addEventListener("click", hangUp);
part("mute")?.addEventListener("click", mute);
part("keypad").addEventListener("click", ({ target }) => target.dataset.digit && send({ event: "dtmf", digit: target.dataset.digit }));
part("campaign")?.addEventListener("change", ({ target }) => target.form.submit());
part("text")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
