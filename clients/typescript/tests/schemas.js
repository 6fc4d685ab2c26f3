/** TypeScript types of JSON schemas, as far as the description of the API uses them. */

/** @typedef {{[name: string]: any}} Schema */

/**
 * Return the TypeScript source of a type for each schema.
 * @param {Readonly<Record<string, Schema>>} schemas
 */
export function declarations(schemas) {
  const types = Object.entries(schemas).map(([name, schema]) => `  "${name}": ${typeOf(schema)};`);
  return `export type Schemas = {\n${types.join("\n")}\n};\n`;
}

/**
 * @param {Schema} schema
 * @returns {string}
 */
function typeOf(schema) {
  const { $ref, anyOf, type, items } = schema;
  const values = "const" in schema ? [schema["const"]] : schema["enum"];
  if ($ref) return `Schemas["${$ref.slice($ref.lastIndexOf("/") + 1)}"]`;
  if (anyOf) return `(${anyOf.map(typeOf).join(" | ")})`;
  if (values)
    return values.map((/** @type {unknown} */ value) => JSON.stringify(value)).join(" | ");
  if (type === "array") return `readonly (${typeOf(items)})[]`;
  if (type === "object") return objectOf(schema);
  if (type === "integer") return "number";
  return type ?? "unknown";
}

/** @param {Schema} schema */
function objectOf({ properties, required = [], additionalProperties }) {
  if (!properties) return `{readonly [name: string]: ${typeOf(Object(additionalProperties))}}`;
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}`,
  );
  return `{${fields.join("; ")}}`;
}
