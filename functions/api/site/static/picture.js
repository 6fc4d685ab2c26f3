// A picture of the card, drawn in the browser.

const WIDTH = 1080;
const HEIGHT = 1350;
const GLASS = { x: 290, y: 150, width: 500, height: 767 };
const PAPER = "#f7f1e8";
const INK = "#2c211c";
const SOFT = "#6b5a50";
const ACCENT = "#a12f4b";
const SERIF = '"Iowan Old Style", Palatino, "Noto Serif", "Liberation Serif", Georgia, serif';
const SANS = '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';
const PROPERTIES = ["fill", "stroke", "stroke-width", "stroke-linecap", "opacity", "stop-color"];

/** Return a copy of a drawing that looks the same without the page's style sheets. */
function standalone(svg, definitions) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  copies.forEach((each, index) => copyStyle(originals[index], each));
  const found = definitions.cloneNode(true);
  const stops = definitions.querySelectorAll("*");
  found.querySelectorAll("*").forEach((each, index) => copyStyle(stops[index], each));
  copy.prepend(...found.childNodes);
  copy.setAttribute("width", GLASS.width);
  copy.setAttribute("height", GLASS.height);
  return new XMLSerializer().serializeToString(copy);
}

function copyStyle(from, to) {
  const style = getComputedStyle(from);
  for (const name of PROPERTIES) to.setAttribute(name, style.getPropertyValue(name));
  const { transform } = from.style;
  if (transform)
    to.setAttribute(
      "transform",
      transform.replaceAll("px", "").replace("translateY(", "translate(0,"),
    );
  to.removeAttribute("style");
}

function load(source) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("The drawing cannot be loaded."));
    image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
  });
}

/** Write text in the middle, on as many lines as it needs, and return the next free height. */
function write(context, text, y, { font, colour, lineHeight, maxLines }) {
  context.font = font;
  context.fillStyle = colour;
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (context.measureText(longer).width < WIDTH - 160) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const shown = lines.slice(0, maxLines);
  if (lines.length > maxLines) shown[maxLines - 1] += " …";
  shown.forEach((line, index) => context.fillText(line, WIDTH / 2, y + index * lineHeight));
  return y + shown.length * lineHeight;
}

/**
 * Draw the card as a PNG.
 * @param {{svg: SVGElement, definitions: SVGElement, title: string, ingredients: string}} card
 * @returns {Promise<Blob>}
 */
export async function drawPicture({ svg, definitions, title, ingredients }) {
  const glass = await load(standalone(svg, definitions));
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d");
  context.fillStyle = PAPER;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.textAlign = "center";
  write(context, "Barback", 110, {
    font: `600 44px ${SERIF}`,
    colour: ACCENT,
    lineHeight: 50,
    maxLines: 1,
  });
  context.drawImage(glass, GLASS.x, GLASS.y, GLASS.width, GLASS.height);
  const heading = { font: `600 68px ${SERIF}`, colour: INK, lineHeight: 78, maxLines: 2 };
  const next = write(context, title, 1010, heading);
  write(context, ingredients, next + 10, {
    font: `34px ${SANS}`,
    colour: SOFT,
    lineHeight: 48,
    maxLines: 4,
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
