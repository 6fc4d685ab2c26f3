// What went wrong, in words, with a way on.

import { byId, make } from "./dom.js";
import { key, keepKey } from "./storage.js";
import { focusSuggestions } from "./suggestions.js";
import { texts } from "./texts.js";

let current = null;

/** Take back what was said of trouble; who stood there goes on at the suggestions, if any. */
export function calm() {
  const isHere = [byId("trouble"), byId("key-form")].some((box) =>
    box.contains(document.activeElement),
  );
  current = null;
  byId("trouble").replaceChildren();
  byId("key-form").hidden = true;
  if (!isHere) return;
  if (byId("bench").hidden) byId("counter").focus();
  else focusSuggestions();
}

/**
 * Say what went wrong.
 * @param {Error} error a Trouble, or a fault of the page itself
 * @param {() => void} retry does again what failed
 */
export function explain(error, retry) {
  if (!error.kind) console.error(error);
  current = { error, retry };
  drawTrouble();
}

/** Draw the trouble, if there is any, in the language of the page. */
export function drawTrouble() {
  if (!current) return;
  const { error, retry } = current;
  byId("key-form").hidden = !error.isKey;
  const again = make("button", { type: "button", click: retry }, texts().retry);
  byId("trouble").replaceChildren(make("p", {}, sentence(error)), ...(error.isKey ? [] : [again]));
  if (error.isKey) byId("key").focus();
}

function sentence({ kind, detail, isKey }) {
  const { troubles, keyNeeded, keyRefused } = texts();
  if (isKey) return key() ? keyRefused : keyNeeded;
  return troubles[kind] ?? (detail ? troubles.other(detail) : troubles.unreadable);
}

/** Make the key's form work; the key is tried at once. */
export function openKeyForm() {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    keepKey(byId("key").value.trim());
    byId("key").value = "";
    current?.retry();
  });
}
