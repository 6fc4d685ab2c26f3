// The language of the page, and how it writes numbers and lists.

import en from "./en.js";
import ru from "./ru.js";

const TEXTS = { en, ru };
export const LANGUAGES = Object.keys(TEXTS);

let language = "en";
/** @returns {typeof en} the sentences in the language of the page */
export const texts = () => TEXTS[language];
export const spoken = () => language;

/** Speak another language from now on; elements with `data-text` at once. */
export function speak(wanted) {
  language = LANGUAGES.includes(wanted) ? wanted : "en";
  document.documentElement.lang = language;
  document.title = texts().title;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = texts()[element.dataset.text];
  }
}

/** Write a probability, such as 23%; what is nearly nothing is said to be. */
export function percent(probability) {
  const style = { style: "percent", maximumSignificantDigits: probability < 0.1 ? 1 : 2 };
  if (probability < 0.001) return `< ${(0.001).toLocaleString(language, style)}`;
  return probability.toLocaleString(language, style);
}

/** Write names as a list, such as "milk, sugar and ice". */
export const list = (names) => new Intl.ListFormat(language, { type: "conjunction" }).format(names);

/** Write a duration, given in seconds. */
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

/** Write a price, which may be a small part of a cent. */
export function cost(usd) {
  const style = { style: "currency", currency: "USD", maximumSignificantDigits: 2 };
  return usd.toLocaleString(language, style);
}
