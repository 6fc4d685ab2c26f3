// What is in, on and at a glass besides its layers: ice, bubbles, pieces, dust, foam and garnish.

import { BOTTOM, RIM, halfWidth } from "./glass_shape.js";
import { draw, scatter } from "./svg.js";

const CUBES = [
  [54, -10, -12],
  [98, -14, 10],
  [78, 24, 22],
];
const RIM_PLACES = [162, 38, 132, 68, 100];
const SPECKS = 14;
const MANY_DUSTS = 6;

const circle = (cx, cy, r, more = {}) => draw("circle", { cx, cy, r, ...more });

/** Draw ice cubes that float at the surface. */
export function iceCubes(surface) {
  const level = Math.min(surface, BOTTOM - 56); // on the bottom of an empty glass
  return CUBES.map(([x, y, turn]) => {
    const top = Math.max(level + y, RIM + 4);
    const transform = `rotate(${turn} ${x + 17} ${top + 17})`;
    return draw("rect", { class: "cube", x, y: top, width: 34, height: 34, rx: 7, transform });
  });
}

/** Draw bubbles between the bottom and the surface. */
export function bubbles(surface) {
  const next = scatter(3);
  return Array.from({ length: 14 }, () => {
    const y = BOTTOM - 10 - next() * (BOTTOM - surface - 24);
    const x = 100 + (next() * 2 - 1) * (halfWidth(y) - 10);
    return circle(x, y, 1.4 + next() * 2);
  });
}

/** Draw pieces that sink to the bottom. */
export function pieces(looks) {
  return looks.flatMap(({ colour }, index) => {
    const next = scatter(index + 11);
    return Array.from({ length: 9 }, (_, place) => {
      const x = 58 + ((place * 2 + index) % 9) * 10.5 + next() * 4;
      const y = BOTTOM - 12 - (place % 2) * 11 - (index % 3) * 12 - next() * 3;
      return circle(x, y, 6, { class: "piece", fill: colour });
    });
  });
}

/** Draw powders as specks at the surface; each is a pinch, not a layer. */
export function dust(looks, surface) {
  const count = looks.length > MANY_DUSTS ? SPECKS / 2 : SPECKS;
  const depth = Math.min(30, Math.max(BOTTOM - surface - 6, 8));
  const top = Math.min(surface, BOTTOM - 16);
  return looks.flatMap(({ colour }, index) => {
    const next = scatter(index + 29);
    return Array.from({ length: count }, () => {
      const y = top - 3 + next() ** 1.6 * depth;
      const x = 100 + (next() * 2 - 1) * (halfWidth(y) - 6);
      return circle(x, y, 1 + next() * 1.2, { class: "speck", fill: colour });
    });
  });
}

/** Draw balls of ice cream that float at the surface. */
export function scoops(looks, surface) {
  return looks.slice(0, 3).flatMap(({ colour }, index, all) => {
    const x = 100 + (index - (all.length - 1) / 2) * 34;
    const y = surface - 8 - (index % 2) * 8;
    const gleam = draw("ellipse", { class: "shine", cx: x - 9, cy: y - 12, rx: 8, ry: 5 });
    return [circle(x, y, 29, { class: "ball", fill: colour }), gleam];
  });
}

/** Draw foam as a soft dome on the surface. */
export function foam(looks, surface) {
  return looks.slice(0, 3).flatMap(({ colour }, index) => {
    const base = surface + 2 - index * 16;
    const width = halfWidth(base) - 1 - index * 12;
    const puffs = [-0.64, -0.24, 0.24, 0.64].map((side, place) => {
      const rise = place % 3 ? 16 : 9;
      return circle(100 + side * width, base - rise, width * 0.34, { fill: colour });
    });
    const size = { x: 100 - width, y: base - 16, width: 2 * width, height: 20, rx: 10 };
    return [draw("g", { class: "puff" }, draw("rect", { ...size, fill: colour }), ...puffs)];
  });
}

/** Draw garnish on the rim of the glass. */
export function garnish(looks) {
  return looks.slice(0, RIM_PLACES.length).map(({ shelf, colour }, index) => {
    const x = RIM_PLACES[index];
    const turn = (x - 100) / 4;
    const shape = { herb: sprig, berry, spice: star }[shelf] ?? slice;
    const transform = `translate(${x} ${RIM}) rotate(${turn})`;
    return draw("g", { class: "garnish", transform }, ...shape(colour));
  });
}

function slice(colour) {
  const segments = Array.from({ length: 6 }, (_, index) =>
    draw("path", { class: "segment", d: "M0 0 V-15", transform: `rotate(${index * 60})` }),
  );
  return [
    circle(0, -4, 20, { class: "peel", fill: colour }),
    draw(
      "g",
      { transform: "translate(0 -4)" },
      circle(0, 0, 16, { class: "flesh", fill: colour }),
      ...segments,
    ),
  ];
}

function berry(colour) {
  return [
    draw("path", { class: "stem", d: "M0 -14 Q4 -30 14 -36" }),
    circle(0, -4, 12, { class: "fruit", fill: colour }),
    draw("ellipse", { class: "shine", cx: -4, cy: -8, rx: 3.5, ry: 2.4 }),
  ];
}

function sprig(colour) {
  const leaf = "M0 0 C-9 -8 -7 -22 0 -28 C7 -22 9 -8 0 0";
  const leaves = [-58, 58, -22, 24].map((turn, index) =>
    draw("path", {
      class: "leaf",
      d: leaf,
      fill: colour,
      transform: `translate(0 ${index < 2 ? -2 : -10}) rotate(${turn}) scale(${index < 2 ? 0.85 : 1})`,
    }),
  );
  return [draw("path", { class: "stem", d: "M0 16 V-12" }), ...leaves];
}

function star(colour) {
  const petals = Array.from({ length: 8 }, (_, index) =>
    draw("ellipse", { cx: 0, cy: -10, rx: 3.4, ry: 8, transform: `rotate(${index * 45})` }),
  );
  return [draw("g", { fill: colour, transform: "translate(0 -6)" }, ...petals)];
}
