/** The house rules that a compiler does not hold: who may import whom, and who owns what. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

const base = ['model'];
const doors = [...base, 'format', 'platform'];
const shelves = [...doors, 'store', 'registry', 'ledger'];
const stages = ['claim', 'source', 'release', 'toolchain', 'engine', 'build', 'compare', 'explain', 'report', 'infer'];

/** Folder to the folders that it may import from; its own is always allowed. */
const layers: Readonly<Record<string, readonly string[]>> = {
  model: [],
  platform: base,
  // Below format, never beside it: readers hash what they read and open what they are named.
  format: [...base, 'platform'],
  store: doors,
  registry: [...doors, 'store'],
  ledger: doors,
  ...Object.fromEntries(stages.map((stage) => [stage, shelves])),
  pipeline: [...shelves, ...stages],
  cli: [...shelves, ...stages, 'pipeline'],
};

/** Third-party package to the files that may import it. */
const owners: Readonly<Record<string, readonly string[]>> = {
  // The second hashes in the reader's browser, where there is no platform.
  '@alexaltea/capstone-js': ['format/disassembly.ts'],
  '@noble/hashes': ['platform/digest.ts', 'report/html/page/hash-file.ts'],
  chalk: ['report/terminal/terminal.ts'],
  commander: ['cli/program.ts', 'cli/commands/completion.ts'],
  execa: ['platform/exec.ts'],
  fzstd: ['format/compression.ts'],
  openpgp: ['format/openpgp.ts'],
  ora: ['cli/progress.ts'],
  'packageurl-js': ['format/purl.ts'],
  pako: ['explain/encoders/deflate.ts'],
  tar: ['format/tar.ts'],
  undici: ['platform/http.ts'],
  'xz-decompress': ['format/compression.ts'],
  yaml: ['format/yaml.ts'],
  yauzl: ['format/zip.ts'],
  // Definitions of documents; everything else takes what they have read.
  zod: [
    'claim/lock-schema.ts',
    'claim/schema.ts',
    'cli/settings.ts',
    'format/document-shapes.ts',
    'format/json-schema.ts',
    'format/shape.ts',
    'report/comparison-schema.ts',
    'report/difference-schema.ts',
    'report/verdict-schema.ts',
  ],
};

/** Modules of Node that open a door to the outside, and who may. */
const guarded: Readonly<Record<string, (file: string) => boolean>> = {
  'node:child_process': (file) => file === 'platform/exec.ts',
  // The engine takes a random name from it, and SSH signatures their verification; no digest.
  'node:crypto': (file) => ['platform/digest.ts', 'engine/container.ts', 'format/sshsig.ts'].includes(file),
  'node:worker_threads': (file) => file === 'platform/worker.ts',
  'node:http': () => false,
  'node:https': () => false,
  // A named pipe, read without a thread that waits for it.
  'node:net': (file) => file === 'engine/log.ts',
  'node:dns': () => false,
  'node:vm': () => false,
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .toSorted();

const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = codeOf(file);
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g);
  return [
    ...[...statements].map(([, type, from = '']) => ({ file, from, typeOnly: type !== undefined })),
    ...[...dynamic].map(([, from = '']) => ({ file, from, typeOnly: false })),
  ];
}

function codeOf(file: string): string {
  return readFileSync(join(src, file), 'utf8');
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function targetOf({ file, from }: Import): string {
  return relative(src, resolve(src, dirname(file), from));
}

function packageOf(from: string): string {
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

const shown = ({ file, from }: Import): string => `${file} imports ${from}`;

describe('layers', () => {
  test('every folder has its place', () => {
    const folders = new Set(files.map(folderOf));
    expect([...folders].filter((folder) => layers[folder] === undefined)).toEqual([]);
  });

  test('imports only go down; a stage takes only the types of another', () => {
    const wrong = imports
      .filter(({ from }) => from.startsWith('.'))
      .filter((found) => {
        const [folder, target] = [folderOf(found.file), targetOf(found)];
        if (folderOf(target) === folder || (layers[folder] ?? []).includes(folderOf(target))) return false;
        const typesOfStage = found.typeOnly && target === `${folderOf(target)}/types.ts`;
        return !(typesOfStage && stages.includes(folder) && stages.includes(folderOf(target)));
      });
    expect(wrong.map(shown)).toEqual([]);
  });

  test('relative imports name their file', () => {
    const relativeImports = imports.filter(({ from }) => from.startsWith('.'));
    expect(relativeImports.length).toBeGreaterThan(100);
    expect(relativeImports.filter((found) => !files.includes(targetOf(found))).map(shown)).toEqual([]);
  });
});

describe('owners', () => {
  const packages = imports.filter(({ from }) => !from.startsWith('.') && !from.startsWith('node:'));

  test('each package is imported by its owners alone', () => {
    const wrong = packages.filter(({ file, from }) => !(owners[packageOf(from)] ?? []).includes(file));
    expect(wrong.map(shown)).toEqual([]);
  });

  test('each dependency has an owner that imports it', () => {
    const { dependencies } = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const owned = new Set(packages.map(({ from }) => packageOf(from)));
    expect(Object.keys(dependencies).filter((name) => !owned.has(name))).toEqual([]);
  });

  test('doors of Node are opened by their keepers alone', () => {
    const wrong = imports.filter(({ file, from }) => !(guarded[from] ?? (() => true))(file));
    expect(wrong.map(shown)).toEqual([]);
  });
});

describe('acts', () => {
  /** What to look for in code, and the folders where it may stand. */
  const acts: readonly (readonly [what: string, pattern: RegExp, allowed: readonly string[]])[] = [
    ['printing', /\bconsole\.\w+\(|process\.(?:stdout|stderr)\b/, ['cli']],
    ['ending the process', /\bprocess\.(?:exit|abort)\(|process\.exitCode\b/, ['cli']],
    ['reading the environment', /\bprocess\.env\b/, ['cli']],
    ['reading the working directory', /\bprocess\.cwd\(/, ['cli']],
    ['chance', /\bMath\.random\(/, []],
    ['fetching', /(?<![.\w])fetch\(['"`]/, []],
  ];

  test.each(acts)('%s happens only where it may', (_, pattern, allowed) => {
    const wrong = files.filter((file) => !allowed.includes(folderOf(file)) && pattern.test(codeOf(file)));
    expect(wrong).toEqual([]);
  });

  test('a table of plug-ins is one literal and nothing else', () => {
    const tables = files.filter((file) => /^[a-z]+\/index\.ts$/.test(file));
    expect(tables.length).toBeGreaterThan(3);
    const wrong = tables.filter(
      (file) => !/^export const \w+ = \{[^]*\} (?:as const )?satisfies \w+/m.test(codeOf(file)),
    );
    expect(wrong).toEqual([]);
  });
});
