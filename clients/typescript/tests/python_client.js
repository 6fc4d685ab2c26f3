/** The methods, options and errors of the Python client. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { PYTHON, PYTHONPATH } from "./stack.js";

/** @typedef {{name: string, type: string, names: string[]}} Options a type, and the names in it */

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
print(json.dumps({
    "methods": {name: [positional(call), names_of(call)] for name, call in public.items()},
    "run": names_of(barback.Run),
    "fields": list(inspect.signature(barback.Drink).parameters),
    "Barback": ["api_key", *names_of(barback.Barback)],
    "Retries": list(inspect.signature(barback.Retries).parameters),
    "verify": names_of(barback.verify),
    "errors": [name for name, found in vars(barback).items()
               if isinstance(found, type) and issubclass(found, barback.BarbackError)],
}))
`;

/**
 * Return the public names of the Python client, as they are here. A `Run` and its options are those
 * of `answer`; inputs are plain objects, and there is nothing to close.
 * @returns {Promise<{methods: string[], errors: string[], options: Options[]}>}
 */
export async function pythonClient() {
  const env = { ...process.env, PYTHONPATH };
  const { stdout } = await promisify(execFile)(PYTHON, ["-c", PROGRAM], { env });
  const { methods, run, fields, errors, ...others } = JSON.parse(stdout);
  delete methods.close;
  methods.answer[1].push(...run);
  methods.run[0] += 1;
  methods.run[1] = methods.run[1].filter((/** @type {string} */ name) => !fields.includes(name));
  const nameOf = (/** @type {string} */ name) => (fields.includes(name) ? name : camelCase(name));
  const options = Object.entries(methods).map(([name, [position, names]]) => ({
    name: camelCase(name),
    type: `Parameters<Barback["${camelCase(name)}"]>[${position}]`,
    names: [...names.map(nameOf), "signal"],
  }));
  return {
    methods: Object.keys(methods).map(camelCase),
    errors,
    options: [
      ...options,
      { name: "Barback", type: "Options", names: others.Barback.map(camelCase) },
      { name: "Retries", type: "Retries", names: others.Retries.map(camelCase) },
      { name: "verify", type: "Parameters<typeof verify>[3]", names: others.verify },
    ],
  };
}

/** @param {string} name */
function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
