// Keyboard shortcuts. They work everywhere except in text fields.

import { byId } from "./dom.js";
import { loadSetting, saveSetting } from "./storage.js";
import { suggestionAt } from "./suggestions.js";

const FIELDS = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select";

/**
 * Let 1 to 9 add a suggestion, unless the user has turned that off, and Ctrl+Z undo.
 * @param {(id: string) => void} add
 * @param {() => void} undo
 */
export function setUpShortcuts(add, undo) {
  const digits = byId("digits");
  digits.checked = loadSetting("digits", true);
  digits.addEventListener("change", () => saveSetting("digits", digits.checked));
  document.addEventListener("keydown", (event) => {
    if (event.target.matches(FIELDS) || event.altKey || event.repeat) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z" || event.shiftKey) return;
      event.preventDefault();
      undo();
      return;
    }
    const isDigit = digits.checked && /^[1-9]$/.test(event.key);
    const suggestion = isDigit && suggestionAt(Number(event.key));
    if (suggestion) add(suggestion.id);
  });
}
