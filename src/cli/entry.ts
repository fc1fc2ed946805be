/** Everything that `bin/samesource.js` needs, bundled by the build: some two hundred files take longer to find than to run. */
export { processIo } from './io.ts';
export { run } from './run.ts';
export { closeInherited } from '../platform/process.ts';
