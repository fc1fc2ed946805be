import type { AllowedBytes, MovedSignature } from '../../../model/difference.ts';
import { byteCount, counted, grouped } from '../../numbers.ts';
import type { Subject } from '../../subjects.ts';
import { hash } from '../hash.ts';
import { allowancesShown } from '../limits.ts';
import { markup, type Markup } from '../markup.ts';

/** What was excused or moved, with the digests of those bytes. */
export function allowances(subjects: readonly Subject[]): readonly Markup[] {
  const allowed = subjects.flatMap(({ difference }) => difference?.allowed ?? []);
  const moved = subjects.flatMap(({ signature }) => (signature === undefined ? [] : [signature]));
  return [
    ...(moved.length === 0
      ? []
      : [
          markup`<section aria-labelledby="moved">
            <h2 id="moved">The signature that was moved</h2>
            <div class="gap">${moved.map(oneSignature)}</div>
          </section>`,
        ]),
    ...(allowed.length === 0 ? [] : [allowedSection(allowed)]),
  ];
}

function oneSignature({ kind, regions, content, signer, remarks }: MovedSignature): Markup {
  return markup`<div class="card gap">
    <h3>${kind}</h3>
    <p>
      ${content === 'fits' ? 'The digest inside the signature is that of the content.' : 'The digest inside the signature was not checked against the content.'}
      No key was trusted or checked for this report.
    </p>
    ${signer === undefined ? undefined : markup`<p>It names as its signer: ${signer}</p>`}
    ${remarks.map((remark) => markup`<p class="open">Beside the signature: ${remark}</p>`)}
    ${regions.map(
      ({ name, at, size, sha256 }) =>
        markup`<div>
          <h4>${name}: ${byteCount(size)} at offset ${grouped(at)}</h4>
          ${hash(sha256, `the SHA-256 of ${name}`)}
        </div>`,
    )}
  </div>`;
}

function allowedSection(allowed: readonly AllowedBytes[]): Markup {
  const left = allowed.length - allowancesShown;
  return markup`<section aria-labelledby="allowed">
    <h2 id="allowed">What was declared to be allowed</h2>
    <div class="gap">
      ${allowed.slice(0, allowancesShown).map(oneAllowed)}
      ${left > 0 ? markup`<p class="soft">And ${counted(left, 'more allowance')}.</p>` : undefined}
    </div>
  </section>`;
}

function oneAllowed({ allowance, path, regions, released, rebuilt }: AllowedBytes): Markup {
  return markup`<div class="card gap">
    <h3>${allowance}</h3>
    <p>
      ${counted(regions, 'region')} in <span class="mono">${path === '' ? 'the file itself' : path}</span>. The digests
      are of the bytes that were excused.
    </p>
    <div>
      <h4>released</h4>
      ${hash(released, 'the SHA-256 of the released bytes')}
    </div>
    <div>
      <h4>rebuilt</h4>
      ${hash(rebuilt, 'the SHA-256 of the rebuilt bytes')}
    </div>
  </div>`;
}
