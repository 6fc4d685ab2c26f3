// A finished drink can be shared, kept and printed, and its link copied and its picture saved.

import { cardTitle } from "./card.js";
import { byId } from "./dom.js";
import { keep } from "./keep.js";
import { nameOf } from "./names.js";
import { drawPicture } from "./picture.js";
import { texts } from "./texts.js";

/** @type {import("./drink.js").Drink} */
let drink;

function report(sentence) {
  byId("card-message").textContent = sentence;
  byId("card-message").scrollIntoView({ block: "nearest" });
}

function picture() {
  return drawPicture({
    svg: byId("card-glass").querySelector("svg"),
    definitions: byId("definitions"),
    title: cardTitle(),
    ingredients: drink.ingredients.map(nameOf).join("\u00a0· "),
  });
}

/** Offer the drink to other applications of the device, with its picture if they take one. */
async function share() {
  const file = new File([await picture()], "drink.png", { type: "image/png" });
  const link = { title: cardTitle(), url: location.href };
  const files = navigator.canShare?.({ files: [file] }) ? { files: [file] } : {};
  await navigator.share({ ...link, ...files });
}

async function copyLink() {
  await navigator.clipboard.writeText(location.href);
  report(texts().linkCopied);
}

async function savePicture() {
  const url = URL.createObjectURL(await picture());
  const link = Object.assign(document.createElement("a"), { href: url, download: "drink.png" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  report(texts().pictureSaved);
}

function keepDrink() {
  const isKept = keep(cardTitle(), drink.ingredients);
  report(isKept ? texts().kept : texts().notKept);
}

/**
 * Set up the buttons of the card.
 * @param {import("./drink.js").Drink} currentDrink
 */
export function setUpSharing(currentDrink) {
  drink = currentDrink;
  byId("share").hidden = !navigator.share;
  const actions = { share, "copy-link": copyLink, "save-picture": savePicture, keep: keepDrink };
  for (const [id, action] of Object.entries(actions)) {
    byId(id).addEventListener("click", async () => {
      try {
        await action();
      } catch (error) {
        if (error.name !== "AbortError") report(texts().notShared(location.href));
      }
    });
  }
  byId("print").addEventListener("click", () => print());
}
