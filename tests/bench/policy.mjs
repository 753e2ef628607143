// How many decisions a second Cedar makes of the same rules and requests, and whether they are the same.
// usage: node policy.mjs MODULES DIRECTORY [--json]     MODULES: a node_modules with @cedar-policy/cedar-wasm
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const [modules, directory, json] = process.argv.slice(2);
const cedar = createRequire(`${modules}/`)('@cedar-policy/cedar-wasm/nodejs');
const ENOUGH_MS = 2000;

const WITHHOLD = 3;

function callOf(id, request) {
  return {
    principal: { type: 'Party', id: request.from },
    action: { type: 'Action', id: request.kind },
    resource: { type: 'Party', id: request.to },
    context: request.context,
    entities: [],
    preparsedPolicySetId: id,
  };
}

function ask(call) {
  const answer = cedar.statefulIsAuthorized(call);
  if (answer.type !== 'success' || answer.response.diagnostics.errors.length !== 0)
    throw new Error(`Cedar: ${JSON.stringify(answer)}`);
  return answer.response;
}

function sameSet(a, b) {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}

function check(calls, expected, effects) {
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i].matched;
    const matched = ask(calls[i]).diagnostics.reason;
    let outcome = matched.length === 0 ? WITHHOLD : 0;
    for (const id of matched) outcome = Math.max(outcome, effects[id]);
    // without a match, house rules of Valise are silent: that is not a question of the rules
    if (!sameSet(matched, want) || (matched.length !== 0 && outcome !== expected[i].outcome))
      throw new Error(`request ${i}: Cedar has ${matched}, Valise ${want}`);
  }
  return expected.length;
}

function measure(calls) {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < ENOUGH_MS) ask(calls[count++ % calls.length]);
  return (count * 1000) / (performance.now() - began);
}

function run(rules) {
  const { policies, effects, requests, expected } = JSON.parse(readFileSync(`${directory}/${rules}.json`, 'utf8'));
  const id = `rules-${rules}`;
  const began = performance.now();
  const parsed = cedar.preparsePolicySet(id, { staticPolicies: policies });
  const compile = performance.now() - began;
  if (parsed.type !== 'success') throw new Error(`Cedar: ${JSON.stringify(parsed.errors.slice(0, 3))}`);
  const calls = requests.map((request) => callOf(id, request));
  const same = check(calls, expected, effects);
  const perSecond = measure(calls);
  if (json)
    console.log(JSON.stringify({ engine: 'cedar', version: cedar.getCedarVersion(), rules: Number(rules),
                                 per_s: Math.round(perSecond), compile_ms: Number(compile.toFixed(3)), same }));
  else
    console.log([rules.padStart(8), perSecond.toFixed(0).padStart(14), compile.toFixed(3).padStart(12),
                 `${same} of ${expected.length}`.padStart(14)].join(' '));
}

if (!json) {
  console.log(`\nCedar ${cedar.getCedarVersion()}, through its JavaScript interface, policies parsed before:`);
  console.log(['rules'.padStart(8), 'decisions/s'.padStart(14), 'parse ms'.padStart(12), 'same outcome'.padStart(14)].join(' '));
}
const sizes = readdirSync(directory).filter((name) => /^\d+\.json$/.test(name)).map((name) => name.slice(0, -5));
for (const rules of sizes.sort((a, b) => a - b)) run(rules);
