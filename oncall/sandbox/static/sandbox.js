// Live refresh of the sandbox: brings only what changed up to date, so nothing typed or focused is lost; without it the page works by reload.
"use strict";
const connection = document.getElementById("connection");
let refreshing = false;
let again = false;

// Children that did not change stay the same nodes, so a screen reader's log announces only what is new.
function bring(old, fresh) {
  const after = Array.from(fresh.children);
  const before = Array.from(old.children);
  if (!after.length || !before.length) {
    if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
    return;
  }
  after.forEach((child, at) => {
    if (at >= before.length) old.append(child);
    else if (!before[at].isEqualNode(child)) before[at].replaceWith(child);
  });
  before.slice(after.length).forEach((child) => child.remove());
}

function atEnd(part) {
  return part.scrollHeight - part.scrollTop - part.clientHeight < 40;
}

async function lookOnce() {
  const answer = await fetch("/fragment");
  if (!answer.ok) throw new Error("the sandbox answered " + answer.status);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement;
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const old = document.getElementById(part.id);
    if (!old) continue;
    // A question that is being answered stays open.
    for (const open of old.querySelectorAll("details[open]")) {
      const same = fresh.getElementById(open.id);
      if (same) same.open = true;
    }
    const follow = atEnd(old);
    bring(old, part);
    if (follow) old.scrollTop = old.scrollHeight;
  }
  if (focused && focused.id && !focused.isConnected) document.getElementById(focused.id)?.focus();
}

async function refresh() {
  again = true;
  if (refreshing) return;
  refreshing = true;
  try {
    while (again) {
      again = false;
      await lookOnce();
    }
  } catch {
    connection.textContent = "The sandbox does not answer; this page may be old.";
  } finally {
    refreshing = false;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  const typed = form.querySelector("input[required]");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)), redirect: "manual" });
    if (typed) typed.value = "";
  } catch {
    connection.textContent = "The sandbox does not answer; nothing was sent.";
  } finally {
    button.removeAttribute("aria-disabled");
  }
  await refresh();
});

for (const thread of document.querySelectorAll(".thread")) thread.scrollTop = thread.scrollHeight;
const events = new EventSource("/events");
events.onmessage = () => { connection.textContent = ""; refresh(); };
events.onerror = () => { connection.textContent = "The sandbox does not answer; this page may be old."; };
