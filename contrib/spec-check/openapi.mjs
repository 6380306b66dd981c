// OpenAPI 3.0, as Zoom and Microsoft Graph publish it. Its schema dialect is turned into JSON Schema 2019-09, and every
// object that names its properties is closed, so that a misspelt property is found.
import { readFileSync } from "node:fs";
import { bySpecificity, errorsOf, find, newValidator, pathPattern, readAs } from "./judge.mjs";

const KEPT = ["title", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf", "required",
    "minProperties", "maxProperties"];

class Converter {
    constructor(document) {
        this.document = document;
    }

    at(pointer) {
        return pointer.slice(2).split("/").reduce((node, key) => node[key.replace(/~1/g, "/").replace(/~0/g, "~")], this.document);
    }

    names(schema, depth = 0) {
        if (!schema || depth > 20) return false;
        if (schema.$ref) return this.names(this.at(schema.$ref), depth + 1);
        return Boolean(schema.properties) || ["allOf", "anyOf", "oneOf"].some((key) => schema[key]?.some((s) => this.names(s, depth + 1)));
    }

    // part: of an allOf and its like, where the whole is what is closed.
    convert(schema, part = false) {
        const closed = !part && this.names(schema) && (schema.additionalProperties === undefined || schema.additionalProperties === false);

        if (schema.$ref) {
            const name = schema.$ref.split("/").at(-1);
            return { $ref: `#/$defs/${name}`, ...(closed ? { unevaluatedProperties: false } : {}) };
        }
        const out = {};
        for (const key of KEPT) if (schema[key] !== undefined) out[key] = schema[key];
        if (schema.type) out.type = schema.nullable ? [schema.type, "null"] : schema.type;
        if (schema.enum) out.enum = schema.nullable ? [...schema.enum, null] : schema.enum;
        for (const [limit, exclusive] of [["minimum", "exclusiveMinimum"], ["maximum", "exclusiveMaximum"]])
            if (schema[limit] !== undefined) out[schema[exclusive] === true ? exclusive : limit] = schema[limit];
        if (schema.items) out.items = this.convert(schema.items);
        if (schema.properties)
            out.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, s]) => [name, this.convert(s)]));
        if (schema.additionalProperties && typeof schema.additionalProperties === "object")
            out.additionalProperties = this.convert(schema.additionalProperties);
        for (const key of ["allOf", "anyOf", "oneOf"])
            if (schema[key]) out[key] = schema[key].map((s) => (isNull(s) ? { type: "null" } : this.convert(s, true)));
        if (closed) out.unevaluatedProperties = false;
        return out;
    }

    // The components, open at their top: whoever refers to one closes it.
    definitions() {
        return Object.fromEntries(Object.entries(this.document.components?.schemas ?? {}).map(([name, s]) => [name, this.convert(s, true)]));
    }
}

// OpenAPI 3.0 has no "null": beside a reference, an object that may be null and says nothing else stands for it.
function isNull(schema) {
    return schema.nullable && schema.type === "object" && !schema.properties && !schema.$ref;
}

function operationsOf(document, base, ajv) {
    const c = new Converter(document);
    const $defs = c.definitions();
    const compile = (schema) => ajv.compile({ ...c.convert(schema), $defs });
    const resolve = (node) => (node?.$ref ? c.at(node.$ref) : node);

    return Object.entries(document.paths).flatMap(([path, item]) =>
        ["get", "post", "put", "patch", "delete"].filter((verb) => item[verb]).map((verb) => {
            const operation = item[verb];
            const wanted = resolve(operation.requestBody);
            const content = wanted?.content?.["application/json"]?.schema;
            const template = base + path;

            return {
                method: verb.toUpperCase(), template, ...pathPattern(template), id: operation.operationId ?? `${verb} ${path}`,
                compile, body: content, bodyWanted: Boolean(wanted?.required),
                parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve),
            };
        }));
}

function judgeParameters(o, place, values) {
    const errors = [];

    for (const p of o.parameters.filter((one) => one.in === place)) {
        if (!(p.name in values)) {
            if (p.required) errors.push(`${place}: "${p.name}" is missing`);
            continue;
        }
        p.judged ??= o.compile(p.schema ?? {});
        const list = p.schema?.type === "array";
        const value = list ? values[p.name].split(",").map((one) => readAs(p.schema.items?.type, one)) : readAs(p.schema?.type, values[p.name]);
        errors.push(...errorsOf(p.judged, value).map((e) => `${place} ${p.name}${e}`));
    }
    return errors;
}

export function openapi(files, base) {
    const ajv = newValidator();
    const operations = files.flatMap((file) => operationsOf(JSON.parse(readFileSync(file, "utf8")), base, ajv)).sort(bySpecificity);

    return {
        judge(request) {
            const found = find(operations, request.method, request.path);
            if (!found) return null;
            const o = found.operation;
            const query = request.query ?? {};
            const known = o.parameters.filter((p) => p.in === "query").map((p) => p.name);
            const errors = [...judgeParameters(o, "path", found.values), ...judgeParameters(o, "query", query)];

            for (const name of Object.keys(query)) if (!known.includes(name)) errors.push(`query: unknown parameter "${name}"`);
            if (request.body !== null && !o.body) errors.push("a body where none belongs");
            if (request.body === null && o.bodyWanted) errors.push("no body where one belongs");
            if (request.body !== null && o.body) {
                o.judged ??= o.compile(o.body);
                errors.push(...errorsOf(o.judged, request.body));
            }
            return { operation: o.id, errors, body: request.body !== null };
        },
    };
}
