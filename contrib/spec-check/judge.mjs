// The validator, and what all vendors' specifications share.
import Ajv from "ajv/dist/2019.js";
import addFormats from "ajv-formats";

// What the simulator's journal writes in place of a secret. It was a string; what it said is not known.
export const MASK = "***";

export function newValidator() {
    const ajv = new Ajv({ strict: false, allErrors: true, verbose: true, unicodeRegExp: false, logger: false });

    addFormats(ajv);
    ajv.addFormat("google-datetime", { validate: ajv.formats["date-time"].validate });
    ajv.addFormat("google-duration", /^-?\d+(\.\d{1,9})?s$/);
    ajv.addFormat("google-fieldmask", /^$|^(\*|[a-z]\w*(\.[a-z]\w*)*)(,[a-z]\w*(\.[a-z]\w*)*)*$/);
    return ajv;
}

// A masked text meets whatever its text would have to meet; that it is a text at all is still judged.
const OF_THE_TEXT = new Set(["pattern", "format", "enum", "const", "minLength", "maxLength"]);
const OF_BRANCHES = new Set(["anyOf", "oneOf", "allOf", "if"]);

export function errorsOf(validate, data) {
    if (validate(data)) return [];
    const real = validate.errors.filter((e) => !(e.data === MASK && OF_THE_TEXT.has(e.keyword)));
    const leaves = real.filter((e) => !OF_BRANCHES.has(e.keyword));
    const masked = validate.errors.filter((e) => e.data === MASK).map((e) => e.instancePath);
    // A choice that failed only by a masked text did not fail.
    const kept = leaves.length ? leaves : real.filter((e) => !masked.some((path) => path.startsWith(e.instancePath)));
    return [...new Set(kept.map(inWords))];
}

function inWords(e) {
    const at = e.instancePath || "(top)";

    if (e.keyword === "additionalProperties" || e.keyword === "unevaluatedProperties")
        return `${at}: unknown property "${e.params.additionalProperty ?? e.params.unevaluatedProperty}"`;
    if (e.keyword === "enum") return `${at}: ${JSON.stringify(e.data)} is none of ${JSON.stringify(e.params.allowedValues)}`;
    return `${at}: ${e.message}${e.data === null || typeof e.data === "object" ? "" : `, not ${JSON.stringify(e.data)}`}`;
}

// Query and form values are texts: read as what their type says, so that the validator can judge them.
export function readAs(type, text) {
    if (typeof text !== "string" || text === MASK) return text;
    if ((type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
    if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
    return text;
}

// "/users/{userId}/meetings" as a pattern with the parameters' names; {+name} goes over slashes.
export function pathPattern(template) {
    const names = [];
    const source = template
        .split(/(\{[^}]*\})/)
        .map((part) => {
            if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
            const over = part[1] === "+";
            names.push(part.slice(over ? 2 : 1, -1));
            return over ? "(.+)" : "([^/]+)";
        })
        .join("");

    return { pattern: new RegExp(`^${source}$`), names };
}

// The literal path wins over one with parameters: /me/events over /{id}/events.
export function bySpecificity(a, b) {
    return a.names.length - b.names.length || b.template.length - a.template.length;
}

export function find(operations, method, path) {
    for (const o of operations) {
        const found = o.method === method ? o.pattern.exec(path) : null;
        if (found) return { operation: o, values: Object.fromEntries(o.names.map((name, i) => [name, found[i + 1]])) };
    }
    return null;
}
