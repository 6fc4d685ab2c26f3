// Error messages with a way to continue: a button to try again, or a form for the API key.

import { byId, make } from "./dom.js";
import { groupName, isGroup } from "./groups.js";
import { apiKey, saveApiKey } from "./storage.js";
import { focusSuggestions } from "./suggestions.js";
import { texts } from "./texts.js";

/** @type {{error: Error, retry: () => void, isRepeated: boolean} | null} */
let current = null;

/** Remove the error message. If it had the focus, the focus moves to the suggestions. */
export function clearAlert() {
  const hadFocus = [byId("alert"), byId("key-form")].some((box) =>
    box.contains(document.activeElement),
  );
  current = null;
  byId("alert").replaceChildren();
  byId("key-form").hidden = true;
  if (!hadFocus) return;
  if (byId("builder").hidden) byId("drink-panel").focus();
  else focusSuggestions();
}

/**
 * Show an error.
 * @param {Error} error an ApiError, or a bug of the page itself
 * @param {() => void} retry repeats the action that failed
 * @param {{isRepeated?: boolean}} options whether the page repeats it by itself
 */
export function showAlert(error, retry, { isRepeated = false } = {}) {
  if (!error.kind) console.error(error);
  current = { error, retry, isRepeated };
  drawAlert();
}

/** Draw the error message, if there is one, in the language of the page. */
export function drawAlert() {
  if (!current) return;
  const { error, retry, isRepeated } = current;
  const button = make("button", { type: "button", click: retry }, texts().retry);
  byId("key-form").hidden = !error.needsKey;
  byId("alert").replaceChildren(
    make("p", {}, message(error)),
    ...(error.needsKey || isRepeated ? [] : [button]),
  );
  if (error.needsKey) byId("key").focus();
}

function message({ kind, detail, needsKey, problem }) {
  const { errors, groupUnknown, keyNeeded, keyRefused } = texts();
  if (needsKey) return apiKey() ? keyRefused : keyNeeded;
  const groups = (problem?.unknown ?? []).map(({ name }) => name).filter(isGroup);
  if (groups.length) return groupUnknown(groups.map(groupName));
  return errors[kind] ?? (detail ? errors.other(detail) : errors.unreadable);
}

/** Set up the form for the API key; submitting it repeats the action that failed. */
export function setUpKeyForm() {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    saveApiKey(byId("key").value.trim());
    byId("key").value = "";
    current?.retry();
  });
}
