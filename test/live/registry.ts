/** A real registry on loopback, open or behind bearer tokens, and a client that pushes into it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Made } from '../toolchain/oci-image/fixtures.ts';

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
}

/** Starts Debian's `docker-registry` on a directory; with a token server, reading needs a token of it. */
export async function startRegistry(dir: string, tokens?: TokenServer): Promise<Registry> {
  const port = await freePort();
  const config = join(dir, `config-${port}.yml`);
  writeFileSync(config, JSON.stringify(settings(dir, port, tokens)));
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const host = `127.0.0.1:${port}`;
  await untilAnswers(`http://${host}/v2/`, child, said);
  return { host, [Symbol.asyncDispose]: () => stop(child) };
}

function settings(dir: string, port: number, tokens?: TokenServer): object {
  const { realm, bundle } = tokens ?? {};
  const token = { realm, service: 'quince', issuer: 'orchard', rootcertbundle: bundle };
  return {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(dir, 'registry') } },
    http: { addr: `127.0.0.1:${port}`, secret: 'medlar' },
    ...(tokens === undefined ? {} : { auth: { token } }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswers(url: string, child: ChildProcess, said: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`docker-registry: ${said.join('')}`);
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await pause(100);
  }
  throw new Error(`docker-registry does not answer: ${said.join('')}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Pushes an image's blobs, then its manifest and index, under a tag (distribution-spec 1.1, "Push"). */
export async function push(registry: Registry, name: string, tag: string, image: Made): Promise<void> {
  const base = `http://${registry.host}/v2/${name}`;
  for (const [hex, bytes] of image.blobs) {
    if (hex === image.manifest || hex === image.index) continue;
    const begun = await require(fetch(`${base}/blobs/uploads/`, { method: 'POST' }), 202);
    const place = new URL(begun.headers.get('location') ?? '', base);
    place.searchParams.set('digest', `sha256:${hex}`);
    await require(fetch(place, { method: 'PUT', body: new Uint8Array(bytes) }), 201);
  }
  const bytes = image.blobs.get(image.manifest) ?? Buffer.alloc(0);
  const { mediaType } = JSON.parse(bytes.toString()) as { mediaType: string };
  const headers = { 'content-type': mediaType };
  await require(fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers, body: new Uint8Array(bytes) }), 201);
}

async function require(asked: Promise<Response>, status: number): Promise<Response> {
  const answer = await asked;
  if (answer.status !== status) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  return answer;
}

export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  /** File with the certificate that the registry trusts. */
  readonly bundle: string;
  /** Scope and credentials of every question. */
  readonly asked: { readonly scope: string | null; readonly authorization: string | undefined }[];
}

/** Signs tokens for whoever knows the password (distribution, "Token Authentication Implementation"). */
export async function startTokenServer(dir: string, password: string): Promise<TokenServer> {
  const [keyFile, bundle] = [join(dir, 'token.key'), join(dir, 'token.crt')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', keyFile, '-out', bundle, '-subj', '/CN=orchard', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...files], { stdio: 'pipe' });
  const key = createPrivateKey(readFileSync(keyFile));
  const asked: TokenServer['asked'] = [];
  const server: Server = createHttpServer((request, response) => {
    const scope = new URL(request.url ?? '', 'http://x').searchParams.get('scope');
    asked.push({ scope, authorization: request.headers.authorization });
    const known = request.headers.authorization === `Basic ${Buffer.from(password).toString('base64')}`;
    if (known) response.end(JSON.stringify({ token: makeToken(key, scope ?? ''), expires_in: 300 }));
    else response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return { realm, bundle, asked, [Symbol.asyncDispose]: async () => void server.close() };
}

function makeToken(key: KeyObject, scope: string): string {
  const [type, name, actions = ''] = scope.split(':');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'orchard',
    sub: 'eve',
    aud: 'quince',
    jti: String(now),
    iat: now,
    nbf: now - 10,
    exp: now + 300,
    access: [{ type, name, actions: actions.split(',') }],
  };
  const parts = [{ typ: 'JWT', alg: 'ES256', kid: keyId(key) }, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** libtrust's name for a key: 240 bits of the SHA-256 of its DER form, in base32, in groups of four. */
function keyId(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const letters = (bits.match(/.{5}/g) ?? []).map(
    (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)],
  );
  return (letters.join('').match(/.{4}/g) ?? []).join(':');
}
