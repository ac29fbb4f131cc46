// What the pages need beside htmx: a switch that stops their updates, and a word when the server
// has gone, or says no. Without this file the pages work, and are reloaded by hand.
"use strict";

const PAUSED = "labcloud-console-paused";
const box = document.getElementById("paused");
if (box) {
  box.checked = sessionStorage.getItem(PAUSED) === "yes";
  box.addEventListener("change", () => sessionStorage.setItem(PAUSED, box.checked ? "yes" : "no"));
}

// By what has asked: what there is to be said of its last request.
const said = new Map();
const say = (who, text) => {
  if (text) {
    said.set(who, text);
  } else {
    said.delete(who);
  }
  const place = document.getElementById("connection");
  const all = [...said.values()].join(" ");
  if (place && place.textContent !== all) {
    place.textContent = all;
  }
};

// Whoever copies from a page does not want it to change meanwhile.
const selects = () => {
  const selection = document.getSelection();
  const main = document.getElementById("main");
  return !selection.isCollapsed && main && main.contains(selection.anchorNode);
};

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.hasAttribute("data-live")) {
    return;
  }
  const selected = selects();
  say("selection", selected ? "Updates wait while text is selected." : "");
  if ((box && box.checked) || document.hidden || selected) {
    event.preventDefault();
  }
});

let shown = new Date();

// What a page that refuses something says.
const reason = (xhr) => {
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const [title, alert] = ["h1", "[role=alert]"].map((where) => {
    const found = answer.querySelector(where);
    return found ? found.textContent.trim() : "";
  });
  return `labcloud says: ${title || `status ${xhr.status}`}${alert ? `. ${alert}` : ""}`;
};

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, xhr } = detail;
  const live = elt.hasAttribute("data-live");
  const who = live ? "live" : elt.id || elt.getAttribute("action") || "page";
  if (detail.successful) {
    shown = live ? new Date() : shown;
    say(who, "");
    return;
  }
  let text = xhr.status ? reason(xhr) : "labcloud does not answer.";
  if (xhr.status === 401) {
    text = "You are no longer signed in. Run labcloud console.";
  }
  say(who, live ? `${text} This page is as it was at ${shown.toLocaleTimeString()}.` : text);
});

// What has been scrolled to its end stays there.
const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 8;
let follow = true;
document.addEventListener("htmx:beforeSwap", () => {
  const log = document.getElementById("log");
  follow = !log || atEnd(log);
});
const toEnd = () => {
  const log = document.getElementById("log");
  if (log && follow) {
    log.scrollTop = log.scrollHeight;
  }
};
document.addEventListener("htmx:afterSwap", toEnd);
document.addEventListener("DOMContentLoaded", toEnd);
