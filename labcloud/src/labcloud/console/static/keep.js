// Puts what the server has sent in the place of what a page shows, and changes only what differs.
// So the focus, a selection, what somebody has typed, and how far something is scrolled stay.
// An element is known by its id; a row, an entry, a section and a chart by the first id within it.
"use strict";

// What the browser or somebody has set on an element, which the server does not know.
const OWN = new Set(["open", "class"]);

const BY_FIRST = new Set(["TR", "LI", "SECTION", "FIGURE"]);

const keyOf = (node) => {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    return "";
  }
  const first = node.id || !BY_FIRST.has(node.nodeName) ? node : node.querySelector("[id]");
  return first ? first.id : "";
};

const alike = (old, made) =>
  old.nodeName === made.nodeName && keyOf(old) === keyOf(made);

const copyAttributes = (old, made) => {
  for (const { name, value } of [...made.attributes]) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  for (const { name } of [...old.attributes]) {
    if (!made.hasAttribute(name) && !OWN.has(name)) {
      old.removeAttribute(name);
    }
  }
};

// Where a text has only grown, what is selected in it stays selected.
const copyText = (old, made) => {
  if (old.data === made.data) {
    return;
  }
  if (made.data.startsWith(old.data)) {
    old.appendData(made.data.slice(old.length));
  } else {
    old.data = made.data;
  }
};

const keepNode = (old, made) => {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    copyText(old, made);
  } else if (!old.isEqualNode(made) && !old.hasAttribute("data-keep")) {
    copyAttributes(old, made);
    keepChildren(old, made);
  }
};

const keepChildren = (parent, made) => {
  const all = [...made.childNodes];
  const places = new Map(all.map((wanted, place) => [keyOf(wanted), place]));
  places.delete("");
  let here = parent.firstChild;
  all.forEach((wanted, place) => {
    let found = here;
    while (found && !alike(found, wanted)) {
      found = found.nextSibling;
    }
    if (!found) {
      parent.insertBefore(wanted, here);
      return;
    }
    // What stands before it is gone, unless it comes later.
    while (here !== found && !(places.get(keyOf(here)) > place)) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
    if (here === found) {
      here = here.nextSibling;
    } else {
      parent.insertBefore(found, here);
    }
    keepNode(found, wanted);
  });
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
};

const keepFocus = (main, change) => {
  const before = document.activeElement;
  change();
  if (!main.contains(before) && before.isConnected) {
    return;
  }
  if (document.activeElement === before) {
    return;
  }
  // It was moved, or what had the focus is no longer there.
  const again = before.isConnected ? before : before.id && document.getElementById(before.id);
  (again || main).focus({ preventScroll: true });
};

htmx.defineExtension("keep", {
  isInlineSwap: (style) => style === "keep",
  handleSwap: (style, target, fragment) => {
    if (style !== "keep") {
      return false;
    }
    keepFocus(target, () => keepChildren(target, fragment));
    // htmx looks at what has changed within; a part that is no longer asked for has to be named.
    return [target, ...target.querySelectorAll("#live")];
  },
});
