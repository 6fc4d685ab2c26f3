// How ingredients look: from the model's data. A model without such data gets shelves by role, and
// colours that differ from those of the neighbours in its list.

/** @typedef {{shelf: string, form: string, colour: string}} Look */

const GOLDEN_ANGLE = 137.5;
/** @type {Look} */
const UNKNOWN = { shelf: "additives", form: "liquid", colour: "#cfc4b8" };

/** @type {Map<string, Look>} */
let looks = new Map();

/** Learn the looks from the ingredients as the API lists them. */
export function learnLooks(ingredients) {
  looks = new Map(ingredients.map((found, place) => [found.id, found.look ?? guess(found, place)]));
}

function guess({ base }, place) {
  const colour = `hsl(${Math.round((place * GOLDEN_ANGLE) % 360)} 45% 68%)`;
  return base
    ? { shelf: "bases", form: "liquid", colour }
    : { shelf: "additives", form: "puree", colour };
}

/** @returns {Look} the look of an ingredient */
export const lookOf = (id) => looks.get(id) ?? UNKNOWN;

/** Return the CSS colour of an ingredient. */
export const colourOf = (id) => lookOf(id).colour;
