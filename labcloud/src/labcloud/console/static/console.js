// What the pages need beside htmx: a switch that stops their updates, and a word when the server
// has gone. Without this file the pages work, and are reloaded by hand.
"use strict";

const paused = () => document.getElementById("paused");

document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.detail.elt.hasAttribute("data-live");
  const box = paused();
  if (live && ((box && box.checked) || document.hidden)) {
    event.preventDefault();
  }
});

const say = (text) => {
  const place = document.getElementById("connection");
  if (place && place.textContent !== text) {
    place.textContent = text;
  }
};

document.addEventListener("htmx:sendError", () => say("labcloud does not answer."));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) {
    say("You are no longer signed in. Run labcloud console.");
  }
});
document.addEventListener("htmx:afterOnLoad", () => say(""));

// What has been scrolled to its end stays there.
const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 8;
let follow = true;
document.addEventListener("htmx:beforeSwap", () => {
  const box = document.getElementById("log");
  follow = !box || atEnd(box);
});
const toEnd = () => {
  const box = document.getElementById("log");
  if (box && follow) {
    box.scrollTop = box.scrollHeight;
  }
};
document.addEventListener("htmx:afterSwap", toEnd);
document.addEventListener("DOMContentLoaded", toEnd);
