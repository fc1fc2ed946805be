/** Runs one plan with the built engines, for tests that kill the process that does. */
import { PassThrough } from 'node:stream';
import { engines } from '../../dist/engine/index.js';
import { silent } from '../../dist/model/progress.js';
import { noNetwork } from '../../dist/platform/http.js';
import { closeInherited } from '../../dist/platform/process.js';
import { openStore } from '../../dist/store/store.js';

closeInherited();
const job = JSON.parse(process.argv[2]);
const ctx = {
  store: await openStore(job.store),
  http: noNetwork,
  progress: silent,
  settings: job.settings,
  signal: new AbortController().signal,
  now: () => new Date(),
  base: '/',
  env: process.env,
  platform: job.plan.platform,
};
await engines[job.kind].run(job.plan, new PassThrough().resume(), ctx);
