/** Prepares the toolchain of a locked claim: STORE CLAIM. Prints where its tree is and what it was made of. */
import { loadClaim } from '../../../dist/claim/load.js';
import { readLock } from '../../../dist/claim/lock-file.js';
import { prepareToolchain } from '../../../dist/pipeline/stages.js';
import { offline } from '../samesource.js';

const [store, path] = process.argv.slice(2);
await offline(store, async (ctx) => {
  const lock = await readLock(path, await loadClaim(path));
  const { tree, identity } = await prepareToolchain(lock, ctx);
  process.stdout.write(`${JSON.stringify({ tree, digest: identity.digest })}\n`);
});
