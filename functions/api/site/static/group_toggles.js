// The toggles that exclude groups of allergens.

import { byId, make } from "./dom.js";
import { allow, exclude } from "./exclusions.js";
import { groupName, listGroups } from "./groups.js";
import { addRovingFocus } from "./roving_focus.js";
import { texts } from "./texts.js";

/** @type {Map<string, HTMLButtonElement>} */
let buttons = new Map();

/** Make a toggle for each group of the model. */
export function fillGroupToggles(drink) {
  buttons = new Map(listGroups().map((group) => [group, toggle(drink, group)]));
  byId("leave-out").hidden = !buttons.size;
  const { excludeHint, excludeHintGroups } = texts();
  byId("exclude-hint").textContent = buttons.size ? excludeHintGroups : excludeHint;
  const toolbar = make(
    "div",
    { className: "chips", role: "toolbar", "aria-labelledby": "leave-out-title" },
    ...buttons.values(),
  );
  byId("leave-out-toggles").replaceChildren(toolbar);
  if (buttons.size) addRovingFocus(toolbar);
}

function toggle(drink, group) {
  const click = () => (drink.excluded.includes(group) ? allow : exclude)(drink, group);
  return make("button", { className: "chip", click }, groupName(group));
}

/** Mark the groups that are excluded as pressed. */
export function drawGroupToggles(drink) {
  for (const [group, button] of buttons) {
    button.setAttribute("aria-pressed", String(drink.excluded.includes(group)));
  }
}
