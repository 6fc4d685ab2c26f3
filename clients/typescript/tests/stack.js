/** The local stack, for tests. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PACKAGES = [
  ".",
  "layers/tasks/python",
  "layers/model/python",
  "layers/model",
  "clients/python/src",
];

export const PYTHON = join(ROOT, ".venv/bin/python");
export const PYTHONPATH = PACKAGES.map((name) => join(ROOT, name)).join(":");

/**
 * Run the stack on a free port until the tests of this file have ended.
 * @returns {Promise<string>} its URL
 */
export async function startStack() {
  const folder = await mkdtemp(join(tmpdir(), "barback-"));
  const stack = start(folder);
  const ended = once(stack, "exit");
  after(async () => {
    stack.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true });
  });
  return Promise.race([urlOf(stack.stdout), ended.then(fail)]);
}

/** @param {string} folder */
function start(folder) {
  return spawn(PYTHON, ["-m", "infra.local", "run", "--port", "0"], {
    cwd: ROOT,
    env: { ...process.env, PYTHONPATH, PYTHONUNBUFFERED: "1", DATA_DIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/**
 * Return the URL that the stack prints when it is ready. Its output is read to the end, because a
 * full pipe would block it.
 * @param {NodeJS.ReadableStream} output
 * @returns {Promise<string>}
 */
function urlOf(output) {
  return new Promise((resolve) => {
    let text = "";
    output.setEncoding("utf8").on("data", (part) => {
      text += part;
      const ready = /Barback is ready: (\S+)\/\n/.exec(text);
      if (ready?.[1]) resolve(ready[1]);
    });
  });
}

/** @returns {never} */
function fail() {
  throw new Error("The stack did not start. Run `make run` to see why.");
}
