/** A Debian source package: the `.dsc`, and every part that it names. Unpacked inside the sandbox. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianSourceClaim } from '../model/claim.ts';
import { recode, SamesourceError } from '../model/error.ts';
import type { DebianSourceLock, PoolFile, SignatureCheck } from '../model/lock.ts';
import { fieldRows, parseStanza, type Stanza } from '../format/deb822.ts';
import { isClearSigned, verifyClearSigned } from '../format/openpgp.ts';
import { readText } from '../platform/files.ts';
import { obtainPoolFile } from '../registry/debian/archive.ts';
import { findSources, sourceFiles } from '../registry/debian/packages.ts';
import type { Context } from '../store/context.ts';
import type { FetchedSource, Source } from './types.ts';

const dscLimit = 4 * 1024 * 1024;

export const debian: Source<DebianSourceClaim, DebianSourceLock> = {
  async resolve(claim, ctx) {
    const found = await findSources(claim.package, claim.suites, ctx).catch((error: unknown) => {
      throw recode(error, 'source-unavailable', `looking up the source ${claim.package}`);
    });
    const source = found.find((one) => one.version === claim.version);
    if (source === undefined)
      throw noSuchVersion(
        claim,
        found.map((one) => one.version),
      );
    const files = sourceFiles(source);
    const { signature } = await openDsc(files, ctx);
    return { kind: 'debian', package: claim.package, version: claim.version, files, signature };
  },

  async fetch(claim, lock, ctx) {
    const { signature } = await openDsc(lock.files, ctx);
    for (const file of lock.files) await obtainPart(file, ctx);
    return fetched(claim, { ...lock, signature }, ctx);
  },
};

function fetched(claim: DebianSourceClaim, lock: DebianSourceLock, ctx: Context): FetchedSource {
  const dsc = lock.files[0]?.name ?? '';
  return {
    identity: {
      kind: 'debian',
      package: lock.package,
      version: lock.version,
      files: lock.files.map(({ name, sha256 }) => ({ name, sha256 })),
      signature: lock.signature,
      ...(claim.binNmu === undefined ? {} : { binNmu: claim.binNmu }),
    },
    epoch: undefined,
    place: async (mount) => {
      for (const file of lock.files) await copyFile(ctx.store.blobPath(file.sha256), join(mount, file.name));
      if (claim.binNmu !== undefined) await writeFile(join(mount, entryFile), `${claim.binNmu.trimEnd()}\n\n`);
    },
    setup: (name) => unpackScript(dsc, name, claim.binNmu !== undefined),
  };
}

const entryFile = 'binary-rebuild.changelog';

/** Signatures and digests were checked outside, by us; the changelog of a rebuild is put on top. */
function unpackScript(dsc: string, name: string, isRebuild: boolean): string {
  const changelog = `${quote(name)}/debian/changelog`;
  return [
    `dpkg-source --no-check -x ${quote(dsc)} ${quote(name)}`,
    ...(isRebuild
      ? [
          `cat ${entryFile} ${changelog} > changelog.new`,
          `cat changelog.new > ${changelog}`,
          `rm changelog.new ${entryFile}`,
        ]
      : []),
  ].join('\n');
}

/** For /bin/sh: within single quotes nothing is special but the quote. */
function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** @throws SamesourceError `source-mismatch` unless the `.dsc` names exactly the locked parts */
async function openDsc(files: readonly PoolFile[], ctx: Context): Promise<{ readonly signature: SignatureCheck }> {
  const [dsc, ...parts] = files;
  if (dsc === undefined || !dsc.name.endsWith('.dsc'))
    throw new SamesourceError('source-mismatch', 'a Debian source without a .dsc');
  const blob = await obtainPart(dsc, ctx);
  const text = await readText(blob.path, dscLimit);
  const { payload, signature } = await checkSignature(text, ctx);
  requireParts(dsc.name, parseStanza(payload), parts);
  return { signature };
}

async function checkSignature(text: string, ctx: Context): Promise<{ payload: string; signature: SignatureCheck }> {
  if (!isClearSigned(text)) return { payload: text, signature: { status: 'not-required' } };
  const keys = await Promise.all(ctx.settings.keyrings.map(readKeyring));
  const { payload, signers, unknownKeyIds, weakKeyIds } = await verifyClearSigned(text, keys);
  const [signer] = signers;
  if (signer !== undefined) {
    return {
      payload,
      signature: { status: 'valid', by: signer.userId ?? signer.keyId, fingerprint: signer.fingerprint },
    };
  }
  return { payload, signature: { status: 'unknown-key', keyId: [...unknownKeyIds, ...weakKeyIds][0] ?? '' } };
}

async function readKeyring(path: string): Promise<string | Uint8Array> {
  const bytes = await readFile(path);
  return bytes.subarray(0, 5).toString() === '-----' ? bytes.toString() : bytes;
}

function requireParts(dsc: string, fields: Stanza, parts: readonly PoolFile[]): void {
  const named = fieldRows(fields.get('checksums-sha256')).map(([digest, size, name]) => `${name} ${size} ${digest}`);
  const locked = parts.map((part) => `${part.name} ${part.size} ${part.sha256}`);
  if (named.toSorted().join() === locked.toSorted().join()) return;
  throw new SamesourceError('source-mismatch', `${dsc} names other parts than the lock: ${named.join(', ') || 'none'}`);
}

async function obtainPart(file: PoolFile, ctx: Context): ReturnType<typeof obtainPoolFile> {
  if (!/^\w[\w.+~%:-]*$/.test(file.name))
    throw new SamesourceError('source-mismatch', `a source part named "${file.name}"`);
  return obtainPoolFile(ctx, file).catch((error: unknown) => {
    throw recode(error, 'source-unavailable', `fetching ${file.name}`);
  });
}

function noSuchVersion(claim: DebianSourceClaim, versions: readonly string[]): SamesourceError {
  const there = versions.length === 0 ? 'no such source package' : `only ${versions.join(', ')}`;
  return new SamesourceError(
    'source-unavailable',
    `source ${claim.package} ${claim.version}: ${there} in ${claim.suites.join(', ')}`,
  );
}
