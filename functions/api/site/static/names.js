// The ingredients' names in the language of the page.

import { listIngredients } from "./api.js";
import { byId } from "./dom.js";
import { currentLanguage } from "./texts.js";

let names = new Map();
let ids = new Map();
let language = "en";

/** Fold a text for comparison: "Мёд " becomes "мед". */
export const fold = (text) => text.trim().toLowerCase().replaceAll("ё", "е");

/** Return the name of an id, or the id itself if it is unknown. */
export const nameOf = (id) => names.get(id) ?? id;

/** Return the id of a name in any letter case, or undefined. */
export const idOf = (name) => ids.get(fold(name));

/** Return the language of the names, which may still be the one before a switch. */
export const languageOfNames = () => language;

/** Whether the current model knows an id. */
export const isKnown = (id) => names.has(id);

/**
 * Fetch the names in a language; return the ingredients as the API lists them.
 * If the page's language changes meanwhile, keep the previous names and return nothing.
 */
export async function learnNames(wanted) {
  const ingredients = await listIngredients(wanted);
  if (wanted !== currentLanguage()) return undefined;
  language = wanted;
  names = new Map(ingredients.map(({ id, name }) => [id, name]));
  ids = new Map(ingredients.map(({ id, name }) => [fold(name), id]));
  const options = ingredients.map(({ name }) => new Option(name, name));
  byId("names").replaceChildren(...options);
  return ingredients;
}
