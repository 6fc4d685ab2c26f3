/**
 * The types of the client against the description of a running service, and its methods against
 * those of the Python client, whose own test compares them with the description.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as barback from "../src/index.js";
import { pythonClient } from "./python_client.js";
import { declarations } from "./schemas.js";
import { startStack } from "./stack.js";

/** @import { Options } from "./python_client.js" */

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("../", import.meta.url));

/**
 * The types of responses, and the schemas that have their fields. The client replaces the values of
 * some fields by others.
 * @type {Record<string, {schemas: string[], without?: string[], extra?: string[], replaced?: string[]}>}
 */
const RESPONSES = {
  Task: { schemas: ["TaskStatus"], without: ["result"] },
  Result: { schemas: ["TaskResult", "UnfinishedTask"], replaced: ["parts"] },
  Batch: { schemas: ["BatchResult"], replaced: ["results"] },
  CancelledBatch: { schemas: ["CancelledBatch"] },
  ListedTask: { schemas: ["ListedTask"], without: ["url_result"] },
  Delivery: { schemas: ["DeliveryView"] },
  Attempt: { schemas: ["AttemptView"] },
  Suggestion: { schemas: ["TaskOutput.SuggestionView"] },
  Because: { schemas: ["TaskOutput.BecauseView"] },
  KnownDrink: { schemas: ["TaskOutput.KnownDrinkView"] },
  Understood: { schemas: ["TaskOutput.Understood"] },
  IngredientInText: { schemas: ["TaskOutput.IngredientInText"] },
  UnknownInText: { schemas: ["TaskOutput.UnknownInText"] },
  Part: { schemas: ["TaskOutput.Suggestions", "FailedPart"], extra: ["output"] },
  Failure: { schemas: ["ErrorView"] },
  Timings: { schemas: ["Timings"] },
  Receipt: { schemas: ["Receipt"] },
  DocumentResults: { schemas: ["DocumentResult"] },
  DocumentProgress: { schemas: ["ProgressView"] },
  Ingredient: { schemas: ["IngredientView"] },
  Look: { schemas: ["LookView"] },
  Group: { schemas: ["GroupView"] },
  QueueLoad: { schemas: ["BacklogView"] },
  Problem: { schemas: ["Problem"] },
};
const REQUESTS = { Drink: ["NextInput", "CompleteInput"] };

/** The client uses these itself, or does not offer them. */
const OTHERS = [
  "Submitted",
  "SubmittedResult",
  "BatchStatus",
  "TaskPage",
  "SecretsView",
  "ResultLink",
  "Health",
];
const UPLOADS = ["DocumentView", "Upload", "NewDocument"];
const NAMES = ["Status", "Lane", "DeliveryState"]; // of strings
/** An `Input` has the fields of any kind, and JSON objects have the answers. */
const ANY_KIND = /^(\w+(Input|Document|Lines)|SeveralKinds|TaskOutput\.\w+)$/;

/** Types that are the same have the same fields; the service's values have the client's type. */
const HELPERS = `
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Keys<T> = T extends unknown ? keyof T : never;
type All<T> = Required<{ [K in Keys<T>]: T extends { [key in K]?: infer V } ? V : never }>;
type Data<T> = T extends Task
  ? Omit<T, "isFinal" | "names" | "failedParts" | "batch_id">
  : T extends Batch ? Omit<T, "isFinal"> : T;
`;

/** @param {readonly string[]} names */
const union = (names) => names.map((name) => JSON.stringify(name)).join(" | ") || "never";

/** @param {string[]} names */
const anyOf = (names) => names.map((name) => `Schemas["${name}"]`).join(" | ");

/**
 * Return the source that compiles if the types and the methods of the client fit.
 * @param {readonly string[]} methods
 * @param {readonly Options[]} options
 */
