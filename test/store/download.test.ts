import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { sha256Of } from '../../src/platform/digest.ts';
import { download, obtain } from '../../src/store/download.ts';
import { exec } from '../../src/platform/exec.ts';
import { which } from '../../src/platform/files.ts';
import { codeOf, contextIn, temporary } from '../source/fixture.ts';

// The pauses between attempts, half a second and a second, are shortened.
beforeAll(() => {
  const real = globalThis.setTimeout;
  const quick = ((act: () => void, ms?: number) =>
    real(act, ms === 500 || ms === 1000 ? ms / 50 : ms)) as typeof setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(quick);
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const content = 'damson '.repeat(1000);
const sha256 = sha256Of(content);
const wanted = { what: 'damson', sha256 };

test('a file arrives with where it came from, and is asked for once', async () => {
  const asked: string[] = [];
  const at = await serve((question, answer) => {
    asked.push(question.url ?? '');
    if (question.url === '/old') answer.writeHead(302, { location: '/new' }).end();
    else answer.end(content);
  });
  const base = temporary();
  const ctx = await contextIn(base);
  const blob = await obtain(ctx, { ...wanted, urls: [`${at}/old`], size: content.length });
  expect(blob).toMatchObject({ sha256, size: content.length });
  await obtain(ctx, { ...wanted, urls: [`${at}/old`] });
  expect(asked).toEqual(['/old', '/new']);
  expect(await ctx.store.origin(sha256)).toEqual({
    urls: [`${at}/old`, `${at}/new`],
    fetchedAt: '2026-06-01T00:00:00.000Z',
  });
});

test('a changed file never reaches the store', async () => {
  const at = await serve((_, answer) => void answer.end(content.replace('d', 'D')));
  const base = temporary();
  const ctx = await contextIn(base);
  expect(await codeOf(obtain(ctx, { ...wanted, urls: [at], size: content.length }))).toBe('digest-mismatch');
  expect(readdirSync(join(base, 'store/blobs/sha256'))).toEqual([]);
  expect(readdirSync(join(base, 'store/tmp'))).toEqual([]);
});

test('a shorter file, whole by what the server says', async () => {
  const at = await serve((_, answer) => void answer.end(content.slice(0, 100)));
  const ctx = await contextIn(temporary());
  expect(await codeOf(obtain(ctx, { ...wanted, urls: [at], size: content.length }))).toBe('digest-mismatch');
});

test('an answer that breaks off is asked for again', async () => {
  let asked = 0;
  const at = await serve((_, answer) => {
    asked += 1;
    answer.writeHead(200, { 'content-length': content.length });
    if (asked === 3) answer.end(content);
    else answer.write(content.slice(0, 100), () => answer.destroy());
  });
  const ctx = await contextIn(temporary());
  expect(await obtain(ctx, { ...wanted, urls: [at] })).toMatchObject({ sha256 });
  expect(asked).toBe(3);
});

test('an answer that always breaks off leaves nothing behind', async () => {
  const at = await serve((_, answer) => {
    answer.writeHead(200, { 'content-length': content.length });
    answer.write(content.slice(0, 100), () => answer.destroy());
  });
  const base = temporary();
  expect(await codeOf(obtain(await contextIn(base), { ...wanted, urls: [at] }))).toBe('unreachable');
  expect(readdirSync(join(base, 'store/tmp'))).toEqual([]);
});

test('an endless answer is cut at the size that is known, or at the limit', async () => {
  const at = await serve((_, answer) => {
    const more = (): void => {
      while (!answer.destroyed && answer.write(content));
      if (!answer.destroyed) answer.once('drain', more);
    };
    more();
  });
  const ctx = await contextIn(temporary());
  expect(await codeOf(obtain(ctx, { ...wanted, urls: [at], size: content.length }))).toBe('too-large');
  expect(await codeOf(download(ctx, { what: 'damson', url: at, limit: 100_000 }))).toBe('too-large');
});

test('a file that is gone is not asked for again, a busy server is', async () => {
  const asked: string[] = [];
  const at = await serve((question, answer) => {
    asked.push(question.url ?? '');
    answer.writeHead(question.url === '/gone' ? 404 : 503).end();
  });
  const ctx = await contextIn(temporary());
  expect(await codeOf(obtain(ctx, { ...wanted, urls: [`${at}/gone`] }))).toBe('unreachable');
  expect(asked).toEqual(['/gone']);
  expect(await codeOf(obtain(ctx, { ...wanted, urls: [`${at}/busy`] }))).toBe('unreachable');
  expect(asked).toHaveLength(4);
});

test('the next address is tried where one is gone, and not where one lies', async () => {
  const at = await serve((question, answer) => {
    if (question.url === '/gone') answer.writeHead(404).end();
    else answer.end(question.url === '/good' ? content : 'lie');
  });
  const ctx = await contextIn(temporary());
  expect(await codeOf(obtain(ctx, { ...wanted, urls: [`${at}/gone`, `${at}/lie`, `${at}/good`] }))).toBe(
    'digest-mismatch',
  );
  expect(await obtain(ctx, { ...wanted, urls: [`${at}/gone`, `${at}/good`] })).toMatchObject({ sha256 });
});

test.each(['/round', 'ftp://127.0.0.1/x', 'file:///etc/passwd', 'http://'])(
  'a redirect to %s is not followed',
  async (location) => {
    const at = await serve((_, answer) => void answer.writeHead(302, { location }).end());
    expect(await codeOf(obtain(await contextIn(temporary()), { ...wanted, urls: [at] }))).toBe('unreachable');
  },
);

test('credentials do not follow a redirect to another server', async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((question, answer) => {
    seen.push(question.headers.authorization);
    answer.end(content);
  });
  const at = await serve((question, answer) => {
    seen.push(question.headers.authorization);
    answer.writeHead(302, { location: other }).end();
  });
  const ctx = await contextIn(temporary());
  await download(ctx, { what: 'damson', url: at, headers: { Authorization: 'Bearer quince' } });
  expect(seen).toEqual(['Bearer quince', undefined]);
});

test('nobody listens, and no network is wanted', async () => {
  const at = await serve(() => {});
  const closed = at.replace(/\d+$/, '1');
  expect(await codeOf(obtain(await contextIn(temporary()), { ...wanted, urls: [closed] }))).toBe('unreachable');
  expect(await codeOf(obtain(await contextIn(temporary(), { offline: true }), { ...wanted, urls: [at] }))).toBe(
    'unreachable',
  );
  expect(await codeOf(obtain(await contextIn(temporary()), { ...wanted, urls: [] }))).toBe('unreachable');
});

test('an interrupt ends a download at once', async () => {
  const stop = new AbortController();
  const at = await serve((_, answer) => {
    answer.write('begun');
    setTimeout(() => stop.abort(new Error('interrupted')), 50);
  });
  const base = temporary();
  const ctx = { ...(await contextIn(base)), signal: stop.signal };
  await expect(obtain(ctx, { ...wanted, urls: [at] })).rejects.toThrow('interrupted');
  expect(readdirSync(join(base, 'store/tmp'))).toEqual([]);
});

const openssl = await which('openssl', process.env['PATH']);

test.skipIf(openssl === undefined)(
  'https is never left for http (skipped where openssl is not installed)',
  async () => {
    const base = temporary();
    const made = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-days',
      '2',
    ];
    const files = ['-keyout', join(base, 'key'), '-out', join(base, 'cert')];
    const env = { PATH: process.env['PATH'] ?? '' };
    expect((await exec({ file: openssl ?? '', args: ['req', '-x509', ...made, ...files], env })).exitCode).toBe(0);
    let asked = 0;
    const plain = await serve((_, answer) => {
      asked += 1;
      answer.end(content);
    });
    const identity = { key: readFileSync(join(base, 'key')), cert: readFileSync(join(base, 'cert')) };
    const server = createTlsServer(identity, (question, answer) => {
      if (question.url === '/file') answer.end(content);
      else answer.writeHead(302, { location: question.url === '/same' ? '/file' : plain }).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
      vi.unstubAllEnvs();
    });
    const at = `https://localhost:${(server.address() as AddressInfo).port}`;
    expect(await codeOf(obtain(await contextIn(base), { ...wanted, urls: [`${at}/file`] }))).toBe('unreachable');
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await codeOf(obtain(await contextIn(base), { ...wanted, urls: [`${at}/away`] }))).toBe('unreachable');
    expect(asked).toBe(0);
    expect(await obtain(await contextIn(base), { ...wanted, urls: [`${at}/same`] })).toMatchObject({ sha256 });
  },
);
