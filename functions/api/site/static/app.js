// The page: puts its parts together.

import { drawCounter, openDock } from "./counter.js";
import { byId, isEnabled, say } from "./dom.js";
import { Drink } from "./drink.js";
import { drawExclusions, openExclusions } from "./exclusions.js";
import { openKeys } from "./keys.js";
import { drawLife, hasLife } from "./life.js";
import { idOf, isKnown, learn, nameOf } from "./names.js";
import { dismiss, drawState, inquire } from "./questions.js";
import { clearSearch, drawSearch, openSearch } from "./search.js";
import { drawShelf, fillShelf } from "./shelf.js";
import { recall, remember } from "./storage.js";
import { clearOffer, focusSuggestions, offer, offers } from "./suggestions.js";
import { LANGUAGES, list, percent, speak, spoken, texts } from "./texts.js";
import { calm, drawTrouble, explain, openKeyForm } from "./trouble.js";

const TOP = 9; // suggestions: as many as there are keys for them

const drink = new Drink();

/** Add an ingredient, and say so. The listener to the drink says so if it is excluded. */
function add(id) {
  if (drink.has(id)) {
    say(texts().already(nameOf(id)));
    return;
  }
  if (drink.isFull) {
    say(texts().full);
    return;
  }
  drink.add(id);
  if (drink.has(id)) say(texts().added(nameOf(id)));
}

function toggle(id) {
  if (!drink.has(id)) {
    add(id);
    return;
  }
  drink.remove(id);
  say(texts().removed(nameOf(id)));
}

function question(more) {
  return { ingredients: drink.ingredients, exclude: drink.excluded.filter(isKnown), ...more };
}

/** Ask what goes with the drink, and offer it. */
function suggest() {
  if (drink.isFull) {
    dismiss();
    clearOffer();
    drawState("full");
    return;
  }
  inquire(question({ top_k: TOP }), (suggestions) => {
    show(suggestions);
    const [{ id, probability }] = suggestions;
    say(texts().came(suggestions.length, nameOf(id), percent(probability)));
  });
}

function show(suggestions) {
  offer(suggestions, nameOf, add);
  byId("dock-next").textContent = suggestions.length ? texts().next(nameOf(suggestions[0].id)) : "";
}

function complete() {
  const length = Number(byId("length").value);
  inquire(question({ kind: "complete", length }), (suggestions) => {
    drink.add(...suggestions.map(({ id }) => id));
    const added = suggestions.filter(({ id }) => drink.has(id)).map(({ id }) => nameOf(id));
    if (added.length) say(texts().completed(list(added)));
  });
}

function draw() {
  drawCounter(drink);
  drawShelf(drink);
  drawSearch();
  drawExclusions(drink, nameOf);
}

/** Take the drink from the address. */
function load() {
  drawLeftOut(drink.load(isKnown));
}

/** Say which ingredients could not be added, and why. */
function drawLeftOut({ unknown = [], excluded = [] }) {
  const { leftOutUnknown, leftOutExcluded } = texts();
  const sentences = [
    unknown.length ? leftOutUnknown(unknown) : "",
    excluded.length ? leftOutExcluded(excluded.map(nameOf)) : "",
  ];
  byId("left-out").textContent = sentences.filter(Boolean).join(" ");
}

/** Speak a language: learn its names and draw everything in it. */
async function settle(wanted) {
  speak(wanted);
  const language = spoken();
  byId("main").hidden = byId("footer").hidden = false;
  for (const radio of document.getElementsByName("language")) {
    radio.checked = radio.value === language;
  }
  calm();
  try {
    const ingredients = await learn(language);
    if (language !== spoken()) return;
    fillShelf(ingredients, toggle);
    clearSearch();
  } catch (error) {
    drawState("");
    explain(error, () => settle(language));
    return;
  }
  arrive();
}

/** Go on with the drink in the address, or with the one that is here. */
function arrive() {
  byId("bench").hidden = byId("shelf").hidden = false;
  if (document.activeElement === byId("counter")) focusSuggestions();
  if (drink.isElsewhere || !offers()) {
    load();
    draw();
    suggest();
    return;
  }
  draw();
  drawState();
  drawTrouble();
  if (hasLife()) drawLife();
  show(offers());
}

function openControls() {
  byId("undo").addEventListener("click", undo);
  byId("clear").addEventListener("click", (event) => {
    if (!isEnabled(event.target)) return;
    drink.clear();
    say(texts().cleared);
  });
  byId("complete").addEventListener("submit", (event) => {
    event.preventDefault();
    complete();
  });
  byId("skip").addEventListener("click", focusSuggestions);
  for (const radio of document.getElementsByName("language")) {
    radio.addEventListener("change", () => {
      remember("language", radio.value);
      settle(radio.value);
    });
  }
}

function undo() {
  const { undone, nothingToUndo } = texts();
  say(drink.canUndo ? undone : nothingToUndo);
  drink.undo();
}

drink.addEventListener("change", ({ detail: excluded }) => {
  drawLeftOut({ excluded });
  draw();
  suggest();
});
addEventListener("storage", () => drink.refreshExclusions());
addEventListener("pageshow", () => drink.refreshExclusions());
addEventListener("hashchange", () => {
  if (!drink.isElsewhere) return;
  load();
  draw();
  suggest();
});
openControls();
openDock();
openExclusions(drink, idOf, nameOf);
openKeyForm();
openKeys(add, undo);
openSearch(drink, add, (error) => explain(error, calm));
byId("boot").remove();
const own = LANGUAGES.find((language) => navigator.language.startsWith(language));
settle(recall("language", own));
