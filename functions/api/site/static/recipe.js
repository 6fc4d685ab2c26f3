// A pasted recipe: the model finds its ingredients, and they are poured into the glass.

import { runTask } from "./api.js";
import { byId, make, say } from "./dom.js";
import { exclude } from "./exclusions.js";
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
  const idsOf = (found) => [...new Set(found.map(({ ingredient }) => idOf(ingredient)))];
  const leftOut = idsOf(excluded).filter(Boolean);
  const wanted = idsOf(ingredients).filter((id) => id && !leftOut.includes(id));
  if (wanted.length) drink.pour(wanted);
  const inGlass = drink.ingredients.filter((id) => wanted.includes(id));
  const { recipeRead, recipeEmpty, recipeUnknown, recipeWithout } = texts();
  const sentences = [
    inGlass.length ? recipeRead(inGlass.map(nameOf)) : recipeEmpty,
    unknown.length ? recipeUnknown(unknown.map(({ text }) => text)) : "",
    leftOut.length ? recipeWithout(leftOut.map(nameOf)) : "",
  ].filter(Boolean);
  const offers = leftOut.filter((id) => !drink.isExcluded(id)).map((id) => offer(drink, id));
  byId("recipe-message").replaceChildren(sentences.join(" "), ...offers);
  say(sentences.join(" "));
}

/** Return a button that excludes what the recipe leaves out, from every drink. */
function offer(drink, id) {
  const click = ({ currentTarget }) => {
    byId("recipe-text").focus({ preventScroll: true });
    currentTarget.remove();
    exclude(drink, id);
  };
  const label = texts().excludeAlways(nameOf(id));
  return make("button", { className: "chip", type: "button", click }, label);
}
