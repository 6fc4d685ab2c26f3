// The page's entry point: connects its parts.

import { clearAlert, drawAlert, setUpKeyForm, showAlert } from "./alerts.js";
import { byId, isEnabled, say } from "./dom.js";
import { Drink } from "./drink.js";
import { drawDrinkPanel, setUpDock } from "./drink_panel.js";
import { clearExclusionError, drawExclusions, setUpExclusions } from "./exclusions.js";
import { drawGroupToggles, fillGroupToggles } from "./group_toggles.js";
import { isGroup, learnGroups } from "./groups.js";
import { idOf, isKnown, learnNames, nameOf } from "./names.js";
import { currentNovelty, drawNovelty, setUpNovelty } from "./novelty.js";
import { cancelRequest, drawState, request } from "./requests.js";
import { clearSearch, drawSearch, setUpSearch } from "./search.js";
import { drawShelf, fillShelf } from "./shelf.js";
import { setUpShortcuts } from "./shortcuts.js";
import { loadSetting, saveSetting } from "./storage.js";
import {
  clearSuggestions,
  currentSuggestions,
  drawSuggestions,
  focusSuggestions,
} from "./suggestions.js";
import { LANGUAGES, currentLanguage, percent, setLanguage, texts } from "./texts.js";
import { drawTimeline, hasTimeline } from "./timeline.js";

const SUGGESTIONS = 9; // one for each of the keys 1 to 9

const drink = new Drink();
/** @type {{unknown?: string[], excluded?: string[]}} wanted ids that are not in the drink */
let leftOut = {};

/** Add an ingredient and announce it. If it is excluded, the listener to the drink says so. */
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

/** The API refuses a group that its model lacks, but an ingredient that it lacks is no danger. */
function requestBody(options) {
  const exclude = drink.excluded.filter((key) => isGroup(key) || isKnown(key));
  return { ingredients: drink.ingredients, exclude, novelty: currentNovelty(), ...options };
}

/** Request suggestions for the drink and show them. */
function suggest() {
  if (drink.isFull) {
    cancelRequest();
    clearSuggestions();
    drawState("full");
    return;
  }
  request(requestBody({ top_k: SUGGESTIONS }), (suggestions) => {
    show(suggestions);
    const [{ id, probability }] = suggestions;
    say(texts().suggestionsReady(suggestions.length, nameOf(id), percent(probability)));
  });
}

function show(suggestions) {
  drawSuggestions(suggestions, nameOf, add);
  byId("dock-next").textContent = suggestions.length ? texts().next(nameOf(suggestions[0].id)) : "";
}

function complete() {
  if (drink.isFull) {
    say(texts().full);
    return;
  }
  request(requestBody({ kind: "complete" }), (suggestions) => {
    drink.add(...suggestions.map(({ id }) => id));
    const added = suggestions.filter(({ id }) => drink.has(id)).map(({ id }) => nameOf(id));
    if (added.length) say(texts().completed(added));
  });
}

function draw() {
  drawDrinkPanel(drink);
  drawShelf(drink);
  drawSearch();
  drawExclusions(drink, nameOf);
  drawGroupToggles(drink);
  drawNovelty();
}

/** Load the drink from the address, draw it and request suggestions. */
function load() {
  drawLeftOut(drink.load(isKnown));
  draw();
  suggest();
}

/** Show which ingredients are not in the drink although they were wanted, and why. */
function drawLeftOut(ids = leftOut) {
  leftOut = ids;
  const { unknown = [], excluded = [] } = ids;
  const { leftOutUnknown, leftOutExcluded } = texts();
  const sentences = [
    unknown.length ? leftOutUnknown(unknown) : "",
    excluded.length ? leftOutExcluded(excluded.map(nameOf)) : "",
  ];
  byId("left-out").textContent = sentences.filter(Boolean).join(" ");
}

/** Change the page's language: fetch the names in it and draw everything again. */
async function switchLanguage(wanted) {
  setLanguage(wanted);
  const language = currentLanguage();
  byId("main").hidden = byId("footer").hidden = false;
  for (const radio of document.getElementsByName("language")) {
    radio.checked = radio.value === language;
  }
  clearAlert();
  clearExclusionError();
  try {
    const ingredients = await learnNames(language);
    if (!ingredients) return;
    learnGroups(ingredients);
    fillShelf(ingredients, toggle);
    fillGroupToggles(drink);
    clearSearch();
  } catch (error) {
    drawState("");
    showAlert(error, () => switchLanguage(language));
    return;
  }
  drawInNewLanguage();
}

/** Load the drink from the address unless it is the current one, and draw everything. */
function drawInNewLanguage() {
  byId("builder").hidden = byId("shelf").hidden = false;
  if (document.activeElement === byId("drink-panel")) focusSuggestions();
  const suggestions = currentSuggestions();
  if (drink.differsFromAddress || !suggestions) {
    load();
    return;
  }
  draw();
  drawLeftOut();
  drawState();
  drawAlert();
  if (hasTimeline()) drawTimeline();
  show(suggestions);
}

function setUpControls() {
  byId("undo").addEventListener("click", undo);
  byId("clear").addEventListener("click", (event) => {
    if (!isEnabled(event.target)) return;
    drink.clear();
    say(texts().cleared);
  });
  byId("complete").addEventListener("click", complete);
  byId("skip").addEventListener("click", focusSuggestions);
  for (const radio of document.getElementsByName("language")) {
    radio.addEventListener("change", () => {
      saveSetting("language", radio.value);
      switchLanguage(radio.value);
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
addEventListener("hashchange", () => {
  if (drink.differsFromAddress) load();
});
addEventListener("storage", () => drink.refreshExclusions());
addEventListener("pageshow", () => drink.refreshExclusions()); // from the back-forward cache
setUpControls();
setUpDock();
setUpExclusions(drink, idOf, nameOf);
setUpKeyForm();
setUpNovelty(suggest);
setUpShortcuts(add, undo);
setUpSearch(drink, add, (error) => showAlert(error, clearAlert));
byId("load-error").remove();
const browserLanguage = LANGUAGES.find((language) => navigator.language.startsWith(language));
switchLanguage(loadSetting("language", browserLanguage));
