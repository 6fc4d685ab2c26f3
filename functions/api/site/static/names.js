// The ingredients' names in the language of the page.

import { listIngredients } from "./api.js";
import { currentLanguage } from "./texts.js";

let names = new Map();
/** @type {Map<string, string>} the id of each id and each shown name, as they are written */
let exact = new Map();
/** @type {{id: string, name: string, aliases?: string[]}[]} */
let listed = [];
/** @type {{byId: Map<string, string[]>, ids: Map<string, string>} | null} all folded names */
let folded = null;
let additives = new Set();
let language = "en";

/** @type {[RegExp, string][]} what counts as one hyphen, and as one quote of each kind */
const UNIFIED = [
  [/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/gu, "-"],
  [/[`\u00b4\u02b9\u02bc\u2018-\u201b\u2032\u2039\u203a\uff07]/gu, "'"],
  [/[\u00ab\u00bb\u201c-\u201f\u2033\uff02]/gu, '"'],
];
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

const unify = (text) => UNIFIED.reduce((found, [from, to]) => found.replace(from, to), text);

/**
 * Fold a text for comparison: "Мёд " becomes "мед". Apart from "ё", it does the same as
 * `normalise` in suggester/names.py.
 */
export function fold(text) {
  const letters = unify(text).normalize("NFKD").replace(INVISIBLE, "").toLowerCase();
  const words = unify(letters.normalize("NFKC")).replaceAll("ё", "е");
  return words.trim().replace(/\s+/gu, " ");
}

/** Return the name of an id, or the id itself if it is unknown. */
export const nameOf = (id) => names.get(id) ?? id;

/** Return the id of a name in any language and letter case, or undefined. */
export const idOf = (name) => exact.get(name) ?? foldAll().ids.get(fold(name));

/** Return every name of an ingredient, folded; the one that the page shows is first. */
export const foldedNames = (id) => foldAll().byId.get(id) ?? [];

/** Fold all names when they are first needed, which is after the page has been drawn. */
function foldAll() {
  if (folded) return folded;
  const entries = listed.map(({ id, name, aliases = [] }) => [
    id,
    [name, ...aliases, id].map(fold),
  ]);
  const ids = entries.flatMap(([id, all]) => all.map((name) => [name, id]));
  folded = { byId: new Map(entries), ids: new Map(ids) };
  return folded;
}

/** Return all names in the language of the page. */
export const allNames = () => [...names.values()];

/** Return the language of the names, which may still be the one before a switch. */
export const languageOfNames = () => language;

/** Whether an ingredient may be suggested for a drink that has something in it. */
export const isAdditive = (id) => additives.has(id);

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
  additives = new Set(ingredients.filter(({ additive }) => additive).map(({ id }) => id));
  names = new Map(ingredients.map(({ id, name }) => [id, name]));
  exact = new Map(
    ingredients.flatMap(({ id, name }) => [
      [name, id],
      [id, id],
    ]),
  );
  [listed, folded] = [ingredients, null];
  return ingredients;
}
