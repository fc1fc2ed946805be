import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asciiJson } from '../../format/ascii-json.ts';
import { allowancesOf, type AllowanceName } from '../../model/allowance.ts';
import type { Comparison } from '../../model/comparison.ts';
import { exitCodeOf, messageOf, SamesourceError } from '../../model/error.ts';
import { comparePair, type Named } from '../../pipeline/compare-pair.ts';
import type { ReportFormat } from '../../report/types.ts';
import { errorDocument, showError } from '../errors.ts';
import { lateWorkshop } from '../late-workshop.ts';
import { saveDocument, saveReport, showDocument } from '../show-document.ts';
import type { Session } from '../session.ts';
import { pairLine } from '../../report/terminal/pair-line.ts';
import { outcomeExit, worst, type Accept } from '../verdict-exit.ts';

export interface CompareFlags {
  readonly format?: ReportFormat;
  readonly pairs?: string;
  readonly allow?: readonly string[];
  readonly accept?: 'explained';
  readonly digests?: boolean;
  readonly diffoscope?: boolean;
  readonly reportFile?: string;
}

/** @returns the worst exit code of all pairs */
export async function compare(session: Session, paths: readonly string[], flags: CompareFlags): Promise<number> {
  const pairs = await pairsOf(session, paths, flags);
  const allow = allowancesOf(flags.allow ?? []);
  return flags.pairs === undefined
    ? compareOne(session, pairs, allow, flags)
    : compareEach(session, pairs, allow, flags);
}

interface NamedPair {
  readonly released: Named;
  readonly rebuilt: Named;
}

async function pairsOf({ io }: Session, paths: readonly string[], flags: CompareFlags): Promise<NamedPair[]> {
  const named = (path: string): Named => ({ path, at: resolve(io.cwd, path) });
  if (flags.pairs !== undefined) {
    if (paths.length > 0)
      throw new SamesourceError('usage', '--pairs takes the files from its list, not from the command line');
    const lines = await readPairs(resolve(io.cwd, flags.pairs));
    return lines.map(([released, rebuilt]) => ({ released: named(released), rebuilt: named(rebuilt) }));
  }
  const [released, rebuilt, ...more] = paths;
  if (released === undefined || rebuilt === undefined || more.length > 0) {
    throw new SamesourceError('usage', `compare takes two files or two directories, not ${paths.length}`, {
      hint: 'samesource compare RELEASED REBUILT',
    });
  }
  return [{ released: named(released), rebuilt: named(rebuilt) }];
}

/** Lines of two paths with a tab between them, as `paste` makes them. */
async function readPairs(path: string): Promise<[string, string][]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SamesourceError('usage', `reading the list of pairs: ${messageOf(error)}`, { cause: error });
  });
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new SamesourceError('usage', `${path} lists no pairs`);
  return lines.map((line, index) => {
    const [released, rebuilt, ...more] = line.split('\t');
    if (released !== undefined && rebuilt !== undefined && more.length === 0) return [released, rebuilt];
    throw new SamesourceError('usage', `${path}:${index + 1}: "${line}" is not two paths with a tab between them`);
  });
}

async function compareOne(
  session: Session,
  pairs: readonly NamedPair[],
  allow: readonly AllowanceName[],
  flags: CompareFlags,
): Promise<number> {
  const [pair] = pairs;
  if (pair === undefined) throw new SamesourceError('bug', 'there is no pair');
  const comparison = await watched(session, () => compareNamed(session, pair, allow, flags));
  if (flags.reportFile !== undefined) await saveDocument(session, flags.reportFile, comparison);
  await showDocument(session, comparison, flags.format);
  return exitOf(comparison, flags);
}

/** Most comparisons are over at once: only a person who waits is told that something goes on. */
async function watched<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  if (session.io.stderr.isTTY !== true) return work();
  const { progressOf } = await import('../context.ts');
  using progress = progressOf(session);
  progress.step('comparing');
  return await work();
}

/** A pair that cannot be compared does not keep the others from it. */
async function compareEach(
  session: Session,
  pairs: readonly NamedPair[],
  allow: readonly AllowanceName[],
  flags: CompareFlags,
): Promise<number> {
  if (flags.format !== undefined && flags.format !== 'json' && flags.format !== 'terminal') {
    throw new SamesourceError('usage', `--pairs prints terminal or json, not ${flags.format}`);
  }
  const asJson = session.flags.json === true || flags.format === 'json';
  const documents: unknown[] = [];
  const codes: number[] = [];
  for (const pair of pairs) {
    session.signal.throwIfAborted();
    try {
      const comparison = await compareNamed(session, pair, allow, flags);
      documents.push(comparison);
      codes.push(exitOf(comparison, flags));
      if (!asJson && session.flags.quiet !== true) session.print(pairLine(comparison));
    } catch (error) {
      if (!(error instanceof SamesourceError)) throw error;
      showError(error, session.io);
      documents.push({ ...pathsOf(pair), ...(errorDocument(error) as object) });
      codes.push(exitCodeOf(error.code));
    }
  }
  const text = asciiJson(documents);
  if (flags.reportFile !== undefined) await saveReport(session, flags.reportFile, text);
  if (asJson) session.print(text);
  return worst(codes);
}

function pathsOf({ released, rebuilt }: NamedPair): object {
  return { released: { path: released.path }, rebuilt: { path: rebuilt.path } };
}

async function compareNamed(
  session: Session,
  { released, rebuilt }: NamedPair,
  allow: readonly AllowanceName[],
  flags: CompareFlags,
): Promise<Comparison> {
  await using work = lateWorkshop(session);
  const comparison = await comparePair(released, rebuilt, work.workshop, {
    version: session.version,
    allow,
    digests: flags.digests === true || flags.format === 'html',
    now: () => new Date(),
    signal: session.signal,
  });
  if (flags.diffoscope !== true) return comparison;
  // What starts processes takes as long to load as small files to compare.
  const { askDiffoscope } = await import('../../pipeline/diffoscope.ts');
  const path = session.io.env['PATH'];
  return { ...comparison, secondOpinion: await askDiffoscope(released, rebuilt, path, session.signal) };
}

function exitOf({ outcome }: Comparison, { accept }: CompareFlags): number {
  const accepted: Accept = accept === undefined ? [] : [accept];
  return outcomeExit(outcome, accepted);
}
