// A pasted recipe: the model finds its ingredients, and they are poured into the glass.

import { runTask } from "./api.js";
import { byId, make, say } from "./dom.js";
import { allow, exclude, nameOfKey } from "./exclusions.js";
import { groupNamed, hasGroup, isGroup, isInGroup } from "./groups.js";
import { idOf, languageOfNames, nameOf } from "./names.js";
import { texts } from "./texts.js";

/**
 * Set up the form.
 * @param {import("./drink.js").Drink} drink
 * @param {(error: Error) => void} showError
 */
export function setUpRecipe(drink, showError) {
  let current = new AbortController();
  byId("recipe-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    current.abort();
    current = new AbortController();
    const { signal } = current;
    byId("recipe-message").textContent = texts().reading;
    try {
      const found = await understand(byId("recipe-text").value, signal);
      if (!signal.aborted) pour(drink, found);
    } catch (error) {
      if (signal.aborted) return;
      byId("recipe-message").textContent = "";
      showError(error);
    }
  });
  byId("recipe").addEventListener("toggle", () => {
    if (!byId("recipe").open) byId("recipe-message").textContent = "";
  });
}

/** Ask the model what a text says. */
async function understand(text, signal) {
  const language = languageOfNames();
  const task = await runTask({ kind: "extract", text }, { language, signal, onQueued() {} });
  if (!task.output)
    throw Object.assign(new Error("extract"), { kind: task.error?.type ?? "other" });
  return task.output;
}

/**
 * Pour the ingredients into the glass, and say what was not understood or is left out. A group may
 * be an allergy, so it is excluded from every drink at once, and the rest from this drink.
 */
function pour(drink, found) {
  const { wanted, against, unclear, leftOut } = read(found);
  const groups = leftOut.filter((key) => hasGroup(key) && !drink.excluded.includes(key));
  for (const group of groups) exclude(drink, group);
  const without = leftOut.filter((key) => !isGroup(key));
  if (wanted.length) drink.pour(wanted, without);
  else drink.leaveOut(without);
  const inGlass = drink.ingredients.filter((id) => wanted.includes(id));
  const { recipeRead, recipeEmpty, recipeAgainst, recipeUnknown, recipeWithout } = texts();
  const { recipeExcluded } = texts();
  const sentences = [
    inGlass.length ? recipeRead(inGlass.map(nameOf)) : "",
    inGlass.length || against.length ? "" : recipeEmpty,
    against.length ? recipeAgainst(against.map(nameOf)) : "",
    unclear.length ? recipeUnknown(unclear) : "",
    leftOut.length ? recipeWithout(leftOut.map(nameOfKey)) : "",
    groups.length ? recipeExcluded(groups.map(nameOfKey)) : "",
  ].filter(Boolean);
  const isOut = (key) => (isGroup(key) ? drink.excluded.includes(key) : drink.isExcluded(key));
  const { excludeAlways, allow: allowAgain } = texts();
  const buttons = [
    ...groups.map((key) => offer(allowAgain(nameOfKey(key)), () => allow(drink, key))),
    ...leftOut
      .filter((key) => !isOut(key))
      .map((key) => offer(excludeAlways(nameOfKey(key)), () => exclude(drink, key))),
  ];
  byId("recipe-message").replaceChildren(sentences.join(" "), ...buttons);
  say(sentences.join(" "));
}

/**
 * Return the ids to pour, those that a group of the recipe's exclusions covers, the words that were
 * not understood, and the ids and groups that the recipe leaves out.
 */
function read({ ingredients, excluded, not_understood: unknown }) {
  const without = keysOf(excluded);
  const groups = without.filter(isGroup);
  const isCovered = (key) => groups.some((group) => group !== key && isInGroup(key, group));
  const named = keysOf(ingredients).filter((id) => !without.includes(id));
  const words = unknown.map(({ text }) => text);
  const isAgainst = (text) => idOf(text) && isCovered(idOf(text)); // cream, no lactose
  return {
    wanted: named.filter((id) => !isCovered(id)),
    against: [...new Set([...named.filter(isCovered), ...words.filter(isAgainst).map(idOf)])],
    unclear: words.filter((text) => !isAgainst(text)),
    leftOut: without.filter((key) => isGroup(key) || !isCovered(key)),
  };
}

/** Return the ids and groups of names in an answer, which may be ids that the page lacks. */
function keysOf(found) {
  const keyOf = (name) => idOf(name) ?? groupNamed(name) ?? (isGroup(name) ? name : undefined);
  const keys = found.map(({ ingredient }) => keyOf(ingredient));
  return [...new Set(keys)].filter(Boolean);
}

/** Return a button that does something once. */
function offer(label, act) {
  const click = ({ currentTarget }) => {
    byId("recipe-text").focus({ preventScroll: true });
    currentTarget.remove();
    act();
  };
  return make("button", { className: "chip", type: "button", click }, label);
}
