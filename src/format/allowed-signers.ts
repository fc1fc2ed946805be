/** The allowed_signers file of ssh-keygen(1), "ALLOWED SIGNERS": who may sign, with which key, for what, when. */
import { SamesourceError } from '../model/error.ts';

export interface AllowedSigner {
  /** As written: patterns separated by commas. */
  readonly principals: string;
  /** In the wire form of `authorized_keys`. */
  readonly key: Buffer;
  /** Patterns; `undefined` allows every namespace. */
  readonly namespaces?: readonly string[];
  /** Seconds since 1970. */
  readonly validAfter?: number;
  readonly validBefore?: number;
}

/**
 * Times without a `Z` are read as UTC too: a claim means the same in every time zone.
 * @throws SamesourceError `claim-invalid` for a line that cannot be read, or certificate authorities
 */
export function parseAllowedSigners(text: string): AllowedSigner[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => parseLine(line, number));
}

/** Whether a key may sign for a namespace at a time. */
export function mayHaveSigned(signer: AllowedSigner, key: Buffer, namespace: string, seconds: number): boolean {
  return (
    signer.key.equals(key) &&
    (signer.namespaces === undefined || matchesPatterns(signer.namespaces, namespace)) &&
    (signer.validAfter === undefined || seconds >= signer.validAfter) &&
    (signer.validBefore === undefined || seconds < signer.validBefore)
  );
}

const keyTypes = String.raw`(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+`;
const linePattern = new RegExp(
  String.raw`^(?<principals>"[^"]+"|[^\s"]+)\s+(?:(?<options>(?:[a-z-]+(?:="[^"]*")?)(?:,[a-z-]+(?:="[^"]*")?)*)\s+)??(?<type>${keyTypes})\s+(?<key>[A-Za-z0-9+/]+={0,2})(?:\s.*)?$`,
  'i',
);

function parseLine(line: string, number: number): AllowedSigner {
  const fields = linePattern.exec(line)?.groups;
  const { principals, options, type, key } = fields ?? {};
  if (principals === undefined || type === undefined || key === undefined) throw invalid(number, `"${line}"`);
  const wire = Buffer.from(key, 'base64');
  const named = wire.length > 4 ? wire.toString('latin1', 4, 4 + wire.readUInt32BE(0)) : '';
  if (named !== type) throw invalid(number, `a key of type "${named}" that is called ${type}`);
  return { principals: principals.replaceAll('"', ''), key: wire, ...parseOptions(options ?? '', number) };
}

type Options = Pick<AllowedSigner, 'namespaces' | 'validAfter' | 'validBefore'>;

function parseOptions(text: string, line: number): Options {
  let options: Options = {};
  for (const [, name = '', value] of text.matchAll(/([a-z-]+)(?:="([^"]*)")?(?:,|$)/gi)) {
    options = { ...options, ...parseOption(name.toLowerCase(), value ?? '', line) };
  }
  return options;
}

function parseOption(name: string, value: string, line: number): Options {
  switch (name) {
    case 'namespaces':
      return { namespaces: value.split(',') };
    case 'valid-after':
      return { validAfter: parseTime(value, line) };
    case 'valid-before':
      return { validBefore: parseTime(value, line) };
    default:
      throw invalid(line, `option "${name}", which is not supported`);
  }
}

/** `YYYYMMDD[HHMM[SS]][Z]`. */
function parseTime(text: string, line: number): number {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) throw invalid(line, `"${text}" where a time YYYYMMDD[HHMM[SS]][Z] belongs`);
  return time / 1000;
}

/** ssh_config(5) PATTERNS: `*`, `?`, and `!` for exclusion. */
function matchesPatterns(patterns: readonly string[], value: string): boolean {
  const matches = (pattern: string): boolean => {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`).test(value);
  };
  const excluded = patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)));
  return !excluded && patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

function invalid(line: number, what: string): SamesourceError {
  return new SamesourceError('claim-invalid', `allowed signers, line ${line}: ${what}`, {
    hint: 'a line is: PRINCIPAL [OPTIONS] KEYTYPE BASE64KEY, see ssh-keygen(1)',
  });
}
