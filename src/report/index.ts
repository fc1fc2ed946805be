import { json } from './json.ts';
import { terminal } from './terminal/terminal.ts';
import type { Reporter, ReportFormat } from './types.ts';

export const reporters = { terminal, json } satisfies Record<ReportFormat, Reporter>;
