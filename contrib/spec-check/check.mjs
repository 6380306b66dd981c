// Holds every request that the simulated platforms saw against the vendors' specifications.
//   node check.mjs --specs DIR RUN…      RUN: a directory with requests.json and objects.json, as /_sim gives them
// Exit status 0 when nothing failed. Known differences, each with its reason, stand in known.mjs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { discovery } from "./discovery.mjs";
import { knownErrors, outside } from "./known.mjs";
import { nodes } from "./nodes.mjs";
import { openapi } from "./openapi.mjs";

function specsIn(directory) {
    const google = (...names) => discovery(names.map((name) => join(directory, "google", name)));
    const facebook = join(directory, "facebook");

    return {
        youtube: google("youtube-v3.json", "oauth2-v2.json"),
        google_meet: google("calendar-v3.json", "meet-v2.json", "oauth2-v2.json"),
        zoom: openapi(["zoom-meetings.openapi.json", "zoom-users.openapi.json"].map((name) => join(directory, "zoom", name)), "/v2"),
        teams: openapi([join(directory, "msgraph", "msgraph-v1.0-meetings.openapi.json")], "/v1.0"),
        facebook: nodes(facebook, { me: ["User", "Page"], kinds: { live_video: ["LiveVideo"], video: ["AdVideo"], owner: ["Page"] } }),
        instagram: nodes(facebook, {
            me: ["IGUserForIGOnlyAPI"], kinds: { live: ["IGMedia", "IGMediaForIGOnlyAPI"], owner: ["IGUser", "IGUserForIGOnlyAPI"] },
        }),
    };
}

// A file's bytes or a form of several parts: the journal says only how many bytes they were.
function isOpaque(body) {
    return body !== null && typeof body === "object" && Object.keys(body).sort().join() === "bytes,contentType";
}

// Wrong bodies made from a right one: a property that nobody knows, and each property as another kind of thing.
function spoilt(body) {
    const out = [{ ...body, ecclesia_no_such_property: "x" }];

    for (const [name, value] of Object.entries(body)) {
        const structured = typeof value === "object" || /^[[{]/.test(value);
        out.push({ ...body, [name]: structured ? 7 : { wrong: [value] } });
    }
    return out;
}

class Tally {
    constructor(spec) {
        Object.assign(this, { spec, seen: 0, bodies: 0, judged: 0, judgedBodies: 0, opaque: 0, spoilt: 0, slipped: 0 });
        this.operations = new Set();
        this.forms = new Set(); // bodies that wrong ones were made of, by their properties
        this.outside = new Map();
        this.failed = new Map();
        this.known = new Map();
    }
}

function count(map, key) {
    map.set(key, (map.get(key) ?? 0) + 1);
}

function shape(request) {
    return `${request.method} ${request.path.replace(/[^/]*\d{6,}[^/]*|[A-Za-z0-9_=-]{30,}|[^/]*@[^/]*/g, "{id}")}`;
}

function take(t, request, objects) {
    const where = (list) => list.find((k) => k.platform === request.platform && k.call.test(`${request.method} ${request.path}`));

    t.seen++;
    if (request.body !== null) t.bodies++;
    if (!t.spec) return;
    const opaque = isOpaque(request.body);
    const verdict = t.spec.judge(opaque ? { ...request, body: null, opaque } : request, objects);
    if (!verdict) {
        const reason = where(outside)?.reason;
        count(reason ? t.outside : t.failed, `${shape(request)}: ${reason ?? "not in the specification"}`);
        return;
    }
    t.judged++;
    t.operations.add(verdict.operation);
    if (opaque) t.opaque++;
    if (verdict.body) t.judgedBodies++;
    for (const e of verdict.errors) {
        const known = knownErrors.find((k) => k.platform === request.platform && k.call.test(verdict.operation) && k.error.test(e));
        if (known) count(t.known, `${verdict.operation}: ${e.replace(/, not "[^"]*"$/, "")} (${known.reason})`);
        else count(t.failed, `${verdict.operation}: ${e}`);
    }
    const form = verdict.body ? JSON.stringify([verdict.operation, Object.keys(request.body)]) : "";
    if (form && !t.forms.has(form)) {
        t.forms.add(form);
        spoil(t, request, objects, verdict);
    }
}

// The check must be able to fail: each wrong body must bring a failure that the right one had not.
function spoil(t, request, objects, verdict) {
    for (const body of spoilt(request.body)) {
        const wrong = t.spec.judge({ ...request, body }, objects);
        t.spoilt++;
        if (wrong.errors.every((e) => verdict.errors.includes(e))) {
            t.slipped++;
            const name = Object.keys(body).find((key) => body[key] !== request.body[key]);
            count(t.failed, `${verdict.operation}: a wrong "${name}" was let through: ${JSON.stringify(body[name])}`);
        }
    }
}

function print(platform, t) {
    const lines = (title, map) => [...map].sort().forEach(([text, n]) => console.log(`    ${title} ${n} × ${text}`));

    if (!t.spec) {
        console.log(`${platform}: ${t.seen} requests, ${t.bodies} with a body; the vendor publishes no specification`);
        return;
    }
    const failed = [...t.failed.values()].reduce((a, b) => a + b, 0);
    console.log(`${platform}: ${t.seen} requests, ${t.bodies} with a body; ${t.judged} validated (${t.judgedBodies} bodies, ` +
        `${t.operations.size} operations), ${[...t.outside.values()].reduce((a, b) => a + b, 0)} outside, ${failed} failed; ` +
        `${t.spoilt} wrong bodies made of them, ${t.spoilt - t.slipped} refused`);
    console.log(`    operations: ${[...t.operations].sort().join(", ")}`);
    if (t.opaque) console.log(`    not looked into: ${t.opaque} × a file's bytes`);
    lines("outside the specification:", t.outside);
    lines("known:", t.known);
    lines("FAILED", t.failed);
}

function main(words) {
    const at = words.indexOf("--specs");
    if (at < 0 || words.length < 3) {
        console.error("usage: node check.mjs --specs DIR RUN…");
        return 2;
    }
    const specs = specsIn(words[at + 1]);
    const runs = words.filter((_, i) => i !== at && i !== at + 1);
    const tallies = new Map();
    const total = { seen: 0, judged: 0, bodies: 0, failed: 0 };

    for (const run of runs) {
        const [requests, objects] = ["requests", "objects"].map((name) => JSON.parse(readFileSync(join(run, `${name}.json`), "utf8")));
        for (const request of requests) {
            if (!tallies.has(request.platform)) tallies.set(request.platform, new Tally(specs[request.platform]));
            take(tallies.get(request.platform), request, objects.filter((o) => o.platform === request.platform));
        }
    }
    for (const [platform, t] of [...tallies].sort()) {
        print(platform, t);
        total.seen += t.seen;
        total.judged += t.judged;
        total.bodies += t.judgedBodies;
        total.failed += [...t.failed.values()].reduce((a, b) => a + b, 0);
    }
    console.log(`all: ${total.seen} requests on ${tallies.size} platforms, ${total.judged} validated (${total.bodies} bodies), ${total.failed} failed`);
    return total.failed ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
