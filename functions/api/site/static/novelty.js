// The slider from usual to surprising suggestions.

import { byId } from "./dom.js";
import { loadSetting, saveSetting } from "./storage.js";
import { percent, texts } from "./texts.js";

/** Return the novelty, from 0 to 1. */
export const currentNovelty = () => byId("novelty").valueAsNumber;

/** Describe the value for screen readers in the language of the page. */
export function drawNovelty() {
  const novelty = currentNovelty();
  const { noveltyOf, usual } = texts();
  byId("novelty").setAttribute("aria-valuetext", novelty ? noveltyOf(percent(novelty)) : usual);
}

/**
 * Set up the slider; this browser stores its value.
 * @param {() => void} onChange called when the slider is released, and after each key
 */
export function setUpNovelty(onChange) {
  const stored = loadSetting("novelty", 0);
  byId("novelty").value = typeof stored === "number" ? stored : 0;
  byId("novelty").addEventListener("input", drawNovelty);
  byId("novelty").addEventListener("change", () => {
    saveSetting("novelty", currentNovelty());
    onChange();
  });
}
