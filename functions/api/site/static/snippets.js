// A request to the API in several languages. A key is read from the environment.

const json = (value, indent) => JSON.stringify(value, null, indent);
const shellQuote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Return a JSON value as a Python literal. */
function python(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value !== "object") return json(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${json(name)}: ${python(each)}`)
    .join(", ")}}`;
}

/** Return the kind of a request, and its other fields. */
function split({ kind = "next", ...fields }) {
  return [kind, fields];
}

function shell(body, { url, hasKey }) {
  return [
    `curl -s ${shellQuote(`${url}/api/process`)} \\`,
    "  -H 'Content-Type: application/json' -H 'Prefer: wait=10' \\",
    ...(hasKey ? ['  -H "x-api-key: $BARBACK_KEY" \\'] : []),
    `  -d ${shellQuote(json(body))}`,
  ].join("\n");
}

function pythonClient(body, { url, hasKey }) {
  const [kind, fields] = split(body);
  const options = Object.entries(fields).map(
    ([name, value]) => `        ${name}=${python(value)},`,
  );
  return [
    ...(hasKey ? ["import os", ""] : []),
    "from barback import Barback",
    "",
    `with Barback(${json(url)}${hasKey ? ', os.environ["BARBACK_KEY"]' : ""}) as bar:`,
    "    result = bar.run(",
    `        ${python(kind)},`,
    ...options,
    "    )",
    "    print(result.result)",
  ].join("\n");
}

function typescript(body, { url, hasKey }) {
  const [kind, fields] = split(body);
  const key = hasKey ? ", { apiKey: process.env.BARBACK_KEY }" : "";
  return [
    'import { Barback } from "barback";',
    "",
    `const bar = new Barback(${json(url)}${key});`,
    `const result = await bar.run(${json(kind)}, ${json(fields, 2)});`,
    "console.log(result.result);",
  ].join("\n");
}

/** @type {Record<string, (body: object, options: {url: string, hasKey: boolean}) => string>} */
export const SNIPPETS = {
  curl: shell,
  python: pythonClient,
  typescript,
  json: (body) => json(body, 2),
};
