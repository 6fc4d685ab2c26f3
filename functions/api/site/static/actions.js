// The controls of the drink: they change it, and say what they did.

import { byId, say } from "./dom.js";
import { nameOf } from "./names.js";
import { request } from "./requests.js";
import { texts } from "./texts.js";

const SURPRISES = 5; // one of the most surprising suggestions is added

/** @type {import("./drink.js").Drink} */
let drink;
/** @type {(options: object) => object} */
let requestBody;

/** Add an ingredient and announce it. If it is excluded, the listener to the drink says so. */
export function add(id) {
  if (drink.has(id)) {
    say(texts().already(nameOf(id)));
    return;
  }
  if (isFull()) return;
  drink.add(id);
  if (drink.has(id)) say(texts().added(nameOf(id)));
}

export function toggle(id) {
  if (!drink.has(id)) {
    add(id);
    return;
  }
  drink.remove(id);
  say(texts().removed(nameOf(id)));
}

function isFull() {
  if (drink.isFull) say(texts().full);
  return drink.isFull;
}

/** Add what the model thinks finishes the drink. */
function complete() {
  if (isFull()) return;
  request(requestBody({ kind: "complete" }), (suggestions) => {
    addAll(suggestions, texts().completed);
  });
}

/** Add one of the ingredients that fit this drink better than they fit drinks in general. */
function surprise() {
  if (isFull()) return;
  request(requestBody({ novelty: 1, top_k: SURPRISES }), (suggestions) => {
    addAll([suggestions[Math.floor(Math.random() * suggestions.length)]], texts().surprised);
  });
}

function addAll(suggestions, sentence) {
  drink.add(...suggestions.map(({ id }) => id));
  const added = suggestions.filter(({ id }) => drink.has(id)).map(({ id }) => nameOf(id));
  if (added.length) say(sentence(added));
}

export function undo() {
  const { undone, nothingToUndo } = texts();
  say(drink.canUndo ? undone : nothingToUndo);
  drink.undo();
}

export function redo() {
  const { redone, nothingToRedo } = texts();
  say(drink.canRedo ? redone : nothingToRedo);
  drink.redo();
}

function clear() {
  if (!drink.ingredients.length) return;
  drink.pour([]);
  say(texts().cleared);
}

/**
 * Set up the controls.
 * @param {import("./drink.js").Drink} currentDrink
 * @param {(options: object) => object} body returns what to send to the API for the drink
 */
export function setUpActions(currentDrink, body) {
  drink = currentDrink;
  requestBody = body;
  for (const [id, action] of Object.entries({ undo, redo, clear, complete, surprise })) {
    byId(id).addEventListener("click", action);
  }
}
