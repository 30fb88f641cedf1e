// Ends the process without warning at the n-th change of the file system below a folder, as a crash would.
// Loaded by `node --require`; directed by KILL_BELOW (the folder) and KILL_AT (n, from 1).
const fs = require('node:fs');

const below = process.env.KILL_BELOW ?? '';
let left = Number(process.env.KILL_AT);

for (const name of ['mkdirSync', 'openSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    const concerns = typeof args[0] === 'number' ? left < Infinity : String(args[0]).startsWith(below);
    const changes = name !== 'openSync' || args[1] === 'w';
    if (concerns && changes) {
      left -= 1;
      if (left === 0) {
        process.kill(process.pid, 'SIGKILL');
      }
    }
    return original(...args);
  };
}
