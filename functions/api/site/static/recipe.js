// A pasted recipe: the model finds its ingredients, and they are poured into the glass.

import { runTask } from "./api.js";
import { byId, make, say } from "./dom.js";
import { exclude, nameOfKey } from "./exclusions.js";
import { groupNamed, isGroup, isInGroup } from "./groups.js";
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
    byId("recipe-message").textContent = "";
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

/** Pour the ingredients into the glass, and say what was not understood or is left out. */
function pour(drink, { ingredients, excluded, not_understood: unknown }) {
  const without = keysOf(excluded);
  const groups = without.filter(isGroup);
  const isCovered = (key) => groups.some((group) => group !== key && isInGroup(key, group));
  const leftOut = without.filter((key) => isGroup(key) || !isCovered(key));
  const wanted = keysOf(ingredients).filter((id) => !without.includes(id));
  if (wanted.length) drink.pour(wanted);
  const inGlass = drink.ingredients.filter((id) => wanted.includes(id));
  const { recipeRead, recipeEmpty, recipeUnknown, recipeWithout } = texts();
  const sentences = [
    inGlass.length ? recipeRead(inGlass.map(nameOf)) : recipeEmpty,
    unknown.length ? recipeUnknown(unknown.map(({ text }) => text)) : "",
    leftOut.length ? recipeWithout(leftOut.map(nameOfKey)) : "",
  ].filter(Boolean);
  const isOut = (key) => (isGroup(key) ? drink.excluded.includes(key) : drink.isExcluded(key));
  const offers = leftOut.filter((key) => !isOut(key)).map((key) => offer(drink, key));
  byId("recipe-message").replaceChildren(sentences.join(" "), ...offers);
  say(sentences.join(" "));
}

/** Return the ids and groups of names in an answer, which may be names that the page lacks. */
function keysOf(found) {
  const keys = found.map(({ ingredient: name }) => idOf(name) ?? groupNamed(name));
  return [...new Set(keys)].filter(Boolean);
}

/** Return a button that excludes what the recipe leaves out, from every drink. */
function offer(drink, key) {
  const click = ({ currentTarget }) => {
    byId("recipe-text").focus({ preventScroll: true });
    currentTarget.remove();
    exclude(drink, key);
  };
  const label = texts().excludeAlways(nameOfKey(key));
  return make("button", { className: "chip", type: "button", click }, label);
}
