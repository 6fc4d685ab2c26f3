// Drinks that the user keeps on this device.

import { byId, make, say } from "./dom.js";
import { smallGlassSoon } from "./glass.js";
import { isKnown, nameOf } from "./names.js";
import { loadSetting, saveSetting } from "./storage.js";
import { focusSuggestions } from "./suggestions.js";
import { texts } from "./texts.js";

const MAX_KEPT = 24;

const isDrink = (each) =>
  typeof each?.name === "string" && Array.isArray(each.ids) && each.ids.every((id) => id?.trim);

/** @returns {{name: string, ids: string[]}[]} the drinks, the newest first */
function readKept() {
  const stored = loadSetting("kept", []);
  return Array.isArray(stored) ? stored.filter(isDrink) : [];
}

/** Keep a drink; return whether the browser stored it. */
export function keep(name, ids) {
  const others = readKept().filter((each) => each.ids.join() !== ids.join());
  return saveSetting("kept", [{ name, ids }, ...others].slice(0, MAX_KEPT));
}

/** Show the kept drinks while the glass is empty. */
export function drawKept(drink) {
  const kept = readKept().filter(({ ids }) => ids.some(isKnown));
  byId("kept").hidden = drink.ingredients.length > 0 || !kept.length;
  if (byId("kept").hidden) return;
  byId("kept-list").replaceChildren(...kept.map((each) => card(drink, each)));
}

function card(drink, { name, ids }) {
  const known = ids.filter(isKnown);
  const pour = () => {
    drink.pour(known);
    focusSuggestions();
    byId("drink-panel").scrollIntoView({ block: "nearest" });
    say(texts().poured(name, drink.ingredients.map(nameOf)));
  };
  const forget = () => {
    saveSetting(
      "kept",
      readKept().filter((each) => each.ids.join() !== ids.join()),
    );
    drawKept(drink);
    (byId("kept-list").querySelector("button") ?? byId("search")).focus();
    say(texts().forgotten(name));
  };
  const label = texts().forget(name);
  return make(
    "li",
    {},
    make(
      "button",
      { className: "start", click: pour },
      smallGlassSoon(known.filter((id) => !drink.isExcluded(id))),
      make("span", { className: "name" }, name),
    ),
    make("button", { className: "forget", "aria-label": label, title: label, click: forget }, "×"),
  );
}
