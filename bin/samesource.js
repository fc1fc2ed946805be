#!/usr/bin/env node
// Whatever goes wrong before or beside `run` is a bug (70), never Node's own exit code 1, which
// here means that a released file does not match.
process.on('uncaughtException', (error) => {
  process.stderr.write(`samesource: error: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(70);
});
const { closeInherited, processIo, run } = await import('../dist/program/entry.js');
if (process.platform === 'linux') closeInherited();
process.exitCode = await run(process.argv.slice(2), processIo());
