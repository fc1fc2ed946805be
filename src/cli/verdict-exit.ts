import { exitCodes } from '../model/error.ts';
import type { Outcome, Verdict } from '../model/verdict.ts';

export type Accept = readonly 'explained'[];

/** The weakest of all that the verdict says: a verdict about nothing is never a match. */
export function verdictExit(verdict: Verdict, accept: Accept): number {
  if (verdict.artifacts.length === 0 && isMatch(verdict.outcome)) return exitCodes.undecided;
  const outcomes = [verdict.outcome, ...verdict.artifacts.map((artifact) => artifact.outcome)];
  return worst(outcomes.map((outcome) => outcomeExit(outcome, accept)));
}

/** Of several exit codes: they rise from match to bug. Nothing at all is no match. */
export function worst(codes: readonly number[]): number {
  return codes.length === 0 ? exitCodes.undecided : Math.max(...codes);
}

function isMatch(outcome: Outcome): boolean {
  return outcomeExit(outcome, ['explained']) === exitCodes.match;
}

export function outcomeExit(outcome: Outcome, accept: Accept): number {
  switch (outcome) {
    case 'identical':
    case 'identical-with-signature':
      return exitCodes.match;
    case 'explained':
      return accept.includes('explained') ? exitCodes.match : exitCodes.mismatch;
    case 'different':
      return exitCodes.mismatch;
    case 'undecided':
      return exitCodes.undecided;
    case 'refused':
      return exitCodes.refused;
  }
}
