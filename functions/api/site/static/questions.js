// One question at a time: what the API is asked about the drink, and what becomes of the answer.

import { ask, Trouble } from "./api.js";
import { byId } from "./dom.js";
import * as life from "./life.js";
import { idOf, languageOfNames } from "./names.js";
import { clearOffer, expire } from "./suggestions.js";
import { texts } from "./texts.js";
import { calm, explain } from "./trouble.js";

let current = new AbortController();
/** The name of the sentence that says where the question stands, or "". */
let state = "";

/** Say where the question stands, in the language of the page. */
export function drawState(name = state) {
  state = name;
  byId("state").textContent = name && texts()[name];
}

/** Make the question that is asked now void. */
export function dismiss() {
  current.abort();
  current = new AbortController();
  calm();
  expire();
  return current.signal;
}

/**
 * Ask about a drink; a newer question makes an older one void.
 * @param {object} question as POST /api/process takes it
 * @param {(suggestions: import("./suggestions.js").Suggestion[]) => void} onAnswer
 */
export async function inquire(question, onAnswer) {
  const signal = dismiss();
  const language = languageOfNames();
  const began = performance.now();
  drawState("asking");
  life.reach("submitted");
  const onTaken = () => {
    drawState("waiting");
    life.reach("queued");
  };
  try {
    const result = await ask(question, { language, signal, onTaken });
    if (signal.aborted) return;
    life.end(result, (performance.now() - began) / 1000);
    drawState("");
    onAnswer(suggestionsOf(result));
  } catch (error) {
    if (signal.aborted) return;
    fail(error, () => inquire(question, onAnswer));
  }
}

function suggestionsOf({ status, error, suggestions }) {
  if (status !== "SUCCESS") throw new Trouble(error?.type ?? "cancelled", error ?? {});
  return suggestions.map(({ ingredient, probability }) => ({
    id: idOf(ingredient) ?? ingredient,
    probability,
  }));
}

function fail(error, retry) {
  drawState("");
  clearOffer();
  life.stop();
  explain(error, retry);
}
