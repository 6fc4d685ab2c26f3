/** The package, as a TypeScript program gets it. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("../", import.meta.url));
const PROGRAM = `
import { ApiError, Barback, type Drink, type Result, type Suggestion, verify } from "barback";
const drink: Drink = { ingredients: ["milk"], exclude: ["group:nuts"], novelty: 0.5 };
const bar = new Barback("http://127.0.0.1:8000", { apiKey: "k", retries: { attempts: 1 } });
export async function main(): Promise<Suggestion[]> {
  const found: Result = await bar.suggest(drink.ingredients, { top_k: 2 });
  for await (const line of bar.lines(found)) console.log(line.line, line.error?.detail);
  const problem: unknown = await verify("", {}, "whsec_").catch((error) => error);
  if (problem instanceof ApiError) console.log(problem.problem.unknown?.[0]?.nearest);
  return [...found.suggestions];
}
`;
const MISTAKES = [
  'void bar.suggest("milk");',
  'void bar.suggest([], { exclud: ["nuts"] });',
  'void bar.suggest([], { priority: "high" });',
  "void bar.submit({ exclude: new Set() });",
];

const folder = await mkdtemp(join(tmpdir(), "barback-"));
after(() => rm(folder, { recursive: true }));
await run("npm", ["pack", SOURCE, "--silent"], { cwd: folder });
const installed = join(folder, "node_modules/barback");
await mkdir(installed, { recursive: true });
const { version } = JSON.parse(await readFile(join(SOURCE, "package.json"), "utf8"));
const tarball = join(folder, `barback-${version}.tgz`);
await run("tar", [
  "--extract",
  "--file",
  tarball,
  "--directory",
  installed,
  "--strip-components=1",
]);
await symlink(join(SOURCE, "node_modules/@types"), join(folder, "node_modules/@types"));

/**
 * Return what the TypeScript compiler says about a program that uses the package.
 * @param {string} program
 */
async function compile(program) {
  await writeFile(join(folder, "program.mts"), program);
  const options = ["--strict", "--noEmit", "--target", "es2023", "--module", "nodenext"];
  const types = ["--types", "node", "--ignoreConfig"];
  const tsc = join(SOURCE, "node_modules/.bin/tsc");
  const call = run(tsc, [...options, ...types, "program.mts"], { cwd: folder });
  return call.then(
    () => "",
    ({ stdout }) => String(stdout),
  );
}

test("a TypeScript program gets the types of the package", async () => {
  assert.equal(await compile(PROGRAM), "");
});

test("the types refuse calls with mistakes", async () => {
  const errors = await compile([PROGRAM.replaceAll("\n", " "), ...MISTAKES].join("\n"));
  const lines = new Set(Array.from(errors.matchAll(/^program\.mts\((\d+),/gm), ([, line]) => line));
  assert.deepEqual([...lines], ["2", "3", "4", "5"]);
});

test("a JavaScript program imports the package by its name", async () => {
  const program = 'import * as barback from "barback"; console.log(Object.keys(barback).join());';
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
  });
  assert.match(stdout, /ApiError,Barback,BarbackError/);
});

test("the package has the license of the repository", async () => {
  const paths = [join(installed, "LICENSE"), join(SOURCE, "../../LICENSE")];
  const [ours, theirs] = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  assert.equal(ours, theirs);
});
