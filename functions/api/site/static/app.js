// The page's entry point: connects its parts.

import { add, redo, setUpActions, toggle, undo } from "./actions.js";
import { clearAlert, drawAlert, setUpKeyForm, showAlert } from "./alerts.js";
import { setUpCard } from "./card.js";
import { byId, nextTask, say } from "./dom.js";
import { Drink } from "./drink.js";
import { drawDrinkPanel, setUpDock } from "./drink_panel.js";
import {
  allowButtons,
  clearExclusionError,
  drawExclusions,
  setUpExclusions,
} from "./exclusions.js";
import { drawGroupToggles, fillGroupToggles } from "./group_toggles.js";
import { isGroup, learnGroups } from "./groups.js";
import { drawKept } from "./keep.js";
import { learnLooks } from "./looks.js";
import { isKnown, learnNames, nameOf } from "./names.js";
import { currentNovelty, drawNovelty, setUpNovelty } from "./novelty.js";
import { setUpPlayground } from "./playground.js";
import { setUpRecipe } from "./recipe.js";
import { afterFailure, isPassing, setUpRecovery, stopRetrying } from "./recovery.js";
import { cancelRequest, drawState, request } from "./requests.js";
import { clearSearch, drawSearch, repeatSearch, setUpSearch } from "./search.js";
import { fillShelf, setUpShelf } from "./shelf.js";
import { setUpSharing } from "./sharing.js";
import { setUpShortcuts } from "./shortcuts.js";
import { drawStarts } from "./starts.js";
import { loadSetting, saveSetting } from "./storage.js";
import {
  clearSuggestions,
  currentSuggestions,
  drawSuggestions,
  focusSuggestions,
} from "./suggestions.js";
import { LANGUAGES, currentLanguage, percent, setLanguage, texts } from "./texts.js";
import { drawTimeline, setUpTimeline } from "./timeline.js";

const SUGGESTIONS = 9; // one for each of the keys 1 to 9

const drink = new Drink();
/** @type {{unknown?: string[], excluded?: string[]}} wanted ids that are not in the drink */
let leftOut = {};

/** The API refuses a group that its model lacks, but an ingredient that it lacks is no danger. */
function bodyOf(ingredients, options) {
  const keys = [...new Set([...drink.excluded, ...drink.without])];
  const exclude = keys.filter((key) => isGroup(key) || isKnown(key));
  return { ingredients, exclude, ...options };
}

const requestBody = (options) =>
  bodyOf(drink.ingredients, { novelty: currentNovelty(), ...options });

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

function draw() {
  drawDrinkPanel(drink);
  drawStarts(drink);
  drawKept(drink);
  drawSearch();
  drawExclusions(drink);
  drawGroupToggles(drink);
  drawNovelty();
}

/** Load the drink from the address, request suggestions and draw it. */
async function load() {
  drawLeftOut(drink.load(isKnown));
  suggest();
  await nextTask();
  draw();
}

/** Show which ingredients are not in the drink although they were wanted, and why. */
function drawLeftOut(ids = leftOut) {
  leftOut = ids;
  const { unknown = [], excluded = [] } = ids;
  const { leftOutUnknown, leftOutExcluded } = texts();
  const refused = excluded.length ? leftOutExcluded(excluded.map(nameOf)) : "";
  const sentences = [unknown.length ? leftOutUnknown(unknown) : "", refused];
  byId("left-out").textContent = sentences.filter(Boolean).join(" ");
  byId("excluded-note").textContent = refused; // where the user excludes it
  const buttons = allowButtons(drink, excluded, byId("drink-title"));
  byId("left-out-allow").replaceChildren(...buttons);
}

/** Change the page's language: fetch the names in it and draw everything again. */
async function switchLanguage(wanted) {
  setLanguage(wanted);
  const language = currentLanguage();
  byId("main").hidden = false;
  for (const radio of document.getElementsByName("language")) {
    radio.checked = radio.value === language;
  }
  stopRetrying();
  clearExclusionError();
  try {
    const ingredients = await learnNames(language);
    if (!ingredients) return;
    clearAlert();
    learnGroups(ingredients);
    learnLooks(ingredients);
    fillShelf(ingredients, toggle, clearSearch);
    fillGroupToggles(drink);
    repeatSearch();
  } catch (error) {
    const retry = () => switchLanguage(language);
    drawState("");
    showAlert(error, retry, { isRepeated: isPassing(error) });
    if (isPassing(error)) afterFailure(retry);
    return;
  }
  await nextTask();
  drawInNewLanguage();
}

/** Load the drink from the address unless it is the current one, and draw everything. */
function drawInNewLanguage() {
  byId("builder").hidden = byId("shelf").hidden = byId("footer").hidden = false;
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
  drawTimeline();
  show(suggestions);
}

function setUpControls() {
  byId("skip").addEventListener("click", focusSuggestions);
  for (const radio of document.getElementsByName("language")) {
    radio.addEventListener("change", () => {
      saveSetting("language", radio.value);
      switchLanguage(radio.value);
    });
  }
}

drink.addEventListener("change", ({ detail: excluded }) => {
  drawLeftOut({ excluded });
  suggest(); // first, because the answer takes longer than the drawing
  draw();
});
addEventListener("hashchange", () => {
  if (drink.differsFromAddress) load();
});
addEventListener("storage", () => drink.refreshExclusions());
addEventListener("pageshow", () => drink.refreshExclusions()); // from the back-forward cache
setUpActions(drink, requestBody);
setUpControls();
setUpDock();
setUpExclusions(drink);
setUpKeyForm();
setUpNovelty(suggest);
setUpRecipe(drink, (error) => showAlert(error, clearAlert));
setUpCard(drink, bodyOf);
setUpSharing(drink);
setUpPlayground();
setUpTimeline();
setUpRecovery();
setUpShelf();
setUpShortcuts(add, undo, redo);
setUpSearch(drink, add, (error) => showAlert(error, clearAlert));
byId("load-error").remove();
const browserLanguage = LANGUAGES.find((language) => navigator.language.startsWith(language));
switchLanguage(loadSetting("language", browserLanguage));
