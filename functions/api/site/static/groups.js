// The groups of allergens, such as "group:dairy", and the ingredients in them.

import { fold } from "./names.js";
import { currentLanguage, texts } from "./texts.js";

const PREFIX = "group:";
// The most frequent wishes first; other groups of a model follow by name.
const ORDER =
  "dairy nuts gluten egg peanut soy sesame honey fish gelatine celery mustard lupin sulphites caffeine alcohol";

/** @type {Map<string, string[] | null | undefined>} ids, and the groups in the API's list */
let contains = new Map();
/** @type {string[]} all groups of the model, with their prefix */
let groups = [];

/** Learn the groups from the ingredients as the API lists them. */
export function learnGroups(ingredients) {
  contains = new Map(ingredients.map((found) => [found.id, found.contains]));
  const names = new Set(ingredients.flatMap((found) => found.contains ?? []));
  groups = [...names].toSorted().map((name) => PREFIX + name);
}

export const isGroup = (key) => key.startsWith(PREFIX);

/** Whether the current model has a group. */
export const hasGroup = (group) => groups.includes(group);

/** Whether an ingredient is in a group. Without data, it counts as a member of every group. */
export function isInGroup(id, group) {
  const names = contains.get(id);
  return !names || !hasGroup(group) || names.includes(group.slice(PREFIX.length));
}

/**
 * Return the groups that some ingredients are in, and whether the model has no data on one of them.
 * @returns {{contains: string[], isUnknown: boolean}}
 */
export function groupsIn(ids) {
  const names = ids.map((id) => contains.get(id));
  const found = listGroups().filter((group) =>
    names.some((each) => each?.includes(group.slice(PREFIX.length))),
  );
  return { contains: found, isUnknown: !groups.length || names.some((each) => !each) };
}

/** Return the name of a group in the language of the page, or its name in the model. */
export function groupName(group) {
  const name = group.slice(PREFIX.length);
  return texts().groups[name] ?? name;
}

/** Return all groups of the model: common allergies first, then the others by name. */
export function listGroups() {
  const order = ORDER.split(" ").map((name) => PREFIX + name);
  const place = (group) => (order.includes(group) ? order.indexOf(group) : order.length);
  const byName = (a, b) => groupName(a).localeCompare(groupName(b), currentLanguage());
  return groups.toSorted((a, b) => place(a) - place(b) || byName(a, b));
}

/** Return the group with a name in the language of the page or of the model, or undefined. */
export function groupNamed(text) {
  const wanted = fold(text);
  return groups.find((group) => wanted === group || wanted === fold(groupName(group)));
}
