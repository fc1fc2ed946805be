import { SamesourceError } from './error.ts';

declare const brand: unique symbol;
type Branded<T extends string> = string & { readonly [brand]: T };

/** 64 lower-case hexadecimal digits. */
export type Sha256 = Branded<'sha256'>;
/** A full git object id: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits. */
export type GitId = Branded<'git'>;

const sha256Pattern = /^[0-9a-f]{64}$/;
const gitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function isSha256(text: string): text is Sha256 {
  return sha256Pattern.test(text);
}

export function isGitId(text: string): text is GitId {
  return gitPattern.test(text);
}

/** @throws SamesourceError `digest-mismatch` for anything but a full digest; short forms are never accepted. */
export function sha256(text: string, of = 'sha256'): Sha256 {
  if (isSha256(text)) return text;
  throw new SamesourceError('digest-mismatch', `${of}: expected 64 lower-case hex digits, got "${text}"`);
}

export function gitId(text: string, of = 'git id'): GitId {
  if (isGitId(text)) return text;
  throw new SamesourceError('source-mismatch', `${of}: expected a full object id, got "${text}"`);
}
