// The card of a finished drink: its picture, the nearest known drink, its category, the reasons
// for its ingredients, and its allergens.

import { runTasks } from "./api.js";
import { byId, disc, make, say } from "./dom.js";
import { smallGlass } from "./glass.js";
import { groupName, groupsIn } from "./groups.js";
import { colourOf } from "./looks.js";
import { isAdditive, languageOfNames, nameOf } from "./names.js";
import { texts } from "./texts.js";

const SAME = 0.999;
const CLOSE = 0.45;

/** @type {import("./drink.js").Drink} */
let drink;
/** @type {(ids: string[], options: object) => object} */
let bodyOf;
let current = new AbortController();
let title = "";

/** Return the title of the card, which a kept drink and its picture have, too. */
export const cardTitle = () => title;

/**
 * Set up the card.
 * @param {import("./drink.js").Drink} currentDrink
 * @param {(ids: string[], options: object) => object} body returns what to send to the API
 */
export function setUpCard(currentDrink, body) {
  drink = currentDrink;
  bodyOf = body;
  byId("serve").addEventListener("click", open);
  byId("card-close").addEventListener("click", () => byId("card").close());
  byId("card").addEventListener("close", () => current.abort());
}

function open() {
  if (!drink.ingredients.length) {
    say(texts().cleared);
    return;
  }
  current.abort();
  current = new AbortController();
  byId("card-message").textContent = "";
  byId("card-glass").replaceChildren(smallGlass(drink.ingredients));
  drawHeading(texts().cardOwn, texts().cardNew, "");
  byId("card-category").textContent = "";
  drawIngredients(new Map());
  drawAllergens();
  byId("card").showModal();
  describe(current.signal);
}

function drawHeading(kicker, name, difference) {
  title = name;
  byId("card-kicker").textContent = kicker;
  byId("card-title").textContent = name;
  byId("card-difference").textContent = difference;
}

function drawIngredients(reasons) {
  const rows = drink.ingredients.toReversed().map((id) => {
    const known = reasons.get(id) ?? [];
    const reason = make("span", { className: "reason" }, known.length ? texts().as(known) : "");
    const name = make("span", { className: "name" }, nameOf(id));
    return make("li", {}, disc(colourOf(id)), name, " ", reason);
  });
  byId("card-ingredients").replaceChildren(...rows);
}

function drawAllergens() {
  const { contains, isUnknown } = groupsIn(drink.ingredients);
  const { allergens, noAllergens, someUnknown, checkLabels } = texts();
  const found = contains.length ? allergens(contains.map(groupName)) : isUnknown ? "" : noAllergens;
  const sentences = [found, isUnknown ? someUnknown : "", checkLabels];
  byId("card-allergens").textContent = sentences.filter(Boolean).join(" ");
}

/** Ask the model about the drink. The card is complete without the answer. */
async function describe(signal) {
  const ids = [...drink.ingredients];
  const { exclude } = bodyOf(ids, {});
  const explained = ids.length > 1 ? ids.filter(isAdditive) : [];
  const wishes = [
    { kind: ["similar", "categorize"], ingredients: ids, exclude, top_k: 1 },
    ...explained.map((id) => {
      const others = ids.filter((other) => other !== id);
      return { only: [id], because: true, top_k: 1, exclude, ingredients: others };
    }),
  ];
  const options = { language: languageOfNames(), signal };
  const [known, ...because] = await runTasks(wishes, options).catch(() => []);
  if (!known || signal.aborted) return;
  const { similar, categorize } = known.parts ?? {};
  if (similar?.output?.drinks.length) drawNearest(similar.output.drinks[0]);
  const category = categorize?.output?.categories[0]?.category;
  if (category) byId("card-category").textContent = texts().categories[category] ?? category;
  drawIngredients(new Map(explained.map((id, index) => [id, reasonIn(because[index])])));
}

/** Return the names of known drinks that speak for an ingredient. */
function reasonIn(task) {
  const drinks = task?.suggestions?.[0]?.because?.drinks ?? [];
  return drinks.slice(0, 2).map(({ names }) => names[0]);
}

function drawNearest({ names, similarity, missing, extra }) {
  const { cardSame, cardClose, cardOwn, cardNew, differs, nearestIs } = texts();
  const difference = differs(missing, extra);
  if (similarity > SAME) drawHeading(cardSame, names[0], "");
  else if (similarity > CLOSE) drawHeading(cardClose, names[0], difference);
  else drawHeading(cardOwn, cardNew, `${nearestIs(names[0])} ${difference}`);
}
