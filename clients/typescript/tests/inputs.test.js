import assert from "node:assert/strict";
import { test } from "node:test";

import { withDefaults } from "../src/index.js";

test("the exclusions of an input and of its defaults add up", () => {
  const combined = withDefaults({ exclude: ["soy", "nuts"] }, { exclude: ["nuts", "eggs"] });
  assert.deepEqual(combined.exclude, ["nuts", "eggs", "soy"]);
});

for (const exclude of [undefined, null, []]) {
  test(`exclude: ${JSON.stringify(exclude)} keeps the exclusions of the defaults`, () => {
    const given = /** @type {any} */ ({ exclude });
    assert.deepEqual(withDefaults(given, { exclude: ["nuts"] }), { exclude: ["nuts"] });
  });
}

test("a field of an input replaces its default, and null or undefined does not", () => {
  const input = /** @type {any} */ ({
    ingredients: ["milk"],
    top_k: 0,
    only: null,
    novelty: undefined,
  });
  const defaults = { ingredients: ["tea"], top_k: 7, only: ["ice"], novelty: 0.5 };
  assert.deepEqual(withDefaults(input, defaults), {
    ingredients: ["milk"],
    top_k: 0,
    only: ["ice"],
    novelty: 0.5,
  });
});

test("an input gets no field that its kind lacks, and no ingredients", () => {
  const defaults = { ingredients: ["tea"], length: 4, top_k: 2, because: true };
  assert.deepEqual(withDefaults({}, defaults), { top_k: 2, because: true });
  assert.deepEqual(withDefaults({ kind: "complete" }, defaults), { kind: "complete", length: 4 });
  assert.deepEqual(withDefaults({ kind: "similar" }, { top_k: 2 }), { kind: "similar", top_k: 2 });
});

for (const exclude of ["nuts", new Set(["nuts"]), { nuts: true }]) {
  test(`exclude as a ${exclude.constructor.name} is refused, because it may be an allergy`, () => {
    const given = /** @type {any} */ ({ exclude });
    assert.throws(() => withDefaults(given, {}), TypeError);
    assert.throws(() => withDefaults({}, given), TypeError);
  });
}
