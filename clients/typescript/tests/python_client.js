/** The methods of the Python client. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { PYTHON, PYTHONPATH } from "./stack.js";

/** @typedef {{method: string, position: number, options: string[]}} Method */

const PROGRAM = `
import inspect, json
import barback, barback._drink

def names_of(call):
    parameters = inspect.signature(call).parameters.values()
    named = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    others = [each.annotation for each in parameters if each.kind is each.VAR_KEYWORD]
    for annotation in others:
        fields = getattr(barback._drink, annotation[len("Unpack["):-1], None)
        named += fields.__annotations__ if fields else ()
    return named

def positional(call):
    return sum(each.kind is not each.KEYWORD_ONLY and each.kind is not each.VAR_KEYWORD
               for each in inspect.signature(call).parameters.values()) - 1

public = {name: call for name, call in vars(barback.Barback).items() if name[0] != "_"}
fields = list(inspect.signature(barback.Drink).parameters)
found = {name: [positional(call), names_of(call)] for name, call in public.items()}
print(json.dumps({"methods": found, "run": names_of(barback.Run), "fields": fields}))
`;

/**
 * Return the methods of the Python client with the names that they have here, and the position of
 * their options. A \`Run\` and its options are those of \`answer\`; inputs are plain objects, and
 * there is nothing to close.
 * @returns {Promise<Method[]>}
 */
export async function pythonMethods() {
  const env = { ...process.env, PYTHONPATH };
  const { stdout } = await promisify(execFile)(PYTHON, ["-c", PROGRAM], { env });
  const { methods, run, fields } = JSON.parse(stdout);
  delete methods.close;
  methods.answer[1].push(...run);
  methods.run[0] += 1;
  methods.run[1] = methods.run[1].filter((/** @type {string} */ name) => !fields.includes(name));
  const nameOf = (/** @type {string} */ name) => (fields.includes(name) ? name : camelCase(name));
  return Object.entries(methods).map(([name, [position, options]]) => ({
    method: camelCase(name),
    position,
    options: [...options.map(nameOf), "signal"],
  }));
}

/** @param {string} name */
function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
