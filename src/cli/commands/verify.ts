import { resolve } from 'node:path';
import { loadClaim } from '../../claim/load.ts';
import { readLock } from '../../claim/lock-file.ts';
import { asciiJson } from '../../format/ascii-json.ts';
import type { Claim } from '../../model/claim.ts';
import { exitCodeOf, SamesourceError } from '../../model/error.ts';
import type { Lock } from '../../model/lock.ts';
import type { Verdict } from '../../model/verdict.ts';
import { inferClaim } from '../../pipeline/infer.ts';
import { lockClaim } from '../../pipeline/lock.ts';
import { verify as verifyClaim } from '../../pipeline/verify.ts';
import type { ReportFormat } from '../../report/types.ts';
import type { Context } from '../../store/context.ts';
import { openContext } from '../context.ts';
import { describeClaim } from '../describe-claim.ts';
import { errorDocument, showError } from '../errors.ts';
import { documentOf, saveDocument, saveReport, showDocument } from '../show-document.ts';
import type { Session } from '../session.ts';
import { readTarget, type Target } from '../targets.ts';
import { verdictExit, worst, type Accept } from '../verdict-exit.ts';

export interface VerifyFlags {
  readonly only?: boolean;
  readonly check?: boolean;
  readonly accept?: 'explained';
  readonly output?: string;
  readonly reportFile?: string;
  readonly format?: ReportFormat;
}

/** Verifies each target in turn. @returns the worst of their exit codes */
export async function verify(session: Session, words: readonly string[], flags: VerifyFlags): Promise<number> {
  const given = words.length === 0 ? ['.'] : words;
  const targets = await Promise.all(given.map((word) => readTarget(word, session.io.cwd)));
  refuseMisplaced(targets, flags);
  const [first] = targets;
  if (first !== undefined && targets.length === 1) return verifyAlone(session, first, flags);
  return verifyEach(session, targets, flags);
}

function refuseMisplaced(targets: readonly Target[], flags: VerifyFlags): void {
  if (flags.output !== undefined && targets.length > 1) {
    throw new SamesourceError('usage', '--output takes one target, since files of several could have one name');
  }
  if (targets.length > 1 && (flags.format === 'html' || flags.format === 'diffoscope-json')) {
    throw new SamesourceError('usage', `--format ${flags.format} takes one target, since it makes one document`);
  }
  if (!targets.some((target) => target.kind === 'claim')) return;
  for (const flag of ['only', 'check'] as const) {
    if (flags[flag] !== true) continue;
    throw new SamesourceError('usage', `--${flag} is for package URLs; a claim file says itself what is built`);
  }
}

async function verifyAlone(session: Session, target: Target, flags: VerifyFlags): Promise<number> {
  const verdict = await verifyOne(session, target, flags);
  if (flags.reportFile !== undefined) await saveDocument(session, flags.reportFile, verdict);
  await showDocument(session, verdict, flags.format);
  return verdictExit(verdict, accepted(flags));
}

/** One target that cannot be verified does not keep the others from it. */
async function verifyEach(session: Session, targets: readonly Target[], flags: VerifyFlags): Promise<number> {
  const asJson = session.flags.json === true || flags.format === 'json';
  const documents: unknown[] = [];
  const codes: number[] = [];
  for (const target of targets) {
    try {
      const verdict = await verifyOne(session, target, flags);
      documents.push(await documentOf(verdict));
      codes.push(verdictExit(verdict, accepted(flags)));
      if (!asJson) await showDocument(session, verdict, flags.format);
    } catch (error) {
      session.signal.throwIfAborted();
      if (!(error instanceof SamesourceError)) throw error;
      showError(error, session.io);
      documents.push(errorDocument(error));
      codes.push(exitCodeOf(error.code));
    }
  }
  if (flags.reportFile !== undefined) await saveReport(session, flags.reportFile, asciiJson(documents));
  if (asJson) session.print(asciiJson(documents));
  return worst(codes);
}

async function verifyOne(session: Session, target: Target, flags: VerifyFlags): Promise<Verdict> {
  const base = target.kind === 'claim' ? target.base : session.io.cwd;
  const prepared = target.kind === 'claim' ? await readClaim(target.path) : undefined;
  await using open = await openContext(session, base);
  const { claim, lock } = prepared ?? (await inferred(target, open.ctx, flags));
  return await verifyClaim(claim, lock, open.ctx, {
    version: session.version,
    ...(flags.output === undefined ? {} : { keep: resolve(session.io.cwd, flags.output) }),
  });
}

interface Locked {
  readonly claim: Claim;
  readonly lock: Lock;
}

async function readClaim(path: string): Promise<Locked> {
  const claim = await loadClaim(path);
  return { claim, lock: await readLock(path, claim) };
}

async function inferred(target: Target, ctx: Context, flags: VerifyFlags): Promise<Locked> {
  if (target.kind !== 'purl') throw new SamesourceError('bug', 'a claim file is not inferred');
  const options = { check: flags.check ?? false, only: flags.only ?? false };
  const claim = await inferClaim(target.purl, ctx, options);
  for (const line of describeClaim(claim)) ctx.progress.note(line);
  return { claim, lock: await lockClaim(claim, ctx) };
}

function accepted(flags: VerifyFlags): Accept {
  return flags.accept === undefined ? [] : [flags.accept];
}
