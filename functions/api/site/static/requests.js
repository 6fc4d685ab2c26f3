// One API request at a time: a new request cancels the one before it.

import { ApiError, runTask } from "./api.js";
import { clearAlert, showAlert } from "./alerts.js";
import { byId } from "./dom.js";
import { idOf, languageOfNames } from "./names.js";
import { clearSuggestions, markSuggestionsStale } from "./suggestions.js";
import { texts } from "./texts.js";
import * as timeline from "./timeline.js";

let current = new AbortController();
/** The key of the text that describes the request's state, or "". */
let state = "";

/** Show the state of the request in the language of the page. */
export function drawState(name = state) {
  state = name;
  byId("state").textContent = name && texts()[name];
}

/** Cancel the current request, and return the signal for the next one. */
export function cancelRequest() {
  current.abort();
  current = new AbortController();
  clearAlert();
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
  const onQueued = () => {
    drawState("waiting");
    timeline.showStep("queued");
  };
  try {
    const result = await runTask(drink, { language, signal, onQueued });
    if (signal.aborted) return;
    timeline.showResult(result, (performance.now() - start) / 1000);
    drawState("");
    onAnswer(suggestionsOf(result));
  } catch (error) {
    if (signal.aborted) return;
    fail(error, () => request(drink, onAnswer));
  }
}

function suggestionsOf({ status, error, suggestions }) {
  if (status !== "SUCCESS") throw new ApiError(error?.type ?? "cancelled", error ?? {});
  return suggestions.map(({ ingredient, probability }) => ({
    id: idOf(ingredient) ?? ingredient,
    probability,
  }));
}

function fail(error, retry) {
  drawState("");
  clearSuggestions();
  timeline.hideUnfinished();
  showAlert(error, retry);
}
