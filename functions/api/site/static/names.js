// The names of the ingredients in the language of the page.

import { listIngredients } from "./api.js";
import { byId } from "./dom.js";

let names = new Map();
let ids = new Map();
let language = "en";

/** Return a text in the form in which texts are compared: "Мёд " is "мед". */
export const fold = (text) => text.trim().toLowerCase().replaceAll("ё", "е");

/** @param {string} id */
export const nameOf = (id) => names.get(id) ?? id;

/** @param {string} name in upper or lower case */
export const idOf = (name) => ids.get(fold(name));

/** Return the language of the names, which is the page's language once they have arrived. */
export const languageOfNames = () => language;

/** @param {string} id */
export const isKnown = (id) => names.has(id);

/** Learn the names in a language; returns the ingredients as the API lists them. */
export async function learn(wanted) {
  const ingredients = await listIngredients(wanted);
  language = wanted;
  names = new Map(ingredients.map(({ id, name }) => [id, name]));
  ids = new Map(ingredients.map(({ id, name }) => [fold(name), id]));
  const options = ingredients.map(({ name }) => new Option(name, name));
  byId("names").replaceChildren(...options);
  return ingredients;
}
