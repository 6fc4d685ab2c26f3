// Well-known drinks, half built: a tap pours one into the empty glass.

import { byId, make, say } from "./dom.js";
import { smallGlassSoon } from "./glass.js";
import { isKnown, nameOf } from "./names.js";
import { focusSuggestions } from "./suggestions.js";
import { texts } from "./texts.js";

/** @type {Record<string, string>} the ingredients of each drink, from the bottom of the glass */
const STARTS = {
  latte: "espresso milk",
  mojito: "lime mint ice",
  strawberryShake: "milk strawberry",
  masalaChai: "black-tea milk cardamom",
  lemonade: "water lemon",
  hotChocolate: "milk cocoa-powder",
  pinaColada: "pineapple-juice coconut-milk",
  matchaLatte: "matcha oat-milk",
  mangoLassi: "yogurt mango",
  peachTea: "black-tea peach ice",
  espressoTonic: "ice tonic-water espresso",
  mors: "water cranberry",
};

/** Show the drinks that the model knows and that nothing excludes, while the glass is empty. */
export function drawStarts(drink) {
  const isFine = (id) => isKnown(id) && !drink.isExcluded(id);
  const fine = Object.entries(STARTS)
    .map(([name, ids]) => [name, ids.split(" ")])
    .filter(([, ids]) => ids.every(isFine));
  byId("starts").hidden = drink.ingredients.length > 0 || !fine.length;
  if (byId("starts").hidden) return;
  byId("starts-list").replaceChildren(...fine.map(([name, ids]) => card(drink, name, ids)));
}

function card(drink, name, ids) {
  const title = texts().starts[name];
  const click = () => {
    drink.pour(ids);
    focusSuggestions();
    byId("drink-panel").scrollIntoView({ block: "nearest" });
    say(texts().poured(title, ids.map(nameOf)));
  };
  const label = make("span", { className: "name" }, title);
  return make("li", {}, make("button", { className: "start", click }, smallGlassSoon(ids), label));
}
