/** Compares two files or two trees that the user names; nothing is fetched and nothing is built. */
import { stat } from 'node:fs/promises';
import { explainSides } from '../explain/explain.ts';
import { readDirectory } from '../ledger/directory.ts';
import type { Workshop } from '../ledger/types.ts';
import type { AllowanceName } from '../model/allowance.ts';
import type { ComparedFile, Comparison } from '../model/comparison.ts';
import { messageOf, SamesourceError } from '../model/error.ts';
import { digestFile } from '../platform/digest.ts';
import { isErrno } from '../platform/files.ts';
import { unequal } from '../platform/unequal.ts';
import { bufferView, openView } from '../platform/view.ts';
import { type Decision, decideDifferent, nothing, weighDifference } from './decide.ts';
import { failure, nameOf } from './draft.ts';

export interface CompareOptions {
  /** Of samesource. */
  readonly version: string;
  readonly allow: readonly AllowanceName[];
  /** Hash files of any size; else those of up to 32 MB. */
  readonly digests: boolean;
  readonly now: () => Date;
  /** Ends the work where it is. */
  readonly signal: AbortSignal;
}

/** Paths as the user wrote them, and where they lie. */
export interface Named {
  readonly path: string;
  readonly at: string;
}

/**
 * @throws SamesourceError `usage` for what is neither a file nor a directory, or one of each;
 * `artifact-unavailable` for what may not be read
 */
export async function comparePair(
  released: Named,
  rebuilt: Named,
  workshop: Workshop,
  options: CompareOptions,
): Promise<Comparison> {
  try {
    return await compareReadable(released, rebuilt, workshop, options);
  } catch (error) {
    if (!isErrno(error, 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENOENT')) throw error;
    throw new SamesourceError('artifact-unavailable', `reading: ${messageOf(error)}`, {
      cause: error,
      hint: 'compare them as a user who may read every file',
    });
  }
}

async function compareReadable(
  released: Named,
  rebuilt: Named,
  workshop: Workshop,
  options: CompareOptions,
): Promise<Comparison> {
  const startedAt = options.now().toISOString();
  const [theirs, ours] = [await kindOf(released), await kindOf(rebuilt)];
  if (theirs.kind !== ours.kind) {
    const message = `${released.path} is a ${theirs.kind} and ${rebuilt.path} is a ${ours.kind}`;
    throw new SamesourceError('usage', message, { hint: 'name two files or two directories' });
  }
  const { sides, decision } =
    theirs.kind === 'file'
      ? await compareTwoFiles(released, rebuilt, workshop, options)
      : await compareTrees(released, rebuilt, workshop, options);
  return {
    comparison: 1,
    samesource: options.version,
    outcome: decision.outcome,
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
    ...sides,
    ...(decision.difference === undefined ? {} : { difference: decision.difference }),
    ...(decision.signature === undefined ? {} : { signature: decision.signature }),
    startedAt,
    finishedAt: options.now().toISOString(),
  };
}

interface Result {
  readonly sides: { readonly released: ComparedFile; readonly rebuilt: ComparedFile };
  readonly decision: Decision;
}

async function kindOf({ path, at }: Named): Promise<{ readonly kind: ComparedFile['kind'] }> {
  const found = await stat(at).catch((error: unknown) => {
    throw new SamesourceError('usage', `opening ${path}: ${messageOf(error)}`, { cause: error });
  });
  if (found.isFile()) return { kind: 'file' };
  if (found.isDirectory()) return { kind: 'directory' };
  throw new SamesourceError('usage', `${path} is neither a regular file nor a directory`);
}

/** Read twice as often as compared: of large files only if that is asked for. */
const hashedUpTo = 32 * 1024 * 1024;

async function compareTwoFiles(
  released: Named,
  rebuilt: Named,
  workshop: Workshop,
  options: CompareOptions,
): Promise<Result> {
  using theirs = openView(released.at);
  using ours = openView(rebuilt.at);
  const sides = {
    released: await describe(released, theirs.size, options),
    rebuilt: await describe(rebuilt, ours.size, options),
  };
  const found = await unequal(theirs, ours, options.signal);
  if (found.bytes === 0) return { sides, decision: theirs.size === 0 ? nothing() : { outcome: 'identical' } };
  const pair = { released: theirs, rebuilt: ours, name: nameOf(released.at), found, allow: options.allow };
  return { sides, decision: await decideDifferent(pair, workshop) };
}

async function describe({ path, at }: Named, size: number, { digests, signal }: CompareOptions): Promise<ComparedFile> {
  if (!digests && size > hashedUpTo) return { path, kind: 'file', size };
  // The second implementation is for what a verdict rests on.
  const { sha256, sha512 } = await digestFile(at, -1, signal);
  return { path, kind: 'file', size, sha256, sha512 };
}

/** A directory has no bytes of its own. */
const noBytes = bufferView(Buffer.alloc(0));

async function compareTrees(
  released: Named,
  rebuilt: Named,
  workshop: Workshop,
  options: CompareOptions,
): Promise<Result> {
  const [theirs, ours] = [readDirectory(released.at, workshop), readDirectory(rebuilt.at, workshop)];
  const sizeOf = ({ members }: typeof theirs): number => members.reduce((sum, { size }) => sum + size, 0);
  const sides = {
    released: { path: released.path, kind: 'directory', size: sizeOf(theirs) },
    rebuilt: { path: rebuilt.path, kind: 'directory', size: sizeOf(ours) },
  } as const;
  const isEmpty = ![...theirs.members, ...ours.members].some(({ type }) => type === 'file');
  const explanation = await explainSides(
    { view: noBytes, reading: theirs },
    { view: noBytes, reading: ours },
    workshop,
  );
  const { account } = explanation;
  if (account.deltas.length > 0 || account.inner.length > 0) {
    return { sides, decision: weighDifference(explanation, options.allow) };
  }
  const nothingIn = failure(new SamesourceError('nothing-to-compare', 'there is no file in either directory'));
  return { sides, decision: isEmpty ? nothingIn : { outcome: 'identical' } };
}
