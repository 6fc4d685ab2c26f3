// The drawing: a glass that fills layer by layer.

import { colourOf } from "./colours.js";
import { byId } from "./dom.js";
import { list, texts } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const BOTTOM = 285; // of the inside, in the drawing's units
const HEIGHT = 250; // of the inside
const FULLEST = 0.9;
const FIZZY = /soda|cola|tonic|sparkling|ginger-(ale|beer)|root-beer|kombucha|kvass/;
const CUBES = [
  [62, 14, -14],
  [104, 8, 11],
  [84, 44, 24],
];
const BUBBLES = [
  [72, 250, 3],
  [118, 262, 2.2],
  [94, 232, 2.6],
  [132, 240, 1.8],
  [80, 270, 2],
  [108, 215, 2.4],
];

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Return the path of a layer's surface: a wave. */
const crest = (index) => `M-10 0 Q 45 ${index % 2 ? 6 : -6} 100 0 T 210 0`;

/** Return how far up the drink reaches, from 0 to 1: each layer adds less than the one before. */
function fullness(count) {
  return count ? FULLEST * (1 - 0.68 ** (count + 0.6)) : 0;
}

const layers = new Map();

/** Make a layer that waits below the glass. */
function pour(id) {
  const layer = draw("g", { class: "layer" });
  const body = draw("path", {});
  body.style.setProperty("fill", colourOf(id));
  layer.append(body, draw("path", { class: "surface" }));
  layers.set(id, layer);
  place(layer, BOTTOM);
  return layer;
}

/** Give a layer its waves, and depth enough for no gap to open while it moves. */
function shape(layer, index, thickness) {
  const [body, surface] = layer.children;
  body.setAttribute("d", `${crest(index)} v ${thickness * 1.6 + 14} H -10 Z`);
  surface.setAttribute("d", crest(index));
}

function place(layer, y) {
  layer.style.setProperty("transform", `translateY(${y}px)`);
}

/** Fill the glass anew; a layer that stays moves to its place, a new one rises from below. */
function fill(ids) {
  const holder = byId("layers");
  for (const [id, layer] of layers) {
    if (ids.includes(id)) continue;
    layer.remove();
    layers.delete(id);
  }
  const each = (fullness(ids.length) * HEIGHT) / Math.max(ids.length, 1);
  let lower = null; // the lower a layer is, the later it is drawn
  ids.forEach((id, index) => {
    const layer = layers.get(id) ?? pour(id);
    if (layer.nextSibling !== lower || !layer.parentNode) holder.insertBefore(layer, lower);
    layer.getBoundingClientRect(); // where it is now, so that it moves from there
    shape(layer, index, each);
    place(layer, BOTTOM - each * (index + 1));
    lower = layer;
  });
  return fullness(ids.length) * HEIGHT;
}

function toggle(id, isShown, shapes) {
  const holder = byId(id);
  if (isShown && !holder.childElementCount) holder.append(...shapes());
  holder.classList.toggle("shown", isShown);
}

/**
 * Draw a drink.
 * @param {string[]} ids from the bottom
 * @param {(id: string) => string} nameOf
 */
export function drawGlass(ids, nameOf) {
  const level = fill(ids);
  place(byId("ice"), BOTTOM - level - 12);
  toggle("ice", ids.includes("ice"), () =>
    CUBES.map(([x, y, turn]) =>
      draw("rect", { x, y, width: 34, height: 34, rx: 7, transform: `rotate(${turn} ${x} ${y})` }),
    ),
  );
  const rising = BUBBLES.filter(([, y]) => y > BOTTOM - level + 8);
  byId("bubbles").replaceChildren();
  toggle("bubbles", ids.some((id) => FIZZY.test(id)), () =>
    rising.map(([cx, cy, r]) => draw("circle", { cx, cy, r })),
  );
  byId("stage").style.setProperty("--tint", ids.length ? colourOf(ids.at(-1)) : "transparent");
  const { glass, glassEmpty } = texts();
  byId("glass").setAttribute("aria-label", ids.length ? glass(list(ids.map(nameOf))) : glassEmpty);
}

/** Draw the same drink as a few stripes, for where there is no room. */
export function drawStripes(holder, ids) {
  const stops = ids.flatMap((id, index) => {
    const [from, to] = [index, index + 1].map((edge) => `${(edge / ids.length) * 100}%`);
    return [`${colourOf(id)} ${from}`, `${colourOf(id)} ${to}`];
  });
  const stripes = ids.length ? `linear-gradient(to top, ${stops.join(", ")})` : "none";
  holder.style.setProperty("background-image", stripes);
}
