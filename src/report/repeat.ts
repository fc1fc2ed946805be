/** One command that asks the same question again. */
import { formatPurl } from '../format/purl.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Document } from './types.ts';

/** For a shell; untrusted where it holds names. */
export function repeatCommand(document: Document): string {
  if ('verdict' in document) return verifyCommand(document);
  const names = new Set((document.difference?.allowed ?? []).map(({ allowance }) => allowance));
  const allowed = [...names].map((name) => ` --allow ${name}`).join('');
  const accepted = document.outcome === 'explained' ? ' --accept explained' : '';
  return `samesource compare ${quoted(document.released.path)} ${quoted(document.rebuilt.path)}${allowed}${accepted}`;
}

function verifyCommand(verdict: Verdict): string {
  const { source, artifacts } = verdict.claim.text;
  const released = artifacts[0]?.released;
  if (source.kind !== 'debian' || released?.kind !== 'debian') {
    return 'samesource verify  # in the directory of the claim and its lock';
  }
  const purl = formatPurl({
    type: 'deb',
    namespace: 'debian',
    name: released.package,
    version: released.version,
    qualifiers: { arch: released.arch },
  });
  return `samesource verify '${purl.replaceAll("'", '%27')}'`;
}

/** As few quotes as a shell lets pass; a name that begins with a dash is no option. */
function quoted(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w./+:@%,=-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
