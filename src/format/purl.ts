/** Package URLs, ECMA-427: `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH`. */
import { PackageURL } from 'packageurl-js';
import { messageOf, SamesourceError } from '../model/error.ts';

export interface Purl {
  readonly type: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: Readonly<Record<string, string>>;
}

export function looksLikePurl(text: string): boolean {
  return /^pkg:/i.test(text);
}

const lengthLimit = 2048;

/** @throws SamesourceError `usage` */
export function parsePurl(text: string): Purl {
  if (text.length > lengthLimit) throw malformed(`${text.slice(0, 80)}…`, `longer than ${lengthLimit} characters`);
  refuseRepeatedQualifiers(text);
  const parsed = read(text);
  if (parsed.subpath !== undefined && parsed.subpath !== null) throw malformed(text, 'a subpath names no package');
  const parts = [parsed.type, parsed.namespace ?? '', parsed.name, parsed.version ?? ''];
  const qualifiers = { ...parsed.qualifiers };
  if ([...parts, ...Object.values(qualifiers)].some((part) => /\p{C}/u.test(part ?? ''))) {
    throw malformed(text, 'a control character');
  }
  return {
    type: parsed.type,
    namespace: parsed.namespace ?? undefined,
    name: parsed.name,
    version: parsed.version ?? undefined,
    qualifiers: Object.fromEntries(Object.entries(qualifiers).map(([key, value]) => [key, value ?? ''])),
  };
}

/** The one canonical spelling. */
export function formatPurl(purl: Purl): string {
  const text = new PackageURL(
    purl.type,
    purl.namespace,
    purl.name,
    purl.version,
    purl.qualifiers,
    undefined,
  ).toString();
  return text.replaceAll('+', '%2B');
}

function read(text: string): PackageURL {
  try {
    return PackageURL.fromString(text);
  } catch (error) {
    throw malformed(text, messageOf(error), error);
  }
}

/** The parser would take the last one of two. */
function refuseRepeatedQualifiers(text: string): void {
  const keys = (text.split('#')[0]?.split('?')[1] ?? '').split('&').map((pair) => pair.split('=')[0]?.toLowerCase());
  const repeated = keys.find((key, index) => key !== '' && keys.indexOf(key) !== index);
  if (repeated !== undefined) throw malformed(text, `"${repeated}" is given twice`);
}

function malformed(text: string, why: string, cause?: unknown): SamesourceError {
  return new SamesourceError('usage', `not a package URL: ${text}: ${why}`, {
    hint: 'write it as pkg:deb/debian/NAME@VERSION?arch=ARCH',
    ...(cause === undefined ? {} : { cause }),
  });
}
