/** All reporters, loaded. */
import { reporters as table } from '../../src/report/index.ts';
import type { Reporter, ReportFormat } from '../../src/report/types.ts';

const loaded = await Promise.all(Object.entries(table).map(async ([format, load]) => [format, await load()] as const));

export const reporters = Object.fromEntries(loaded) as Readonly<Record<ReportFormat, Reporter>>;
