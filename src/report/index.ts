import { diffoscopeJson } from './diffoscope-json.ts';
import { html } from './html/html.ts';
import { json } from './json.ts';
import { markdown } from './markdown/markdown.ts';
import { terminal } from './terminal/terminal.ts';
import type { Reporter, ReportFormat } from './types.ts';

export const reporters = { terminal, json, markdown, html, 'diffoscope-json': diffoscopeJson } satisfies Record<
  ReportFormat,
  Reporter
>;
