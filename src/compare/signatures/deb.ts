/** Signatures in a Debian package: members `_gpg…` at its end, by debsigs (detached) or dpkg-sig (clear-signed). */
import { SamesourceError } from '../../model/error.ts';
import { readPgpSignatures, startFits } from '../../format/pgp-signature.ts';
import { pieces, startOf, type View } from '../../platform/view.ts';
import { readClearSigned } from './clear-signed.ts';
import { digestView, joined, regionOf } from './joined.ts';
import { twoBytes } from './trailer.ts';
import type { SignatureKind, SignaturePayload } from './types.ts';

interface Member {
  readonly name: string;
  /** Of the header. */
  readonly at: number;
  readonly data: View;
  /** With the byte that brings it to an even offset. */
  readonly end: number;
}

interface Findings {
  readonly payload: SignaturePayload[];
  readonly misfits: string[];
  readonly remarks: Set<string>;
  signer: string;
}

export const deb: SignatureKind = {
  transplant(released, rebuilt) {
    const [theirs, ours] = [readMembers(released), readMembers(rebuilt)];
    if (theirs === undefined || ours === undefined) return undefined;
    const [content, signed] = split(theirs);
    if (signed.length === 0) return undefined;
    const findings: Findings = { payload: [], misfits: [], remarks: new Set(), signer: 'no one' };
    for (const member of signed) lookAt(member, content, findings);
    const bareEnd = split(ours)[0].at(-1)?.end ?? 8;
    const start = signed[0]?.at ?? released.size;
    return {
      pieces: [rebuilt.slice(0, bareEnd), released.slice(start, released.size - start)],
      signature: {
        kind: 'deb',
        regions: signed.map(({ name, at, end }) => regionOf(name, released, at, end - at)),
        content: findings.remarks.has(twoBytes) ? 'not-checked' : 'fits',
        signer: findings.signer,
        remarks: [...findings.remarks],
      },
      payload: findings.payload,
      misfits: findings.misfits,
    };
  },
};

/** Signatures are what stands last. */
function split(members: readonly Member[]): [Member[], Member[]] {
  const count = members.findLastIndex(({ name }) => !/^_gpg[a-z]{1,12}$/.test(name)) + 1;
  return [members.slice(0, count), members.slice(count)];
}

const magic = '!<arch>\n';
const fields = /^([!-~]{1,16}) *$/;
/** Time, owner, group, mode in octal; each at its place. */
const numbers = /^(\d{1,12}) *$/;

function readMembers(view: View): Member[] | undefined {
  if (startOf(view, 21).toString('latin1') !== `${magic}debian-binary`) return undefined;
  const members: Member[] = [];
  for (let at = magic.length; at < view.size;) {
    if (members.length === 64) throw unsafe('too many members');
    const header = view.read(at, 60).toString('latin1');
    const name = fields.exec(header.slice(0, 16))?.[1]?.replace(/\/$/, '');
    const size = numbers.exec(header.slice(48, 58))?.[1];
    if (name === undefined || size === undefined || !header.endsWith('`\n')) throw unsafe(`no member at ${at}`);
    if (members.some((member) => member.name === name)) throw unsafe(`two members named ${name}`);
    const data = view.slice(at + 60, Number(size));
    const end = at + 60 + data.size + (data.size % 2);
    if (end > view.size || (data.size % 2 === 1 && view.read(end - 1, 1)[0] !== 0x0a))
      throw unsafe(`padding of ${name}`);
    requireNumbers(name, header);
    members.push({ name, at, data, end });
    at = end;
  }
  return members;
}

/** A signature's header holds nothing else. */
function requireNumbers(name: string, header: string): void {
  if (!name.startsWith('_gpg')) return;
  const places = [header.slice(16, 28), header.slice(28, 34), header.slice(34, 40), header.slice(40, 48)];
  if (!places.every((place) => numbers.test(place))) throw unsafe(`the header of ${name}`);
}

function lookAt({ name, at, data }: Member, content: readonly Member[], findings: Findings): void {
  if (data.size > 64 * 1024) throw unsafe(`${name} of ${data.size} bytes`);
  const note = (what: string): void =>
    void findings.payload.push({ name: `${name}: ${what}`.slice(0, 200), at: at + 60, size: data.size });
  const text = readClearSigned(data);
  if (text !== undefined) {
    for (const what of text.beside) note(what);
    findings.signer = text.signer;
    findings.misfits.push(...text.misfits);
    lookAtList(text.text, content, note, findings);
    return;
  }
  const { signatures, beside } = readPgpSignatures(data.read(0, data.size));
  for (const what of beside) note(what);
  findings.remarks.add(twoBytes);
  const all = joined(content.map((member) => member.data));
  for (const signature of signatures) {
    findings.signer = signature.signer;
    if (signature.type !== 0 || !startFits(signature, pieces(all))) {
      findings.misfits.push('the first bytes of its digest are not those of the package');
    }
  }
}

const known = /^(?:Version: 4|Signer: .{1,200}|Date: [\w :,+-]{1,60}|Role: [a-z]{1,20}|Files: ?)$/;

/** Of dpkg-sig: two digests, the size and the name of each member. */
function lookAtList(text: string, content: readonly Member[], note: (what: string) => void, findings: Findings): void {
  const listed = new Set<string>();
  for (const line of text.split('\n')) {
    const [, md5, sha1, size, name = ''] = /^\t([0-9a-f]{32}) ([0-9a-f]{40}) (\d{1,15}) (\S{1,16})$/.exec(line) ?? [];
    if (md5 === undefined) {
      if (line !== '' && !known.test(line)) note('a line that is no part of the list');
      continue;
    }
    const member = content.find((one) => one.name === name);
    listed.add(name);
    const digests =
      member && (['md5', 'sha1'] as const).map((algorithm) => digestView(algorithm, [member.data]).toString('hex'));
    if (member === undefined || digests?.join() !== `${md5},${sha1}` || String(member.data.size) !== size) {
      findings.misfits.push(`its digests of ${name} are not those of the package`);
    }
  }
  if (content.some(({ name }) => !listed.has(name))) findings.misfits.push('it does not list all members');
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `deb: ${what}`);
}
