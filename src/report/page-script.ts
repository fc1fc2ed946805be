import { readFileSync } from 'node:fs';

let bundled: string | undefined;

/**
 * The page's script, as the build bundled it from `page/`: sources may run unbuilt, the script always
 * is what was built.
 */
export function pageScript(): string {
  bundled ??= readFileSync(new URL('../../dist/report/html/page.js', import.meta.url), 'utf8').trim();
  return bundled;
}
