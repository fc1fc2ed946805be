/** Documents with hostile text wherever text from outside may stand. */
import type { Document } from '../../src/report/types.ts';

export const hostile =
  '\u001b[2J\u001b[1;1HMATCH\r\b\u0007\u202e\u2066\u009b31m\u200b\u2028\u2029\n::error::x\n::set-output name=a::b\n' +
  '##[error]y\n##vso[task.complete]\n``` \u007f\u0430 </script><script>alert(1)</script><img src=x onerror=alert(2)>' +
  `"'><svg/onload=alert(3)> javascript:alert(4) | \` @plover [a](https://evil.example) **b** &lt; <!-- \u{1f600}`;

const closed =
  /^(?:kind|status|outcome|code|sha256|sha512|secondHash|commit|tree|tagObject|dirHash|digest|change|platform|severity|certainty|class|cause|hex|content|released|rebuilt)$/;

/** Every text but those with a closed form gets a hostile one behind it. */
export function poison(document: Document): Document {
  return poisoned(document, '') as Document;
}

function poisoned(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => poisoned(item, ''));
  if (typeof value === 'object' && value !== null) {
    // Kinds are closed words everywhere but in a moved signature.
    const free = 'remarks' in value;
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([name, member]) => [name, poisoned(member, free && name === 'kind' ? '' : name)]),
    );
  }
  return typeof value === 'string' && !closed.test(key) ? `${value} ${hostile}` : value;
}
