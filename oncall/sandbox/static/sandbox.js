// Live refresh of the sandbox: asks for the changed part and swaps it, keeping what is being typed; without it the page works by reload.
"use strict";
const live = document.getElementById("live");
const connection = document.getElementById("connection");

function typed() {
  return Array.from(live.querySelectorAll("input"), (input) => [input.id, input.value]);
}

function scrollDown() {
  for (const thread of live.querySelectorAll(".thread")) thread.scrollTop = thread.scrollHeight;
}

async function refresh() {
  const answer = await fetch("/fragment");
  if (!answer.ok) return;
  const html = await answer.text();
  const values = typed();
  const focused = live.contains(document.activeElement) ? document.activeElement : null;
  const id = focused && focused.id;
  const caret = focused && focused.selectionStart;
  live.innerHTML = html;
  for (const [name, value] of values) {
    const input = document.getElementById(name);
    if (input) input.value = value;
  }
  const again = id && document.getElementById(id);
  if (again) {
    again.focus();
    if (caret !== null && again.setSelectionRange) again.setSelectionRange(caret, caret);
  }
  scrollDown();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  form.reset();
  await fetch(form.action, { method: "POST", body, redirect: "manual" });
  await refresh();
});

const events = new EventSource("/events");
events.onmessage = () => { connection.textContent = ""; refresh(); };
events.onerror = () => { connection.textContent = "The sandbox does not answer; this page may be old."; };
scrollDown();
