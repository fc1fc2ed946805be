/** Whether somebody whom the claim trusts has signed a tag or a commit. */
import { join } from 'node:path';
import { mayHaveSigned, parseAllowedSigners } from '../../format/allowed-signers.ts';
import type { GitSignature } from '../../format/git-object.ts';
import { verifyDetached } from '../../format/openpgp.ts';
import { checkSshSignature, parseSshSignature, sshFingerprint } from '../../format/sshsig.ts';
import { SamesourceError } from '../../model/error.ts';
import type { SignatureCheck } from '../../model/lock.ts';
import { readText } from '../../platform/files.ts';
import type { Context } from '../../store/context.ts';

export interface SignedObject {
  /** For messages: `tag v1.2` or `commit 12ab…`. */
  readonly what: string;
  readonly signature: GitSignature | undefined;
  /** When it says that it was made; an SSH key must have been valid then. Seconds. */
  readonly epoch: number;
}

/**
 * The first object that is signed at all decides: a bad signature on a tag is not mended by a good
 * one on its commit.
 * @throws SamesourceError `signature-invalid` unless one of the claim's signers made it
 */
export async function checkSignature(
  objects: readonly SignedObject[],
  signers: string | undefined,
  ctx: Context,
): Promise<SignatureCheck> {
  if (signers === undefined) return { status: 'not-required' };
  const object = objects.find((candidate) => candidate.signature !== undefined);
  if (object?.signature === undefined) {
    throw invalid(`${objects.map(({ what }) => what).join(' and ')}: not signed`, signers);
  }
  const trusted = await readSigners(join(ctx.base, signers));
  switch (object.signature.kind) {
    case 'ssh':
      return checkSsh(object, object.signature, trusted.ssh, signers);
    case 'openpgp':
      return checkOpenpgp(object, object.signature, trusted.openpgp, signers, ctx);
    case 'other':
      throw invalid(`${object.what}: a signature that is neither OpenPGP nor SSH, or not well-formed`, signers);
  }
}

const blocks = /-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*?-----END PGP PUBLIC KEY BLOCK-----/g;

/** One file may hold both kinds: armored OpenPGP keys, and allowed_signers lines around them. */
async function readSigners(path: string): Promise<{ readonly ssh: string; readonly openpgp: readonly string[] }> {
  const text = await readText(path, 16 * 1024 * 1024).catch((error: unknown) => {
    if (error instanceof SamesourceError) throw error;
    throw new SamesourceError('claim-invalid', `signers file ${path}: cannot be read`, { cause: error });
  });
  return { ssh: text.replaceAll(blocks, ''), openpgp: text.match(blocks) ?? [] };
}

function checkSsh(object: SignedObject, given: GitSignature, lines: string, file: string): SignatureCheck {
  const signature = parseSshSignature(given.armored);
  const fingerprint = sshFingerprint(signature.key);
  if (!checkSshSignature(signature, given.payload, 'git')) {
    throw invalid(`${object.what}: bad signature by ${fingerprint}`, file);
  }
  const signer = parseAllowedSigners(lines).find((line) => mayHaveSigned(line, signature.key, 'git', object.epoch));
  if (signer === undefined) throw invalid(`${object.what}: signed by ${fingerprint}, who may not sign this`, file);
  return { status: 'valid', by: signer.principals, fingerprint };
}

async function checkOpenpgp(
  object: SignedObject,
  given: GitSignature,
  keys: readonly string[],
  file: string,
  ctx: Context,
): Promise<SignatureCheck> {
  const { signers, unknownKeyIds, weakKeyIds } = await verifyDetached(given.payload, given.armored, keys, {
    now: ctx.now(),
  });
  const [signer] = signers;
  if (signer !== undefined) {
    return { status: 'valid', by: signer.userId ?? signer.keyId, fingerprint: signer.fingerprint };
  }
  const why =
    weakKeyIds.length > 0 ? `too weak a signature by ${weakKeyIds.join()}` : `signed by ${unknownKeyIds.join()}`;
  throw invalid(`${object.what}: ${why}, who may not sign this`, file);
}

function invalid(what: string, file: string): SamesourceError {
  return new SamesourceError('signature-invalid', what, { hint: `the claim trusts the keys in ${file}` });
}
