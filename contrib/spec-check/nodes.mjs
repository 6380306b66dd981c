// Facebook's own description of its Graph API, from which it makes its SDKs: a file a node type, with the calls on it
// ("apis": method, endpoint, parameters with type) and its fields; the values of enumerations stand in one list.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MASK, errorsOf, newValidator } from "./judge.mjs";

// Of every call, said in the Graph API's general pages.
const EVERYWHERE = { access_token: "string", appsecret_proof: "string", fields: "string", limit: "int", after: "string", before: "string" };

function schemaOf(type, enums) {
    const list = /^list(?:<(.*)>)?$/.exec(type);

    if (list) return { type: "array", items: list[1] ? schemaOf(list[1], enums) : {} };
    if (enums.has(type)) return { enum: enums.get(type) };
    return {
        bool: { type: "boolean" }, int: { type: "integer" }, "unsigned int": { type: "integer", minimum: 0 }, float: { type: "number" },
        datetime: { anyOf: [{ type: "integer" }, { type: "string", format: "date-time" }, { type: "string", format: "date" }] },
        string: { type: "string" }, file: { type: "string" }, Object: { type: "object" }, map: { type: "object" },
    }[type] ?? {};
}

// A form's text as the value it stands for.
function valueOf(schema, text) {
    if (typeof text !== "string" || text === MASK) return text;
    if (schema.type === "boolean" && /^(true|false|1|0)$/.test(text)) return text === "true" || text === "1";
    if ((schema.type === "integer" || schema.type === "number" || schema.anyOf) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
    if (schema.type === "object" || schema.type === "array") {
        try {
            return JSON.parse(text);
        } catch {
            return schema.type === "array" ? text.split(",") : text;
        }
    }
    return text;
}

function load(directory) {
    const files = readdirSync(directory).filter((name) => /^[A-Z][A-Za-z]+\.json$/.test(name) && name !== "PROVENANCE.json");
    const nodes = new Map(files.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(directory, name), "utf8"))]));
    const enums = JSON.parse(readFileSync(join(directory, "enum_types.subset.json"), "utf8"));

    return { nodes, enums: new Map(enums.map((e) => [e.name, e.values])) };
}

// "id,from{name,picture},video" without what stands in braces: those are another node's.
function fieldNames(text) {
    let depth = 0, plain = "";

    for (const c of text) {
        if (c === "{" || c === "(") depth++;
        if (depth === 0) plain += c;
        if (c === "}" || c === ")") depth--;
    }
    return plain.split(/[,.]/).map((name) => name.trim()).filter((name) => name && !/^(limit|as|order)$/.test(name));
}

// kinds: the simulator's kinds of object, as the files name them. me: what /me may be.
export function nodes(directory, { me, kinds, named }) {
    const ajv = newValidator();
    const { nodes: types, enums } = load(directory);

    function typesOf(id, objects) {
        if (id === "me") return me;
        if (named?.[id]) return named[id];
        const kind = objects.find((o) => o.id === id || o.fields?.video_id === id || o.fields?.video?.id === id)?.kind;
        if (kind && kinds[kind]) return kinds[kind];
        return objects.some((o) => o.owner === id) ? kinds.owner : [];
    }

    function candidates(request, objects) {
        const found = /^\/v\d+\.\d+\/([^/]+)(?:\/([^/]+))?$/.exec(request.path);
        if (!found) return [];
        const call = found[2] ?? { GET: "#get", POST: "#update", DELETE: "#delete" }[request.method];

        return typesOf(found[1], objects).flatMap((type) =>
            (types.get(type)?.apis ?? []).filter((a) => a.method === request.method && (a.name ?? a.endpoint) === call).map((api) => ({ type, api, call })));
    }

    function judgeOne({ type, api, call }, request) {
        const parameters = { ...EVERYWHERE, ...Object.fromEntries(api.params.map((p) => [p.name, p.type])) };
        const given = { ...request.query, ...(request.body ?? {}) };
        const properties = Object.fromEntries(Object.entries(parameters).map(([name, t]) => [name, schemaOf(t, enums)]));
        const schema = { type: "object", properties, required: api.params.filter((p) => p.required).map((p) => p.name), additionalProperties: false };
        const values = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, valueOf(properties[name] ?? {}, text)]));
        const errors = errorsOf(ajv.compile(schema), values);
        // An answer has the fields of the node that comes back.
        const back = types.get(call.startsWith("#") ? type : api.return);

        if (typeof given.fields === "string" && back?.fields?.length) {
            const names = new Set(["id", ...back.fields.map((f) => f.name), ...back.apis.map((a) => a.endpoint)]);
            for (const name of fieldNames(given.fields)) if (!names.has(name)) errors.push(`fields: ${type} has no "${name}"`);
        }
        return { operation: `${type} ${call}`, errors, body: request.body !== null };
    }

    return {
        judge(request, objects) {
            const verdicts = candidates(request, objects).map((one) => judgeOne(one, request));
            return verdicts.sort((a, b) => a.errors.length - b.errors.length)[0] ?? null;
        },
    };
}
