// Google's discovery documents. Their schemas are JSON Schema of an older draft with $ref by name, integers of 64 bits as
// texts, and "required" said for each method in annotations; all objects that name their properties are complete.
import { readFileSync } from "node:fs";
import { bySpecificity, errorsOf, find, newValidator, pathPattern, readAs } from "./judge.mjs";

const NUMBERS_AS_TEXT = { int64: "^-?\\d+$", uint64: "^\\d+$" };

function convert(schema, method) {
    if (schema.$ref) return { $ref: `#/$defs/${schema.$ref}` };
    const out = {};

    if (schema.type && schema.type !== "any") out.type = schema.type;
    if (schema.enum) out.enum = schema.enum;
    if (schema.pattern) out.pattern = schema.pattern;
    if (schema.minimum !== undefined) out.minimum = Number(schema.minimum);
    if (schema.maximum !== undefined) out.maximum = Number(schema.maximum);
    if (schema.type === "string" && NUMBERS_AS_TEXT[schema.format]) out.pattern = NUMBERS_AS_TEXT[schema.format];
    else if (schema.format) out.format = schema.format;
    if (schema.items) out.items = convert(schema.items, method);
    if (schema.type === "object") {
        const properties = Object.entries(schema.properties ?? {});

        out.properties = Object.fromEntries(properties.map(([name, part]) => [name, convert(part, method)]));
        out.required = properties.filter(([, part]) => part.annotations?.required?.includes(method)).map(([name]) => name);
        out.additionalProperties = schema.additionalProperties ? convert(schema.additionalProperties, method) : false;
    }
    return out;
}

function methodsOf(node) {
    return [...Object.values(node.methods ?? {}), ...Object.values(node.resources ?? {}).flatMap(methodsOf)];
}

// YouTube's "part" names properties of what comes back, or of the things in its list.
function partsOf(document, m) {
    if (!m.parameters?.part || !m.response) return null;
    const answer = document.schemas[m.response.$ref].properties;

    return Object.keys(answer.items?.items?.$ref ? document.schemas[answer.items.items.$ref].properties : answer);
}

// A document's methods, each with how its path, its query and its body are judged.
function operationsOf(document, ajv) {
    return methodsOf(document).flatMap((m) => {
        const paths = [document.servicePath + (m.flatPath ?? m.path)];

        if (m.supportsMediaUpload) paths.push(m.mediaUpload.protocols.simple.path.replace(/^\//, ""));
        return paths.map((path) => {
            const template = `/${path}`;
            let body = null;

            if (m.request && !(m.supportsMediaUpload && path !== paths[0])) {
                const defs = Object.entries(document.schemas).map(([name, s]) => [name, convert(s, m.id)]);
                body = () => ajv.compile({ $ref: `#/$defs/${m.request.$ref}`, $defs: Object.fromEntries(defs) });
            }
            return {
                method: m.httpMethod, template, ...pathPattern(template), id: m.id, body,
                media: Boolean(m.supportsMediaUpload && path !== paths[0]),
                parameters: { ...document.parameters, ...m.parameters },
                parts: partsOf(document, m),
                ordered: (m.parameterOrder ?? []).filter((name) => m.parameters?.[name]?.location === "query"),
            };
        });
    });
}

function judgeParameter(ajv, o, name, text) {
    const p = o.parameters[name];

    if (!p) return [`query: unknown parameter "${name}"`];
    return errorsOf(ajv.compile(convert({ ...p, items: undefined }, o.id)), readAs(p.type, text)).map((e) => `query ${name}${e}`);
}

export function discovery(files) {
    const ajv = newValidator();
    const operations = files.flatMap((file) => operationsOf(JSON.parse(readFileSync(file, "utf8")), ajv)).sort(bySpecificity);

    return {
        judge(request) {
            const found = find(operations, request.method, request.path);
            if (!found) return null;
            const o = found.operation;
            const query = request.query ?? {};
            const errors = Object.entries(query).flatMap(([name, text]) => judgeParameter(ajv, o, name, text));

            for (const name of o.ordered) if (!(name in query)) errors.push(`query: "${name}" is missing`);
            for (const part of o.parts && query.part ? query.part.split(",") : [])
                if (!o.parts.includes(part)) errors.push(`query: "part" knows no "${part}"`);
            if (o.media) return { operation: o.id, errors, body: false };
            if (o.body) o.compiled ??= o.body();
            if (request.body !== null && !o.compiled) errors.push("a body where none belongs");
            if (request.body === null && o.compiled && o.method !== "DELETE") errors.push("no body where one belongs");
            if (request.body !== null && o.compiled) errors.push(...errorsOf(o.compiled, request.body));
            return { operation: o.id, errors, body: request.body !== null };
        },
    };
}
