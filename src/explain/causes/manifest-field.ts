import { linesOf } from '../lines.ts';
import { accountsOf, listed } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

const time = /^[\w :.,+/()-]{1,64}$/;
const name = /^[\w .@-]{1,64}$/;
const program = /^[\w .()+~:;,/-]{1,200}$/;

/** What builders write into META-INF/MANIFEST.MF and no class loader reads, and what may stand there. */
const fields: Readonly<Record<string, RegExp>> = {
  'Ant-Version': program,
  'Archiver-Version': program,
  'Bnd-LastModified': /^\d{1,16}$/,
  'Build-Date': time,
  'Build-Host': name,
  'Build-Jdk': program,
  'Build-Jdk-Spec': program,
  'Build-OS': program,
  'Build-Time': time,
  'Build-Time-ISO-8601': time,
  'Build-Timestamp': time,
  'Build-User': name,
  'Built-By': name,
  'Built-Date': time,
  'Built-JDK': program,
  'Built-OS': program,
  'Created-By': program,
  'Creation-Date': time,
  'Implementation-Build-Date': time,
  'Originally-Created-By': program,
  Timestamp: time,
  Tool: program,
};

export const manifestField: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    if (!/(?:^|\/)META-INF\/MANIFEST\.MF$/.test(pair.path)) return [];
    const told = new Set<string>();
    const claims = open.filter((delta) => isBuildField(pair, delta, told));
    return accountsOf(
      claims.map((delta): [Delta, boolean] => [delta, true]),
      () => ({
        summary: `fields of the manifest that say when, by whom and with what it was built: ${listed([...told].toSorted(), 6)}`,
        fix: 'project.build.outputTimestamp in Maven; in Gradle or Ant leave these fields out',
      }),
    );
  },
};

/** A line that goes on in the next one (the jar file specification, 72 bytes) is not taken apart. */
function isBuildField(pair: Pair, delta: Delta, told: Set<string>): boolean {
  const lines = linesOf(pair, delta) ?? oneSided(pair, delta);
  if (lines === undefined || isContinued(pair, delta)) return false;
  const [theirs, ours] = [keysOf(lines.released), keysOf(lines.rebuilt)];
  if (theirs === undefined || ours === undefined) return false;
  for (const key of [...theirs, ...ours]) told.add(key);
  return true;
}

/** Lines that only one of the two has. */
function oneSided(pair: Pair, delta: Delta): ReturnType<typeof linesOf> {
  const texts = (['released', 'rebuilt'] as const).map((side) => {
    const span = delta[side];
    if (span === undefined || span.size > 64 * 1024) return undefined;
    const { view } = pair[side];
    const isStart = span.at === 0 || view.read(span.at - 1, 1)[0] === 0x0a;
    const text = view.read(span.at, span.size).toString('utf8');
    return isStart && (text === '' || text.endsWith('\n')) ? text : undefined;
  });
  const [released, rebuilt] = texts.map((text) => text?.split(/\r?\n/).slice(0, -1));
  return released === undefined || rebuilt === undefined ? undefined : { released, rebuilt };
}

function isContinued(pair: Pair, delta: Delta): boolean {
  return (['released', 'rebuilt'] as const).some((side) => {
    const span = delta[side];
    const { view } = pair[side];
    const end = (span?.at ?? 0) + (span?.size ?? 0);
    return end < view.size && view.read(end, 1)[0] === 0x20;
  });
}

/** Undefined unless each line is such a field with such a value. */
function keysOf(lines: readonly string[]): string[] | undefined {
  const keys: string[] = [];
  for (const line of lines) {
    const [, key = '', value = ''] = /^([\w-]+): (.*)$/.exec(line) ?? [];
    if (!Object.hasOwn(fields, key) || fields[key]?.test(value) !== true) return undefined;
    keys.push(key);
  }
  return keys;
}