function program(methods, options) {
  const types = [
    ...Object.keys(RESPONSES),
    ...Object.keys(REQUESTS),
    "Options",
    "Retries",
    "Status",
  ];
  const imported = ["Barback", "verify", ...types];
  const lines = [`import type { ${imported.join(", ")} } from "../src/index.js";`];
  lines.push('import type { Schemas } from "./openapi.js";', HELPERS);
  lines.push('export const status: Same<Status, Schemas["Status"]> = true;');
  for (const [name, { schemas, without = [], extra = [], replaced = [] }] of Object.entries(
    RESPONSES,
  )) {
    const all = `Omit<All<${anyOf(schemas)}>, ${union(without)}>`;
    const own = `Omit<Data<${name}>, ${union(extra)}>`;
    lines.push(`export const keys${name}: Same<keyof ${own}, keyof ${all}> = true;`);
    const values = `Omit<${all}, ${union(replaced)}>`;
    lines.push(
      `export const values${name} = (found: ${values}): Omit<${own}, ${union(replaced)}> => found;`,
    );
  }
  for (const [name, schemas] of Object.entries(REQUESTS)) {
    const all = `All<${anyOf(schemas)}>`;
    lines.push(`export const keys${name}: Same<keyof ${name}, keyof ${all}> = true;`);
    const values = `Omit<${all}, "kind">`;
    lines.push(
      `export const values${name} = (given: Required<Omit<${name}, "kind">>): ${values} => given;`,
    );
  }
  lines.push(`export const methods: Same<keyof Barback, ${union(methods)}> = true;`);
  for (const { name, type, names } of options) {
    const own = `keyof NonNullable<${type}>`;
    lines.push(`export const options_${name}: Same<${own}, ${union(names)}> = true;`);
  }
  return lines.join("\n");
}

const url = await startStack();
const response = await fetch(`${url}/openapi.json`);
const { components } = /** @type {any} */ (await response.json());
const folder = await mkdtemp(join(PACKAGE, "contract-"));
after(() => rm(folder, { recursive: true }));
const python = await pythonClient();

/**
 * Return what the compiler says about the client with these schemas and methods.
 * @param {Record<string, any>} schemas
 * @param {readonly string[]} methods
 * @param {readonly Options[]} options
 */
async function compare(schemas, methods, options) {
  await writeFile(join(folder, "openapi.d.ts"), declarations(schemas));
  await writeFile(join(folder, "contract.ts"), program(methods, options));
  const extended = { extends: "../tsconfig.json", include: ["*.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(extended));
  const call = run(join(PACKAGE, "node_modules/.bin/tsc"), ["--project", folder]);
  return call.then(
    () => "",
    ({ stdout }) => String(stdout),
  );
}

test("the types are those of the service, and the methods those of the Python client", async () => {
  assert.equal(await compare(components.schemas, python.methods, python.options), "");
});

test("the errors are those of the Python client", () => {
  const errors = Object.entries(barback).filter(
    ([, found]) =>
      found === barback.BarbackError || found.prototype instanceof barback.BarbackError,
  );
  assert.deepEqual(errors.map(([name]) => name).toSorted(), python.errors.toSorted());
});

test("a difference is found", async () => {
  const changed = structuredClone(components.schemas);
  changed.ErrorView.properties.hint = { type: "string" };
  changed.Timings.properties.total = { anyOf: [{ type: "number" }, { type: "null" }] };
  delete changed.GroupView.properties.ingredients;
  changed.NextInput.properties.novelty = { type: "string" };
  changed.CompleteInput.properties.novelty = { type: "string" };
  const methods = python.methods.filter((name) => name !== "cancelBatch");
  const options = structuredClone(python.options);
  for (const { name, names } of options) {
    if (name === "submit" || name === "verify") names.pop();
    if (name === "lines" || name === "Retries") names.push("limit");
  }
  const errors = await compare(changed, methods, options);
  const fields = ["keysFailure", "valuesTimings", "keysGroup", "valuesDrink"];
  const calls = ["methods", "options_submit", "options_verify", "options_lines", "options_Retries"];
  for (const name of [...fields, ...calls]) {
    const line =
      program(methods, options)
        .split("\n")
        .findIndex((text) => text.includes(`const ${name}`)) + 1;
    assert.match(errors, new RegExp(`contract\\.ts\\(${line},`), name);
  }
});

test("every schema of the service is compared, or is none of the client's types", () => {
  const compared = Object.values(RESPONSES).flatMap(({ schemas }) => schemas);
  const known = new Set([...compared, ...OTHERS, ...UPLOADS, ...NAMES]);
  const names = Object.keys(components.schemas).filter((name) => !ANY_KIND.test(name));
  assert.deepEqual(
    names.filter((name) => !known.has(name)),
    [],
  );
});
