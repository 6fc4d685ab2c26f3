// The shape of the glass, and how high the layers of a drink are in it. All sizes are in SVG units.

export const VIEW = "-16 -40 232 356";
export const RIM = 24;
export const BOTTOM = 285;
const INNER_TOP = 30;
const HEIGHT = 250;
const MAX_FILL = 0.88;
const [WIDE, NARROW] = [68, 55]; // half the width at the rim and at the bottom
/** @type {Record<string, number>} the volume of each form; the others add none */
const VOLUMES = { liquid: 1, fizz: 1, puree: 0.55, syrup: 0.3, scoop: 0.2, ice: 0.35 };
const LAYERS = new Set(["liquid", "fizz", "puree", "syrup"]);

/** Whether an ingredient of this form is a layer of the drink. */
export const isLayer = (form) => LAYERS.has(form);

/** Return half the inner width at a height. */
export function halfWidth(y) {
  const depth = Math.min(Math.max((y - INNER_TOP) / (BOTTOM - INNER_TOP), 0), 1);
  return WIDE - (WIDE - NARROW) * depth;
}

/**
 * Return where the surface of the drink is, and the thickness of each layer from the bottom. The
 * glass never overflows, because each unit of volume adds less than the one before.
 * @param {string[]} forms the form of each ingredient
 */
export function measure(forms) {
  const total = forms.reduce((sum, form) => sum + (VOLUMES[form] ?? 0), 0);
  const layers = forms.filter(isLayer).map((form) => VOLUMES[form]);
  const height = layers.length ? MAX_FILL * HEIGHT * (1 - 0.55 ** (total + 0.6)) : 0;
  const volume = layers.reduce((sum, part) => sum + part, 0);
  return {
    surface: BOTTOM - height,
    thickness: layers.map((part) => (height * part) / volume),
  };
}
