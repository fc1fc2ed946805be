/** A small Debian archive, signed by a key of its own, served on loopback and spoilt at will. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as openpgp from 'openpgp';
import { onTestFinished } from 'vitest';
import { sha256Of } from '../../../src/platform/digest.ts';
import type { Context } from '../../../src/store/context.ts';
import { contextIn, temporary } from '../../source/fixture.ts';

const pair = await openpgp.generateKey({ userIDs: [{ name: 'Heron Archive' }], format: 'object' });

/** What the tests put in place of the real archive's keys. */
export const archiveKey: string = pair.publicKey.armor();

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly suite: string;
  readonly arch?: string;
  readonly source?: string;
  readonly fields?: string;
}

export interface Archive {
  readonly url: string;
  readonly asked: string[];
  /** Path to content; change it to spoil the archive. */
  readonly files: Map<string, Buffer>;
  /** Paths that never end. */
  readonly endless: Set<string>;
}

const suites = ['heron', 'heron-updates', 'heron-security'].flatMap((name) =>
  ['bookworm', 'trixie'].map((release) => name.replace('heron', release)),
);

export async function serveArchive(
  packages: readonly Package[],
  sources: Readonly<Record<string, string>> = {},
): Promise<Archive> {
  const files = new Map<string, Buffer>();
  for (const suite of suites)
    await addSuite(
      files,
      suite,
      packages.filter((one) => one.suite === suite),
      sources[suite] ?? '',
    );
  const asked: string[] = [];
  const endless = new Set<string>();
  const server = createServer((question, answer) => {
    const path = decodeURIComponent(question.url ?? '').slice(1);
    asked.push(path);
    const content = files.get(path);
    if (endless.has(path)) return pour(answer);
    if (content === undefined) return answer.writeHead(404).end();
    answer.end(content);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, files, endless };
}

function pour(answer: { write(bytes: Buffer, done: () => void): unknown; destroyed: boolean }): void {
  if (!answer.destroyed) answer.write(Buffer.alloc(1024 * 1024, 'x'), () => pour(answer));
}

/** A context whose only mirror is the archive. */
export async function contextFor(archive: Archive, snapshot = archive.url): Promise<Context> {
  const ctx = await contextIn(temporary());
  return {
    ...ctx,
    settings: { ...ctx.settings, mirrors: { debian: archive.url, 'debian-security': archive.url }, snapshot },
  };
}

async function addSuite(
  files: Map<string, Buffer>,
  suite: string,
  packages: readonly Package[],
  sources: string,
): Promise<void> {
  const index = packages.map((one) => stanza(files, one)).join('\n');
  const indexes: Record<string, Buffer> = {
    'main/binary-amd64/Packages': Buffer.from(index),
    'main/binary-amd64/Packages.gz': gzipSync(index),
    'main/source/Sources': Buffer.from(sources),
    'main/source/Sources.gz': gzipSync(sources),
  };
  for (const [path, content] of Object.entries(indexes)) files.set(`dists/${suite}/${path}`, content);
  files.set(`dists/${suite}/InRelease`, Buffer.from(await signedRelease(suite, indexes)));
}

export async function signedRelease(suite: string, indexes: Readonly<Record<string, Buffer>>): Promise<string> {
  const rows = Object.entries(indexes).map(([path, content]) => ` ${sha256Of(content)} ${content.length} ${path}`);
  const text = `Suite: x\nCodename: ${suite}\nDate: Sat, 11 Jul 2026 10:16:37 UTC\nSHA256:\n${rows.join('\n')}\n`;
  const message = await openpgp.createCleartextMessage({ text });
  return openpgp.sign({ message, signingKeys: pair.privateKey });
}

function stanza(files: Map<string, Buffer>, one: Package): string {
  const content = Buffer.from(`${one.name} ${one.version} ${one.suite}`);
  const arch = one.arch ?? 'amd64';
  const path = `pool/main/${one.name}_${one.version}_${arch}.deb`;
  files.set(path, content);
  const source = one.source === undefined ? '' : `Source: ${one.source}\n`;
  return `Package: ${one.name}\n${source}Version: ${one.version}\nArchitecture: ${arch}\nFilename: ${path}\nSize: ${content.length}\nSHA256: ${sha256Of(content)}\n${one.fields ?? ''}`;
}

/** Stanza of a source package in `Sources`. */
export function sourceStanza(name: string, version: string): string {
  const digest = sha256Of(name);
  return `Package: ${name}\nVersion: ${version}\nBuild-Depends: debhelper-compat (= 13)\nDirectory: pool/main/src\nChecksums-Sha256:\n ${digest} 7 ${name}_${version}.dsc\n`;
}
