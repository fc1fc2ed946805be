import { canonicalJson } from '../format/canonical-json.ts';
import type { Claim } from '../model/claim.ts';
import type { Sha256 } from '../model/digest.ts';
import { sha256Of } from '../platform/digest.ts';

/** SHA-256 of the claim's canonical JSON: comments, order and spelling of the YAML do not count. */
export function claimDigest(claim: Claim): Sha256 {
  return sha256Of(canonicalJson(claim));
}
