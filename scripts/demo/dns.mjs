#!/usr/bin/env node
// The demo's DNS script, in the protocol of lego's exec provider: it tells the name server over HTTP. Removing one value
// removes all of its name, which is all that this name server can.
const [action, host, value] = process.argv.slice(2);
const api = process.env.DEMO_NAME_SERVER_API;

/** @type {Record<string, [string, object]>} */
const calls = { present: ['set-txt', { host, value }], cleanup: ['clear-txt', { host }] };
const call = calls[action ?? ''];
if (call === undefined) {
  process.exit(64);
}
const [endpoint, body] = call;
const response = await fetch(`${api}/${endpoint}`, { method: 'POST', body: JSON.stringify(body) });
console.log(`${action} ${host}: the name server says ${response.status}`);
process.exitCode = response.ok ? 0 : 1;
