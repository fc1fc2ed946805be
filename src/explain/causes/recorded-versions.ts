/** Versions that compilers and linkers record in a field of their own. */
import { shortened } from '../spans.ts';
import type { CauseFinder, Delta } from '../types.ts';

interface Recorded {
  readonly what: string;
  readonly fix: string;
}

const compilers: Readonly<Record<string, Readonly<Record<string, Recorded>>>> = {
  'java-class': {
    'major version': { what: 'the version of the class file', fix: 'javac --release with the same number' },
  },
  wasm: { producers: { what: 'the producers', fix: 'use the same version of the compiler' } },
  pyc: { magic: { what: 'the version of Python', fix: 'compile with the same version of Python' } },
  pe: { 'linker version': { what: 'the version of the linker', fix: 'use the same version of the linker' } },
  'mach-o': {
    tools: { what: 'the tools', fix: 'use the same version of the linker' },
    sdk: { what: 'the SDK', fix: 'build with the same SDK' },
  },
};

/** For the kind `compiler-version`: what a file says of who compiled it. */
export const recordedCompiler: CauseFinder = {
  formats: ['java-class', 'wasm', 'pyc', 'pe', 'mach-o'],
  find: (pair, open) => accountFor(compilers[pair.format] ?? {}, open),
};

/** For the kind `dependency-version`: the library that wrote a database. */
export const databaseWriter: CauseFinder = {
  formats: ['sqlite'],
  find: (_pair, open) =>
    accountFor({ 'sqlite version': { what: 'the version of SQLite', fix: 'use the same version of SQLite' } }, open),
};

/** For the kind `build-date`: when an image was written. */
export const imageTime: CauseFinder = {
  formats: ['png'],
  find: (_pair, open) =>
    accountFor(
      {
        'image time': {
          what: 'the time of the image',
          fix: 'write no tIME chunk: magick -define png:exclude-chunk=time',
        },
      },
      open,
    ),
};

/** The field is what it says and nothing more follows from that: what else the version changed is told apart. */
function accountFor(
  fields: Readonly<Record<string, Recorded>>,
  open: readonly Delta[],
): ReturnType<CauseFinder['find']> {
  return Object.entries(fields).flatMap(([field, { what, fix }]) => {
    const claims = open.filter((delta) => delta.field === field);
    const [first] = claims;
    if (first === undefined) return [];
    const [theirs, ours] = [first.released, first.rebuilt].map((span) => shortened(span?.text ?? 'none'));
    return [
      { claims, certainty: 'suspected' as const, summary: `${what} is ${theirs} released, ${ours} rebuilt`, fix },
    ];
  });
}
