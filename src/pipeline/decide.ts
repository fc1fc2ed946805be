/** What two files that are not the same bytes come to: a signature moved, differences allowed, or different. */
import { allow } from '../compare/allowances.ts';
import { explain, type Explanation } from '../explain/explain.ts';
import type { Workshop } from '../ledger/types.ts';
import type { AllowanceName } from '../model/allowance.ts';
import { SamesourceError } from '../model/error.ts';
import type { Difference, MovedSignature } from '../model/difference.ts';
import type { Outcome, Reason } from '../model/verdict.ts';
import type { Unequal } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';
import { failure } from './draft.ts';

export interface Decision {
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly difference?: Difference;
  readonly signature?: MovedSignature;
}

export interface Undecided {
  readonly released: View;
  readonly rebuilt: View;
  /** The artifact's name; a hint at what it is. */
  readonly name: string;
  /** Where they are unequal; at least one byte. */
  readonly found: Unequal;
  /** Allowances that were declared. */
  readonly allow: readonly AllowanceName[];
}

/** For two empty files: they are equal, and that is no match. */
export function nothing(): Decision {
  return failure(new SamesourceError('nothing-to-compare', 'both files are empty'));
}

/** In the order of strength: the words get weaker the further down. */
export async function decideDifferent(pair: Undecided, workshop: Workshop): Promise<Decision> {
  const explanation = await explain(pair.released, pair.rebuilt, pair.name, workshop, pair.found);
  return weighDifference(explanation, pair.allow);
}

/** Never a match without an allowance that covers every byte. */
export function weighDifference(explanation: Explanation, names: readonly AllowanceName[]): Decision {
  const { refusal } = explanation;
  const allowed = names.length === 0 ? undefined : allow(explanation.account, names);
  const difference =
    allowed === undefined || allowed.bytes.length === 0
      ? explanation.difference
      : { ...explanation.difference, allowed: allowed.bytes };
  if (refusal !== undefined) return { outcome: 'refused', reason: failure(refusal).reason, difference };
  return { outcome: allowed?.all === true ? 'explained' : 'different', difference };
}
