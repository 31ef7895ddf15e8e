// Keeps the page up to date and listens to keys. Everything works without it, by loading the page again.
"use strict";

// What arrives ------------------------------------------------------------------------------------------------------

const AT_END = 160; // px from the newest entry within which a reader follows what is new

function atEnd() {
  const end = document.getElementById("now");
  return end !== null && end.getBoundingClientRect().top <= window.innerHeight + AT_END;
}

function toNewest() {
  document.getElementById("now").scrollIntoView({ block: "end" });
}

function stateOf(region) {
  const focus = region.contains(document.activeElement) ? document.activeElement.id : "";
  const fields = [...region.querySelectorAll("input[id], textarea[id]")].map((field) => ({
    id: field.id,
    value: field.value,
    at: field.selectionStart,
  }));
  return { focus, fields, open: [...region.querySelectorAll("details[id][open]")].map((one) => one.id) };
}

function restore({ focus, fields, open }) {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const { id, value, at } of fields) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    field.setSelectionRange(at, at);
  }
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
}

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // made by the server, which has escaped every word of it
  return holder.content;
}

// What did not change stays as it is, with whatever is open or playing in it.
function merge(list, fresh) {
  const kept = new Set([...fresh.children].map((entry) => entry.id));
  const goes = (entry) => list.dataset.merge === "exact" || entry.classList.contains("passing");
  [...list.children].filter((entry) => !kept.has(entry.id) && goes(entry)).forEach((entry) => entry.remove());
  let place = list.firstElementChild;
  for (const entry of [...fresh.children]) {
    const known = document.getElementById(entry.id);
    if (!known || known.parentElement !== list) {
      list.insertBefore(entry, place);
    } else if (known.outerHTML === entry.outerHTML || known.querySelector("[open]")) {
      place = known.nextElementSibling;
    } else {
      known.replaceWith(entry);
      place = entry.nextElementSibling;
    }
  }
}

function show(parts) {
  const follow = atEnd();
  for (const [id, html] of Object.entries(parts)) {
    const region = document.getElementById(id);
    if (!region) continue;
    if ("merge" in region.dataset) {
      merge(region, parsed(html));
    } else {
      const state = stateOf(region);
      region.replaceChildren(parsed(html));
      restore(state);
    }
  }
  if (follow) toNewest();
}

// What is replaced while a button is pressed is not clicked, so what comes meanwhile waits.
let pressed = false;
let waiting = {};

function arrived(parts) {
  Object.assign(waiting, parts);
  if (pressed) return;
  show(waiting);
  waiting = {};
}

document.addEventListener("pointerdown", () => (pressed = true));
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () =>
    setTimeout(() => {
      pressed = false;
      arrived({});
    }),
  );
}

const AGAIN_MS = 3000;
const offline = document.getElementById("offline");

function listen(address) {
  const stream = new EventSource(address);
  stream.onmessage = (message) => arrived(JSON.parse(message.data));
  stream.onopen = () => (offline.hidden = true);
  stream.onerror = () => {
    offline.hidden = false;
    // The browser tries again by itself unless something else answers, such as a proxy without a server behind it.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(address), AGAIN_MS);
  };
}

const source = document.querySelector("[data-live]");
if (source) listen(source.dataset.live);

// What an operator does ---------------------------------------------------------------------------------------------

// One id for one act: sent again after a failure it is still done once. The next act has the next id.
function idOf(form) {
  form.elements.act.value ||= [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function tell(problem) {
  const place = document.getElementById("problem");
  place.hidden = !problem;
  place.textContent = problem;
}

function sentence(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(/\.?$/, ".");
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("act" in form.dataset)) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  idOf(form);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.ok || answer.type === "opaqueredirect") {
      form.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => (field.value = ""));
      form.closest("details")?.removeAttribute("open");
      form.elements.act.value = "";
      tell("");
    } else {
      tell(sentence((await answer.json().catch(() => ({}))).error || "that did not work"));
    }
  } catch {
    tell("The server does not answer. Try again: it is done only once.");
  }
  button.disabled = false;
});

// Keys --------------------------------------------------------------------------------------------------------------

function step(by) {
  const rows = [...document.querySelectorAll("a.row")];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

const KEYS = {
  "/": () => document.getElementById("search")?.select(),
  j: () => step(1),
  k: () => step(-1),
  t: () => document.getElementById("text")?.focus(),
  w: () => document.getElementById("whisper")?.focus(),
  g: () => window.location.assign("/console"),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (typing && event.key === "Escape") event.target.blur();
  if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

if (document.getElementById("now") && !window.location.hash) toNewest();
