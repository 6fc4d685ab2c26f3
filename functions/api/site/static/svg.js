// Helpers for drawings.

const SVG = "http://www.w3.org/2000/svg";

/** Make an SVG element with attributes and children. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Return a function that returns numbers from 0 to 1, the same ones for the same seed. */
export function scatter(seed) {
  let state = (seed + 1) * 7919;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
