import type { Reporter, ReportFormat } from './types.ts';

/** Loaded when one is chosen: all of them take longer to load than small files to compare. */
export const reporters = {
  terminal: async () => (await import('./terminal/terminal.ts')).terminal,
  json: async () => (await import('./json.ts')).json,
  markdown: async () => (await import('./markdown/markdown.ts')).markdown,
  html: async () => (await import('./html/html.ts')).html,
  'diffoscope-json': async () => (await import('./diffoscope-json.ts')).diffoscopeJson,
} satisfies Record<ReportFormat, () => Promise<Reporter>>;
