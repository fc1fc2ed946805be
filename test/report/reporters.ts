/** All reporters, loaded. */
import { reporters as table } from '../../src/report/index.ts';

export const reporters = {
  terminal: await table.terminal(),
  json: await table.json(),
  markdown: await table.markdown(),
  html: await table.html(),
  'diffoscope-json': await table['diffoscope-json'](),
};
