import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256, type Sha256 } from '../../../src/model/digest.ts';
import { parseChallenge } from '../../../src/registry/oci/challenge.ts';
import { registryParts } from '../../../src/registry/oci/client.ts';
import { bench, digest, type Bench } from '../../toolchain/oci-image/fixtures.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that notes what it was asked, and with which credentials. */
async function serve(answer: Answer): Promise<AsyncDisposable & { host: string; asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const body = Buffer.from('{"quince":1}');
const wanted = sha256(digest(body));

async function pull(at: Bench, host: string, what: Sha256 = wanted): Promise<string> {
  const parts = registryParts(at.ctx, { registry: host, name: 'fruit/quince', digest: what });
  return (await parts.blob({ mediaType: '', digest: what, size: body.length })).sha256;
}

const plain = (...hosts: string[]): Promise<Bench> => bench({ insecureRegistries: hosts });

function challenge(response: ServerResponse, text: string): void {
  response.writeHead(401, { 'www-authenticate': text }).end();
}

test('an open registry is read without any credentials', async () => {
  await using registry = await serve((_request, response) => response.end(body));
  await using at = await plain(registry.host);
  expect(await pull(at, registry.host)).toBe(wanted);
  expect(registry.asked.every((line) => line.endsWith(' -'))).toBe(true);
});

test('a bearer token is asked for once, for reading this repository only, and sent', async () => {
  await using tokens = await serve((_request, response) => response.end('{"token":"t0ken","expires_in":300}'));
  await using registry = await serve((request, response) => {
    if (request.headers.authorization === 'Bearer t0ken') response.end(body);
    else
      challenge(response, `Bearer realm="http://${tokens.host}/auth?x=1",service="fruit",scope="registry:catalog:*"`);
  });
  await using at = await plain(registry.host);
  const parts = registryParts(at.ctx, { registry: registry.host, name: 'fruit/quince', digest: wanted });
  await parts.blob({ mediaType: '', digest: wanted, size: body.length });
  await parts.document(sha256(digest(Buffer.from('other')))).catch(() => undefined);
  expect(tokens.asked).toEqual(['GET /auth?x=1&service=fruit&scope=repository%3Afruit%2Fquince%3Apull -']);
});

test('a token does not follow a redirect to another origin', async () => {
  await using elsewhere = await serve((_request, response) => response.end(body));
  await using tokens = await serve((_request, response) => response.end('{"access_token":"t0ken"}'));
  await using registry = await serve((request, response) => {
    if (request.headers.authorization === undefined) challenge(response, `Bearer realm="http://${tokens.host}/"`);
    else response.writeHead(307, { location: `http://${elsewhere.host}/blob` }).end();
  });
  await using at = await plain(registry.host);
  expect(await pull(at, registry.host)).toBe(wanted);
  expect(elsewhere.asked).toEqual(['GET /blob -']);
  expect(registry.asked.at(-1)).toMatch(/Bearer t0ken$/);
});

test('the password of a registry goes to its token server, or to itself', async () => {
  await using tokens = await serve((_request, response) => response.end('{"token":"t0ken"}'));
  for (const scheme of ['Bearer', 'Basic']) {
    await using registry = await serve((request, response) => {
      if (request.headers.authorization !== undefined) response.end(body);
      else challenge(response, scheme === 'Basic' ? 'Basic realm="fruit"' : `Bearer realm="http://${tokens.host}/"`);
    });
    await using at = await plain(registry.host);
    const config = { auths: { [registry.host]: { auth: Buffer.from('eve:apple').toString('base64') } } };
    mkdirSync(join(at.dir, '.docker'));
    writeFileSync(join(at.dir, '.docker/config.json'), JSON.stringify(config));
    const own = { ...at, ctx: { ...at.ctx, env: { HOME: at.dir } } };
    expect(await pull(own, registry.host)).toBe(wanted);
    const asked = scheme === 'Basic' ? registry.asked : tokens.asked;
    expect(asked.at(-1)).toMatch(/Basic ZXZlOmFwcGxl$/);
  }
});

test.each<[string, Answer, string]>([
  ['other bytes', (_request, response) => response.end('{"quince":2}'), 'digest-mismatch'],
  ['fewer bytes', (_request, response) => response.end('{'), 'digest-mismatch'],
  ['bytes without end', (_request, response) => response.write(Buffer.alloc(100_000)), 'too-large'],
  ['not found', (_request, response) => response.writeHead(404).end(), 'unreachable'],
  ['a way in that is not known', (_request, response) => challenge(response, 'Negotiate'), 'toolchain-unavailable'],
  [
    'a password that nobody gave',
    (_request, response) => challenge(response, 'Basic realm="x"'),
    'toolchain-unavailable',
  ],
  [
    'a token server that is no address',
    (_request, response) => challenge(response, 'Bearer realm="x"'),
    'toolchain-unavailable',
  ],
  [
    'a token server on the disk',
    (_request, response) => challenge(response, 'Bearer realm="file:///x"'),
    'toolchain-unavailable',
  ],
])('%s', async (_what, answer, code) => {
  await using registry = await serve((request, response) => {
    if (request.method === 'HEAD' && code !== 'toolchain-unavailable') response.end();
    else answer(request, response);
  });
  await using at = await plain(registry.host);
  await expect(pull(at, registry.host)).rejects.toMatchObject({ code });
  expect(await at.ctx.store.has(wanted)).toBe(false);
});

test('a manifest without end is cut off', async () => {
  await using registry = await serve((request, response) => {
    if (request.method === 'HEAD') response.end();
    else for (let index = 0; index < 50; index++) response.write(Buffer.alloc(1_000_000));
  });
  await using at = await plain(registry.host);
  const parts = registryParts(at.ctx, { registry: registry.host, name: 'fruit', digest: wanted });
  await expect(parts.document(wanted)).rejects.toMatchObject({ code: 'too-large' });
});

test('a registry that is not named as insecure is never asked over plain http', async () => {
  await using registry = await serve((_request, response) => response.end(body));
  await using at = await plain('127.0.0.1:1');
  await expect(pull(at, registry.host)).rejects.toMatchObject({ code: 'unreachable' });
  expect(registry.asked).toEqual([]);
});

describe('WWW-Authenticate', () => {
  test.each([
    [
      'Bearer realm="https://a.example/t",service="s",scope="repository:x:pull,push"',
      { scheme: 'bearer', realm: 'https://a.example/t', service: 's', scope: 'repository:x:pull,push' },
    ],
    [
      'bearer REALM=https://a.example , Service="s s"',
      { scheme: 'bearer', realm: 'https://a.example', service: 's s' },
    ],
    ['Basic realm="x"', { scheme: 'basic' }],
  ])('%s', (header, expected) => {
    expect(parseChallenge(header, 'x')).toEqual(expected);
  });

  test.each([undefined, '', 'Digest realm="x"', 'Bearer', 'Bearer service="x"', 'Bearer realm="unfinished'])(
    '%s',
    (header) => {
      expect(() => parseChallenge(header, 'x')).toThrow(expect.objectContaining({ code: 'toolchain-unavailable' }));
    },
  );
});
