/**
 * The changelog entry of a binary-only rebuild. It is not in the source package; Debian's build
 * machines put it on top, and it decides versions and times of everything inside. It is read from
 * the released file, shown in the claim, and put on top again.
 */
import { Readable } from 'node:stream';
import { decompress } from '../../format/compression.ts';
import { SamesourceError } from '../../model/error.ts';
import { packageLock, type BinaryPackage } from '../../registry/debian/packages.ts';
import { obtainPoolFile } from '../../registry/debian/archive.ts';
import type { Context } from '../../store/context.ts';
import { openDeb } from '../../store/deb.ts';

const entryLimit = 16 * 1024;

/** @throws SamesourceError `unsupported` if no released package of the build holds the entry */
export async function rebuildEntry(source: string, packages: readonly BinaryPackage[], ctx: Context): Promise<string> {
  for (const one of packages) {
    const deb = await obtainPoolFile(ctx, packageLock(one));
    const text = await readChangelog(deb.path, one.arch);
    const entry = text === undefined ? undefined : firstEntry(text, source, one.version);
    if (entry !== undefined) return entry;
  }
  const [first] = packages;
  throw new SamesourceError(
    'unsupported',
    `${first?.name} ${first?.version} is a rebuild without source change, and none of its packages holds the changelog entry`,
  );
}

async function readChangelog(path: string, arch: string): Promise<string | undefined> {
  const wanted = new RegExp(
    `^(?:\\./)?usr/share/doc/[^/]+/changelog\\.Debian\\.${arch.replaceAll(/[^a-z0-9-]/g, '')}\\.gz$`,
  );
  const pieces: Uint8Array[] = [];
  const deb = await openDeb(path);
  await deb.readData((entry) => {
    if (entry.type !== 'file' || entry.size > entryLimit || !wanted.test(entry.path)) return undefined;
    return { write: (bytes) => void pieces.push(Buffer.from(bytes)), end: () => {} };
  });
  if (pieces.length === 0) return undefined;
  return changelogText(pieces);
}

/**
 * Exported for its test.
 * @throws SamesourceError `archive-unsafe` for damaged input, or for more than an entry can be
 */
export async function changelogText(packed: readonly Uint8Array[]): Promise<string> {
  const pieces: Uint8Array[] = [];
  const bounds = { bytes: entryLimit };
  for await (const piece of decompress('gzip', Readable.from(packed), bounds)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** deb-changelog(5). Attacker-controlled: only a plain entry of this very version is taken. */
export function firstEntry(text: string, source: string, version: string): string | undefined {
  const match =
    /^(\S+) \((\S+)\) [a-z0-9 -]+; urgency=\w+, binary-only=yes\n(?:\n| {2}[^\n]*\n)+? -- [^\n]+ {2}[^\n]+\n/.exec(
      text,
    );
  if (match === null || match[1] !== source || match[2] !== version) return undefined;
  return /[^\P{C}\n]/u.test(match[0]) ? undefined : match[0];
}
