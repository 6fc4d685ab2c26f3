// The language of the page, and the format of its numbers.

import en from "./en.js";
import ru from "./ru.js";

const TEXTS = { en, ru };
export const LANGUAGES = Object.keys(TEXTS);

let language = "en";
/** @returns {typeof en} the texts in the language of the page */
export const texts = () => TEXTS[language];
export const currentLanguage = () => language;

/** Switch the language, and translate all elements with `data-text`. */
export function setLanguage(wanted) {
  language = LANGUAGES.includes(wanted) ? wanted : "en";
  document.documentElement.lang = language;
  document.title = texts().title;
  for (const element of document.querySelectorAll("[data-text]")) {
    const text = texts()[element.dataset.text];
    if (element.textContent !== text) element.textContent = text; // or it counts as painted late
  }
}

/**
 * Format a probability, such as 23% or < 0.1%. The first number format of Intl would take more time
 * than the page otherwise needs for its first answer.
 */
export function percent(probability) {
  const { percentOf } = texts();
  if (probability < 0.001) return `< ${percentOf(0.1)}`;
  return percentOf(Number((100 * probability).toPrecision(probability < 0.1 ? 1 : 2)));
}

/** Format a duration in seconds. */
export function duration(seconds) {
  const isShort = seconds < 1;
  const style = {
    style: "unit",
    unit: isShort ? "millisecond" : "second",
    maximumFractionDigits: isShort ? 0 : 1,
  };
  if (seconds < 0.001) return `< ${(1).toLocaleString(language, style)}`;
  return (isShort ? seconds * 1000 : seconds).toLocaleString(language, style);
}

/** Format a price, which may be a small fraction of a cent. */
export function cost(usd) {
  const style = { style: "currency", currency: "USD", maximumSignificantDigits: 2 };
  return usd.toLocaleString(language, style);
}
