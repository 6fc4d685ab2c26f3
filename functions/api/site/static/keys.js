// The keys that work wherever the focus is, but in a field.

import { byId } from "./dom.js";
import { recall, remember } from "./storage.js";
import { suggestionAt } from "./suggestions.js";

const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select";

/**
 * Make 1 to 9 take a suggestion, unless somebody has turned that off, and Ctrl+Z go back.
 * @param {(id: string) => void} take
 * @param {() => void} undo
 */
export function openKeys(take, undo) {
  const digits = byId("digits");
  digits.checked = recall("digits", true);
  digits.addEventListener("change", () => remember("digits", digits.checked));
  document.addEventListener("keydown", (event) => {
    if (event.target.matches(FIELDS) || event.altKey || event.repeat) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z" || event.shiftKey) return;
      event.preventDefault();
      undo();
      return;
    }
    const found = digits.checked && /^[1-9]$/.test(event.key) && suggestionAt(Number(event.key));
    if (found) take(found.id);
  });
}
