// The same as peer.py for json-rules-engine: node benchmarks/peers/peer.cjs 10 < asked.json, with NODE_PATH set.
"use strict";

const { Engine } = require("json-rules-engine");
const { version } = require("json-rules-engine/package.json");
const { readFileSync } = require("node:fs");

const asked = JSON.parse(readFileSync(0, "utf8"));
const allowed = Number(process.argv[2]) * 1000;

// One rule for each literal that is concluded; those it is concluded from have a higher priority.
function prepared(clauses) {
  const bodies = new Map();
  for (const [head, body] of clauses) bodies.set(head, [...(bodies.get(head) ?? []), body]);
  const levels = new Map();
  const level = (literal) => {
    if (!bodies.has(literal)) return 0;
    if (!levels.has(literal)) levels.set(literal, 1 + Math.max(...bodies.get(literal).flat().map(level)));
    return levels.get(literal);
  };
  const top = Math.max(...[...bodies.keys()].map(level));
  const engine = new Engine([], { allowUndefinedFacts: true });
  const holds = (literal) => ({ fact: `l${literal}`, operator: "equal", value: true });
  for (const [head, alternatives] of bodies)
    engine.addRule({
      conditions: { any: alternatives.map((body) => ({ all: body.map(holds) })) },
      event: { type: `${head}` },
      priority: 1 + top - level(head),
      onSuccess: (event, almanac) => almanac.addRuntimeFact(`l${head}`, true),
    });
  return engine;
}

async function main() {
  let start = performance.now();
  const engine = prepared(asked.clauses);
  const preparing = performance.now() - start;
  const seconds = [];
  const found = [];
  let used = 0;
  for (const given of asked.cases) {
    if (seconds.length >= 3 && used > allowed) break;
    start = performance.now();
    const { events } = await engine.run(Object.fromEntries(given.map((literal) => [`l${literal}`, true])));
    const took = performance.now() - start;
    used += took;
    seconds.push(took / 1000);
    found.push([...new Set([...given, ...events.map((event) => Number(event.type))])].sort((a, b) => a - b));
  }
  process.stdout.write(JSON.stringify({ engine: version, seconds, prepared: preparing / 1000, found }));
}

main();
