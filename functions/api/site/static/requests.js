// One API request at a time: a new request cancels the one before it. After a failure that may
// pass, the page asks again by itself.

import { ApiError, runTask } from "./api.js";
import { clearAlert, showAlert } from "./alerts.js";
import { byId, say } from "./dom.js";
import { idOf, languageOfNames } from "./names.js";
import { showRaw, showRequest } from "./playground.js";
import { afterFailure, isPassing, stopRetrying } from "./recovery.js";
import { clearSuggestions, markSuggestionsStale } from "./suggestions.js";
import { texts } from "./texts.js";
import * as timeline from "./timeline.js";

const SLOW_MS = 4000;

let current = new AbortController();
let slowTimer = 0;
/** The key of the text that describes the request's state, or "". */
let state = "";

/**
 * Show the state of the request in the language of the page. The first request shows the panel when
 * it ends, so that nothing in it moves, or when it is slow.
 */
export function drawState(name = state) {
  state = name;
  clearTimeout(slowTimer);
  if (name === "asking") slowTimer = setTimeout(drawSlow, SLOW_MS);
  else byId("builder").classList.remove("waiting");
  byId("state").textContent = name && texts()[name];
}

function drawSlow() {
  drawState("stillAsking");
  say(texts().stillAsking);
}

/** Cancel the current request, and return the signal for the next one. */
export function cancelRequest() {
  stopRetrying();
  current.abort();
  current = new AbortController();
  markSuggestionsStale();
  return current.signal;
}

/**
 * Send a drink to the API. A later request cancels this one.
 * @param {object} drink as POST /api/process takes it
 * @param {(suggestions: import("./suggestions.js").Suggestion[]) => void} onAnswer
 */
export async function request(drink, onAnswer) {
  const signal = cancelRequest();
  const language = languageOfNames();
  const start = performance.now();
  drawState("asking");
  timeline.showStep("submitted");
  showRequest(drink);
  const onQueued = () => {
    drawState("waiting");
    timeline.showStep("queued");
  };
  try {
    const result = await runTask(drink, { language, signal, onQueued });
    if (signal.aborted) return;
    timeline.showResult(result, (performance.now() - start) / 1000);
    showRaw(result);
    const suggestions = suggestionsOf(result);
    drawState("");
    stopRetrying({ succeeded: true });
    onAnswer(suggestions);
    clearAlert();
  } catch (error) {
    if (!signal.aborted) fail(error, () => request(drink, onAnswer));
  }
}

function suggestionsOf({ status, error, suggestions }) {
  if (status !== "SUCCESS") throw new ApiError(error?.type ?? "cancelled", error ?? {});
  return suggestions.map(({ ingredient, probability }) => ({
    id: idOf(ingredient) ?? ingredient,
    probability,
  }));
}

/** Say what failed. The suggestions stay if the failure may pass. */
function fail(error, retry) {
  drawState("");
  timeline.hideUnfinished();
  showAlert(error, retry, { isRepeated: isPassing(error) });
  if (isPassing(error)) afterFailure(retry);
  else clearSuggestions();
}
