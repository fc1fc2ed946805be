import { SamesourceError } from '../model/error.ts';
import type { Claim } from '../model/claim.ts';
import { parsePurl } from '../format/purl.ts';
import { inferences } from '../infer/index.ts';
import type { InferOptions } from '../infer/types.ts';
import type { Context } from '../store/context.ts';

/** A claim for a package URL, from the ecosystem's own metadata. @throws SamesourceError */
export async function inferClaim(purl: string, ctx: Context, options: InferOptions): Promise<Claim> {
  const parsed = parsePurl(purl);
  const kinds = Object.keys(inferences);
  const inference = Object.entries(inferences).find(([kind]) => kind === parsed.type)?.[1];
  if (inference === undefined) {
    throw new SamesourceError('unsupported', `package URLs of type "${parsed.type}" cannot be verified yet: ${purl}`, {
      hint: `known types: ${kinds.join(', ')}; for others, write a claim: samesource init`,
    });
  }
  ctx.progress.step(`looking up ${parsed.name}`);
  return inference.infer(parsed, ctx, options);
}
