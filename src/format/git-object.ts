/** Raw git objects: commits and tags, with the bytes that their signatures are over. */
import { gitId, type GitId } from '../model/digest.ts';
import { SamesourceError } from '../model/error.ts';

export interface GitSignature {
  /** `openpgp` or `ssh`; anything else, e.g. X.509, is not checked. */
  readonly kind: 'openpgp' | 'ssh' | 'other';
  readonly armored: string;
  /** What was signed: the object without its signature. */
  readonly payload: Uint8Array;
}

export interface GitCommit {
  readonly tree: GitId;
  /** Committer time, seconds since 1970. */
  readonly epoch: number;
  readonly signature?: GitSignature;
}

export interface GitTag {
  readonly object: GitId;
  readonly type: string;
  /** The name that the tag gives itself. */
  readonly name: string;
  /** Tagger time; very old tags have none. */
  readonly epoch?: number;
  readonly signature?: GitSignature;
}

/** @throws SamesourceError `source-mismatch` for a malformed object, or one with two signatures */
export function parseCommit(body: Buffer): GitCommit {
  const { headers, signatures, payload } = splitHeaders(body);
  const armored = signatures.at(0);
  if (signatures.length > 1) throw malformed('a commit with two signatures');
  return {
    tree: gitId(single(headers, 'tree'), 'tree of the commit'),
    epoch: timeOf(single(headers, 'committer')),
    ...(armored === undefined ? {} : { signature: { kind: kindOf(armored), armored, payload } }),
  };
}

/** @throws SamesourceError `source-mismatch` for a malformed object */
export function parseTag(body: Buffer): GitTag {
  const { headers } = splitHeaders(body);
  const tagger = headers.get('tagger')?.at(0);
  const signature = trailingSignature(body);
  return {
    object: gitId(single(headers, 'object'), 'object of the tag'),
    type: single(headers, 'type'),
    name: single(headers, 'tag'),
    ...(tagger === undefined ? {} : { epoch: timeOf(tagger) }),
    ...(signature === undefined ? {} : { signature }),
  };
}

interface Headers {
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly signatures: readonly string[];
  /** The object without its signature headers (git's `parse_signed_commit`). */
  readonly payload: Buffer;
}

/** Each header is a line, continued by lines that begin with a space; an empty line ends them. */
function splitHeaders(body: Buffer): Headers {
  const headers = new Map<string, string[]>();
  const signatures: string[] = [];
  const kept: Buffer[] = [];
  let at = 0;
  while (at < body.length && body[at] !== 0x0a) {
    const end = endOfHeader(body, at);
    const [name, value] = headerOf(body.toString('utf8', at, end));
    if (name === 'gpgsig' || name === 'gpgsig-sha256') signatures.push(`${value}\n`);
    else {
      kept.push(body.subarray(at, end));
      headers.set(name, [...(headers.get(name) ?? []), value]);
    }
    at = end;
  }
  return { headers, signatures, payload: Buffer.concat([...kept, body.subarray(at)]) };
}

function endOfHeader(body: Buffer, from: number): number {
  let end = lineEnd(body, from);
  while (body[end] === 0x20) end = lineEnd(body, end);
  return end;
}

function lineEnd(body: Buffer, from: number): number {
  const end = body.indexOf(0x0a, from);
  return end === -1 ? body.length : end + 1;
}

function headerOf(text: string): [string, string] {
  const [first = '', ...more] = text.replace(/\n$/, '').split('\n');
  const space = first.indexOf(' ');
  if (space < 1) throw malformed(`"${first}" where a git header belongs`);
  return [first.slice(0, space), [first.slice(space + 1), ...more.map((line) => line.slice(1))].join('\n')];
}

const begin = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE|SSH SIGNATURE)-----/gm;

/** Git's `parse_signed_buffer`: the last line that begins a signature, to the end. */
function trailingSignature(body: Buffer): GitSignature | undefined {
  const at = [...body.toString('latin1').matchAll(begin)].at(-1)?.index;
  if (at === undefined) return undefined;
  const armored = body.toString('utf8', at);
  return { kind: kindOf(armored), armored, payload: body.subarray(0, at) };
}

const openpgp = /^-----BEGIN PGP SIGNATURE-----\n[^]*\n-----END PGP SIGNATURE-----\s*$/;
const ssh = /^-----BEGIN SSH SIGNATURE-----\n[^]*\n-----END SSH SIGNATURE-----\s*$/;

function kindOf(armored: string): GitSignature['kind'] {
  if (openpgp.test(armored)) return 'openpgp';
  return ssh.test(armored) ? 'ssh' : 'other';
}

function single(headers: Headers['headers'], name: string): string {
  const values = headers.get(name) ?? [];
  const [value] = values;
  if (value === undefined || values.length > 1) throw malformed(`${values.length} headers named ${name}, not one`);
  return value;
}

/** `Name <mail> SECONDS ZONE`. */
function timeOf(identity: string): number {
  const seconds = /> (\d{1,12}) [+-]\d{4}$/.exec(identity)?.[1];
  if (seconds === undefined) throw malformed(`"${identity}" has no time`);
  return Number(seconds);
}

function malformed(what: string): SamesourceError {
  return new SamesourceError('source-mismatch', `git object: ${what}`);
}
