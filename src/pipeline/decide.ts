/** What two files that are not the same bytes come to: a signature moved, differences allowed, or different. */
import { allow } from '../compare/allowances.ts';
import { compareSigned, type SignedResult } from '../compare/signed.ts';
import { explain, type Explanation } from '../explain/explain.ts';
import type { Workshop } from '../ledger/types.ts';
import type { AllowanceName } from '../model/allowance.ts';
import { SamesourceError } from '../model/error.ts';
import type { Cause, Difference, MovedSignature } from '../model/difference.ts';
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
  const signed = compareSigned(pair.released, pair.rebuilt);
  if (signed !== undefined && 'match' in signed) {
    return { outcome: 'identical-with-signature', signature: signed.match };
  }
  const explanation = await explain(pair.released, pair.rebuilt, pair.name, workshop, pair.found);
  const decision = weighDifference(explanation, pair.allow);
  return signed === undefined ? decision : withPayload(decision, signed);
}

/** It would be the shipped file with its signature moved, if only a signature lay in the signature's place. */
function withPayload(decision: Decision, { near, payload }: Near): Decision {
  const { difference } = decision;
  if (difference === undefined) return decision;
  const cause: Cause = {
    kind: 'signature-payload',
    path: '',
    certainty: 'proved',
    severity: 'grave',
    summary: near.remarks.join('; '),
    evidence: payload.slice(0, 8).map(({ name, at, size }) => ({ where: name, released: { at, size } })),
    evidenceLeftOut: Math.max(0, payload.length - 8),
    explains: 0,
    residual: difference.unexplained,
  };
  // An allowance is for what is known; this is not.
  const outcome = decision.outcome === 'explained' ? 'different' : decision.outcome;
  return {
    ...decision,
    outcome,
    signature: near,
    difference: { ...difference, causes: [cause, ...difference.causes] },
  };
}

type Near = Extract<SignedResult, { readonly near: MovedSignature }>;

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
