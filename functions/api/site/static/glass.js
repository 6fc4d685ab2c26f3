// The drawing of a glass: layers by colour, and what is in, on and at it.

import { byId, nextTask } from "./dom.js";
import * as parts from "./glass_parts.js";
import { BOTTOM, RIM, VIEW, halfWidth, isLayer, measure } from "./glass_shape.js";
import { colourOf, lookOf } from "./looks.js";
import { draw } from "./svg.js";
import { texts } from "./texts.js";

const INSIDE = "M26 24 H174 L158 290 H42 Z";
const GROUPS_INSIDE = ["scoops", "layers", "pieces", "top", "ice", "foam", "bubbles", "dust"];

/** A glass in an SVG element, which it fills. */
export class Glass {
  #layers = new Map();
  #groups = new Map();
  #garnish = draw("g", { class: "garnishes" });
  #svg;

  /** @param {SVGElement} svg */
  constructor(svg) {
    this.#svg = svg;
    for (const name of GROUPS_INSIDE) this.#groups.set(name, draw("g", { class: name }));
    svg.setAttribute("viewBox", VIEW);
    svg.append(
      draw("ellipse", { class: "shadow", cx: 100, cy: 304, rx: 70, ry: 8 }),
      draw("path", { class: "body", d: "M26 24 H174 L159 284 Q158 301 100 302 Q42 301 41 284 Z" }),
      draw(
        "g",
        { "clip-path": "url(#inside)" },
        ...this.#groups.values(),
        draw("path", { fill: "url(#shine)", d: INSIDE }),
      ),
      draw("path", { class: "edge", d: "M26 24 L41 284 Q42 301 100 302 Q158 301 159 284 L174 24" }),
      draw("ellipse", { class: "mouth", cx: 100, cy: RIM, rx: 74, ry: 8 }),
      draw("path", { class: "gleam", d: "M46 56 L56 240" }),
      this.#garnish,
    );
  }

  /**
   * Draw a drink.
   * @param {string[]} ids from bottom to top
   */
  draw(ids) {
    const looks = ids.map(lookOf);
    const of = (...forms) => looks.filter(({ form }) => forms.includes(form));
    const { surface, thickness } = measure(looks.map(({ form }) => form));
    const layers = ids.filter((id) => isLayer(lookOf(id).form));
    this.#drawLayers(layers, thickness);
    this.#drawTop(layers, surface);
    this.#fill("pieces", parts.pieces(of("pieces")));
    this.#fill("ice", of("ice").length ? parts.iceCubes(surface) : []);
    this.#fill("bubbles", of("fizz").length ? parts.bubbles(surface) : []);
    this.#fill("dust", parts.dust(of("dust"), surface));
    this.#fill("scoops", parts.scoops(of("scoop"), surface));
    this.#fill("foam", parts.foam(of("foam"), surface));
    this.#garnish.replaceChildren(...parts.garnish(of("garnish")));
  }

  #fill(name, shapes) {
    this.#groups.get(name).replaceChildren(...shapes);
  }

  /** Move the layers; new ones rise from the bottom. */
  #drawLayers(ids, thickness) {
    const holder = this.#groups.get("layers");
    for (const [id, layer] of this.#layers) {
      if (ids.includes(id)) continue;
      layer.remove();
      this.#layers.delete(id);
    }
    let lower = null; // lower layers are drawn later
    let level = BOTTOM;
    ids.forEach((id, index) => {
      const layer = this.#layers.get(id) ?? this.#makeLayer(id);
      if (layer.nextSibling !== lower || !layer.parentNode) {
        holder.insertBefore(layer, lower);
        layer.getBoundingClientRect(); // makes the browser animate from the current position
      }
      level -= thickness[index];
      layer.firstChild.setAttribute("d", shape(index, thickness[index]));
      moveTo(layer, level);
      lower = layer;
    });
  }

  #makeLayer(id) {
    const layer = draw("g", { class: "layer" }, draw("path", { fill: colourOf(id) }));
    this.#layers.set(id, layer);
    moveTo(layer, BOTTOM);
    return layer;
  }

  /** Draw the surface, which is seen from above. */
  #drawTop(ids, surface) {
    const holder = this.#groups.get("top");
    if (!holder.childElementCount) {
      holder.append(...["liquid", "surface"].map((name) => draw("ellipse", { class: name })));
    }
    for (const ellipse of ids.length ? holder.children : []) {
      ellipse.setAttribute("cx", 100);
      ellipse.setAttribute("rx", halfWidth(surface));
      ellipse.setAttribute("ry", 6);
      moveTo(ellipse, surface);
    }
    if (ids.length) holder.firstChild.setAttribute("fill", colourOf(ids.at(-1)));
    else holder.replaceChildren();
  }

  /** Show for a moment how an ingredient is poured. */
  pour(id) {
    if (!isLayer(lookOf(id).form) || matchMedia("(prefers-reduced-motion)").matches) return;
    const stream = draw("rect", { class: "stream", x: 96, y: -38, width: 8, height: 300, rx: 4 });
    stream.setAttribute("fill", colourOf(id));
    stream.addEventListener("animationend", () => stream.remove());
    this.#svg.insertBefore(stream, this.#svg.querySelector("[clip-path]"));
  }
}

/** Return the path of a layer with a wavy top, deep enough that no gap opens while layers move. */
function shape(index, thickness) {
  const swell = Math.min(5, thickness * 0.3) * (index % 2 ? 1 : -1);
  return `M-10 0 Q 45 ${swell} 100 0 T 210 0 v ${thickness * 1.6 + 14} H -10 Z`;
}

function moveTo(element, y) {
  element.style.setProperty("transform", `translateY(${y}px)`);
}

let glass;
let shown = [];

/** Draw the drink in the page's glass. */
export function drawGlass(ids, nameOf) {
  const isFirst = !glass;
  glass ??= new Glass(byId("glass"));
  glass.draw(ids);
  const added = ids.filter((id) => !shown.includes(id));
  if (added.length === 1 && !isFirst) glass.pour(added[0]);
  shown = ids;
  const top = ids.findLast((id) => isLayer(lookOf(id).form));
  byId("glass-box").style.setProperty("--tint", top ? colourOf(top) : "transparent");
  const { glass: label, glassEmpty } = texts();
  byId("glass").setAttribute("aria-label", ids.length ? label(ids.map(nameOf)) : glassEmpty);
}

const smallPicture = () => draw("svg", { class: "small-glass", "aria-hidden": "true" });

/** Return a picture of a drink. */
export function smallGlass(ids) {
  const svg = smallPicture();
  new Glass(svg).draw(ids);
  return svg;
}

/** Return an empty picture, which is replaced by that of a drink in a task of its own. */
export function smallGlassSoon(ids) {
  const empty = smallPicture();
  nextTask().then(() => empty.replaceWith(smallGlass(ids)));
  return empty;
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
