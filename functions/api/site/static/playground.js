// For developers: the same request as curl, Python, TypeScript and JSON, and the raw result.

import { byId, say } from "./dom.js";
import { SNIPPETS } from "./snippets.js";
import { apiKey } from "./storage.js";
import { texts } from "./texts.js";

/** @type {object | null} what the page asked last, as POST /api/process takes it */
let body = null;
/** @type {object | null} */
let result = null;
let language = "curl";

/** Show a request; the API key is never part of it. */
export function showRequest(drink) {
  body = drink;
  draw();
}

/** Show a final result. */
export function showRaw(task) {
  result = task;
  draw();
}

/** Draw the code, if the part of the page is open. */
function draw() {
  if (!byId("playground").open || !body) return;
  const url = new URL(".", location.href).href.replace(/\/$/, "");
  byId("snippet").textContent = SNIPPETS[language](body, { url, hasKey: Boolean(apiKey()) });
  byId("raw").textContent = JSON.stringify(result, null, 2);
  for (const button of byId("snippet-tabs").children) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText(byId("snippet").textContent);
    byId("snippet-message").textContent = texts().codeCopied;
  } catch {
    getSelection().selectAllChildren(byId("snippet"));
    byId("snippet-message").textContent = texts().codeSelected;
  }
  say(byId("snippet-message").textContent);
}

/** Set up the tabs and the button that copies the code. */
export function setUpPlayground() {
  byId("playground").addEventListener("toggle", draw);
  byId("copy-code").addEventListener("click", copy);
  byId("snippet-tabs").addEventListener("click", ({ target }) => {
    if (!target.dataset.language) return;
    language = target.dataset.language;
    byId("snippet-message").textContent = "";
    draw();
  });
}
