/** Runs a plan by its engine: STORE PLAN. Nothing is fetched, checked, placed or compared. */
import { createWriteStream, readFileSync } from 'node:fs';
import { engines } from '../../../dist/engine/index.js';
import { offline } from '../samesource.js';

const [store, path] = process.argv.slice(2);
const { engine, run } = JSON.parse(readFileSync(path, 'utf8'));
await offline(store, async (ctx) => {
  const log = createWriteStream('/dev/null');
  const end = await engines[engine].run(run, log, ctx);
  if (end.kind !== 'exited' || end.code !== 0) throw new Error(`the build ended otherwise: ${JSON.stringify(end)}`);
  await engines[engine].release(run, ctx);
  log.end();
});
