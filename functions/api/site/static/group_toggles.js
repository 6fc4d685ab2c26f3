// The toggles that exclude groups of allergens.

import { byId, make, say } from "./dom.js";
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
  const name = groupName(group);
  const click = () => {
    if (drink.excluded.includes(group)) {
      drink.allow(group);
      say(texts().allowed(name));
    } else {
      drink.exclude(group);
      say(texts().groupIsExcluded(name));
    }
  };
  return make("button", { className: "chip", click }, name);
}

/** Mark the groups that are excluded as pressed. */
export function drawGroupToggles(drink) {
  for (const [group, button] of buttons) {
    button.setAttribute("aria-pressed", String(drink.excluded.includes(group)));
  }
}
