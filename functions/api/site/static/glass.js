// The drawing of a glass with one layer for each ingredient.

import { colourOf } from "./colours.js";
import { byId } from "./dom.js";
import { texts } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
// The inside of the glass, in SVG units.
const BOTTOM = 285;
const HEIGHT = 250;
const MAX_FILL = 0.9;
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

/** Return the path of a layer's surface, a wave. */
const wave = (index) => `M-10 0 Q 45 ${index % 2 ? 6 : -6} 100 0 T 210 0`;

/** Return the level of the drink from 0 to 1. Each layer adds less than the one before. */
function fillLevel(count) {
  return count ? MAX_FILL * (1 - 0.68 ** (count + 0.6)) : 0;
}

const layers = new Map();

/** Make a layer below the glass, from where it will rise. */
function makeLayer(id) {
  const layer = draw("g", { class: "layer" });
  const body = draw("path", {});
  body.style.setProperty("fill", colourOf(id));
  layer.append(body, draw("path", { class: "surface" }));
  layers.set(id, layer);
  moveTo(layer, BOTTOM);
  return layer;
}

/** Set a layer's shape, deep enough that no gap opens while the layers move. */
function shape(layer, index, thickness) {
  const [body, surface] = layer.children;
  body.setAttribute("d", `${wave(index)} v ${thickness * 1.6 + 14} H -10 Z`);
  surface.setAttribute("d", wave(index));
}

function moveTo(layer, y) {
  layer.style.setProperty("transform", `translateY(${y}px)`);
}

/** Update the layers: existing ones move, new ones rise from below. Return the height. */
function updateLayers(ids) {
  const holder = byId("layers");
  for (const [id, layer] of layers) {
    if (ids.includes(id)) continue;
    layer.remove();
    layers.delete(id);
  }
  const thickness = (fillLevel(ids.length) * HEIGHT) / Math.max(ids.length, 1);
  let lower = null; // lower layers are drawn later
  ids.forEach((id, index) => {
    const layer = layers.get(id) ?? makeLayer(id);
    if (layer.nextSibling !== lower || !layer.parentNode) holder.insertBefore(layer, lower);
    layer.getBoundingClientRect(); // makes the browser animate from the current position
    shape(layer, index, thickness);
    moveTo(layer, BOTTOM - thickness * (index + 1));
    lower = layer;
  });
  return fillLevel(ids.length) * HEIGHT;
}

function toggle(id, isShown, shapes) {
  const holder = byId(id);
  if (isShown && !holder.childElementCount) holder.append(...shapes());
  holder.classList.toggle("shown", isShown);
}

/**
 * Draw a drink.
 * @param {string[]} ids from bottom to top
 * @param {(id: string) => string} nameOf
 */
export function drawGlass(ids, nameOf) {
  const height = updateLayers(ids);
  moveTo(byId("ice"), BOTTOM - height - 12);
  toggle("ice", ids.includes("ice"), () =>
    CUBES.map(([x, y, turn]) =>
      draw("rect", { x, y, width: 34, height: 34, rx: 7, transform: `rotate(${turn} ${x} ${y})` }),
    ),
  );
  const rising = BUBBLES.filter(([, y]) => y > BOTTOM - height + 8);
  byId("bubbles").replaceChildren();
  toggle("bubbles", ids.some((id) => FIZZY.test(id)), () =>
    rising.map(([cx, cy, r]) => draw("circle", { cx, cy, r })),
  );
  byId("glass-box").style.setProperty("--tint", ids.length ? colourOf(ids.at(-1)) : "transparent");
  const { glass, glassEmpty } = texts();
  byId("glass").setAttribute("aria-label", ids.length ? glass(ids.map(nameOf)) : glassEmpty);
}

/** Draw a drink as stripes, for a place without room for a glass. */
export function drawStripes(holder, ids) {
  const stops = ids.flatMap((id, index) => {
    const [from, to] = [index, index + 1].map((edge) => `${(edge / ids.length) * 100}%`);
    return [`${colourOf(id)} ${from}`, `${colourOf(id)} ${to}`];
  });
  const stripes = ids.length ? `linear-gradient(to top, ${stops.join(", ")})` : "none";
  holder.style.setProperty("background-image", stripes);
}
