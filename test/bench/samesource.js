/** What entries need of samesource itself: its command line, and a claim with a toolchain and a C source. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeClaim } from '../../dist/claim/write.js';
import { openContext } from '../../dist/cli/context.js';
import { tarEnd, tarHeader, tarPadding } from '../../dist/format/tar.js';

export const program = fileURLToPath(new URL('../../bin/samesource.js', import.meta.url));

/**
 * Runs samesource with `--json`. @param {string[]} args
 * @returns {{ answer: any, failed?: string }} `failed` is set for every exit code but 0
 */
export function samesource(args) {
  const options = { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8', maxBuffer: 2 ** 28 };
  const { status, stdout } = spawnSync(process.execPath, [program, '--json', ...args], options);
  const answer = stdout === '' ? {} : JSON.parse(stdout);
  if (status === 0) return { answer };
  const { code = `exit ${status}`, message = '' } = answer.error ?? answer.reason ?? {};
  return { answer, failed: `${code}: ${message}` };
}

/**
 * Gives `act` the context of a command without network.
 * @template T @param {string} store @param {(ctx: import('../../dist/store/context.js').Context) => Promise<T>} act
 */
export async function offline(store, act) {
  const session = {
    io: { env: process.env, stderr: process.stderr, cwd: process.cwd() },
    flags: { store, offline: true, quiet: true, color: false },
    signal: new AbortController().signal,
    color: false,
  };
  const open = await openContext(session, process.cwd());
  try {
    return await act(open.ctx);
  } finally {
    await open[Symbol.asyncDispose]();
  }
}

const platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/**
 * Writes a claim, its source and its released file below `dir`.
 * @param {string} dir @param {{ packages: string[], files: Record<string, string>, released: Uint8Array | string }} what
 * @returns path of the claim; the recipe is `make`, the artifact `program`
 */
export function makeClaim(dir, { packages, files, released }) {
  mkdirSync(dir, { recursive: true });
  const archive = tarOf(files);
  writeFileSync(join(dir, 'source.tar'), archive);
  writeFileSync(join(dir, 'released'), released);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const path = join(dir, 'samesource.yaml');
  const claim = {
    claim: 1,
    name: 'benchmark',
    source: { kind: 'archive', url: 'source.tar', sha256 },
    toolchain: { kind: 'debian', suites: ['bookworm'], packages, platform },
    build: { dir: '/build/source', env: {}, run: 'make', limits },
    artifacts: [{ path: 'program', released: { kind: 'file', path: 'released' }, allow: [] }],
    reviews: [],
  };
  writeFileSync(path, writeClaim(claim));
  return path;
}

const limits = { seconds: 3600, memoryBytes: 4 * 1024 ** 3, processes: 512, diskBytes: 4 * 1024 ** 3 };

function tarOf(files) {
  const owner = { uid: 0, gid: 0, uname: '', gname: '', mtime: 0, link: '' };
  const blocks = Object.entries(files).flatMap(([path, text]) => {
    const content = Buffer.from(text);
    const header = tarHeader({ path, type: 'file', mode: 0o644, size: content.length, ...owner });
    return [header, content, tarPadding(content.length)];
  });
  return Buffer.concat([...blocks, tarEnd]);
}
