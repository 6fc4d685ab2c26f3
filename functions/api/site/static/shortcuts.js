// Keyboard shortcuts. They work everywhere except in text fields.

import { byId } from "./dom.js";
import { loadSetting, saveSetting } from "./storage.js";
import { suggestionAt } from "./suggestions.js";

const FIELDS = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select";

/**
 * Let 1 to 9 add a suggestion, unless the user has turned that off, Ctrl+Z undo, and Ctrl+Y or
 * Shift+Ctrl+Z redo.
 * @param {(id: string) => void} add
 * @param {() => void} undo
 * @param {() => void} redo
 */
export function setUpShortcuts(add, undo, redo) {
  const digits = byId("digits");
  digits.checked = loadSetting("digits", true);
  digits.addEventListener("change", () => saveSetting("digits", digits.checked));
  document.addEventListener("keydown", (event) => {
    if (event.target.matches(FIELDS) || event.altKey || event.repeat) return;
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      (key === "y" || event.shiftKey ? redo : undo)();
      return;
    }
    const isDigit = digits.checked && /^[1-9]$/.test(event.key);
    const suggestion = isDigit && suggestionAt(Number(event.key));
    if (suggestion) add(suggestion.id);
  });
}
