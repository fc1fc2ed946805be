/** Names of functions as their source has them (Itanium C++ ABI 5.1, and Rust's older scheme), without arguments. */

const rustHash = /^h[0-9a-f]{16}$/;
const rustEscapes: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

/** The plain name, or what was given if it is of another form. */
export function demangled(name: string): string {
  const parts = /^_ZN[KVr]*(.+)$/.exec(name)?.[1] ?? /^_Z(\d.+)$/.exec(name)?.[1];
  if (parts === undefined) return name;
  const found = names(parts);
  if (found.length === 0) return name;
  const rust = rustHash.test(found.at(-1) ?? '');
  return (rust ? found.slice(0, -1).map(unescaped) : found).join('::');
}

/** The leading names, each behind its length; templates and operators are not taken apart. */
function names(text: string): string[] {
  const found: string[] = [];
  for (let rest = text; found.length < 64;) {
    const [digits] = /^\d{1,4}/.exec(rest) ?? [];
    if (digits === undefined) break;
    const length = Number(digits);
    const name = rest.slice(digits.length, digits.length + length);
    if (name.length < length || length === 0) break;
    found.push(name);
    rest = rest.slice(digits.length + length);
  }
  return found;
}

function unescaped(part: string): string {
  const plain = part.startsWith('_$') ? part.slice(1) : part;
  return plain
    .replaceAll(/\$(SP|BP|RF|LT|GT|LP|RP|C)\$/g, (_, code: string) => rustEscapes[code] ?? '')
    .replaceAll(/\$u([0-9a-f]{2,5})\$/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll('..', '::');
}
