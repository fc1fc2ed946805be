/** The signature of a JAR, which an APK's scheme v1 is too: a manifest of digests, and signatures of it. */
import { auditSignedData, signerOf } from '../../format/cms-audit.ts';
import { digestBytes, parseSignedData } from '../../format/cms.ts';
import { digestAttribute, readManifest, type Manifest, type ManifestSection } from '../../format/jar-manifest.ts';
import type { SignatureDigest } from '../../platform/digest.ts';
import type { View } from '../../platform/view.ts';
import type { SignaturePayload } from './types.ts';
import { contentOf, type ZipPart, type ZipParts } from './zip-parts.ts';

export const manifestName = 'META-INF/MANIFEST.MF';

/** No more than these: names like them hold code in other files that call themselves signatures. */
const signatureFile = /^META-INF\/([A-Za-z0-9_-]{1,64})\.SF$/;
const blockTypes = ['RSA', 'DSA', 'EC'];

/** Each signature is held against all of the manifest, and each digest against what unpacks. */
const most = { signers: 16, unpacked: 8 * 1024 ** 3 };

/** The manifest, and each signature file that has exactly one signature. Empty: not signed so. */
export function signatureEntries({ entries }: ZipParts): ZipPart[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const manifest = byName.get(manifestName);
  if (manifest === undefined) return [];
  const signed = entries.flatMap((entry) => {
    const base = signatureFile.exec(entry.name)?.[1];
    if (base === undefined) return [];
    const blocks = blockTypes.flatMap((type) => byName.get(`META-INF/${base}.${type}`) ?? []);
    return blocks.length === 1 ? [entry, ...blocks] : [];
  });
  if (signed.length > 2 * most.signers) throw new RangeError(`${signed.length / 2} signature files`);
  return signed.length === 0 ? [] : [manifest, ...signed];
}

export interface JarFindings {
  readonly payload: SignaturePayload[];
  readonly misfits: string[];
  readonly remarks: string[];
  signer?: string;
  /** Bytes. */
  unpacked: number;
  /** Whether all that there is to check was checked. */
  checked: boolean;
}

/** @param ours the manifest of the rebuilt file, as it was before signing */
export function auditJar(view: View, zip: ZipParts, signed: readonly ZipPart[], ours: Buffer | undefined): JarFindings {
  const findings: JarFindings = { payload: [], misfits: [], remarks: [], checked: true, unpacked: 0 };
  const contents = new Map(signed.map((entry) => [entry.name, read(view, entry)]));
  for (const entry of signed) auditRecord(entry, findings);
  const [manifestEntry, ...others] = signed as [ZipPart, ...ZipPart[]];
  const bytes = contents.get(manifestName) as Buffer;
  const manifest = readManifest(bytes);
  const note = notes(findings, manifestEntry);
  auditMain(manifest.main, ours === undefined ? undefined : readManifest(ours).main, note, findings);
  auditSections(view, zip, signed, manifest, ours === undefined ? undefined : readManifest(ours), note, findings);
  for (let index = 0; index + 1 < others.length; index += 2) {
    const [file, block] = [others[index] as ZipPart, others[index + 1] as ZipPart];
    const text = contents.get(file.name) as Buffer;
    auditSignatureFile(text, bytes, manifest, notes(findings, file), findings);
    auditBlock(contents.get(block.name) as Buffer, text, block, findings);
  }
  return findings;
}

function read(view: View, entry: ZipPart): Buffer {
  const content = contentOf(view, entry, 32 * 1024 * 1024);
  if (content === undefined) throw new RangeError(`${entry.name} is too large`);
  return content;
}

type Note = (name: string) => void;

function notes(findings: JarFindings, { name, data }: ZipPart): Note {
  return (what) => findings.payload.push({ name: `${name}: ${what}`.slice(0, 200), at: data.at, size: data.size });
}

/** Alignment, the mark of a JAR, and times are what signers put beside a name. */
function auditRecord(entry: ZipPart, { payload }: JarFindings): void {
  const at = entry.data.at - entry.localExtra.length;
  for (const [extra, place] of [
    [entry.localExtra, at],
    [entry.centralExtra, entry.central.at + 46],
  ] as const) {
    if (!isPlainExtra(extra)) payload.push({ name: `${entry.name}: extra field`, at: place, size: extra.length });
  }
  if (!isPlainMode(entry.attributes))
    payload.push({ name: `${entry.name}: attributes`, at: entry.central.at + 38, size: 4 });
  if (entry.commentSize > 0) {
    payload.push({ name: `${entry.name}: comment`, at: entry.central.at, size: entry.commentSize });
  }
}

/** None, or a regular file that no one runs. */
function isPlainMode(attributes: number): boolean {
  const mode = attributes >>> 16;
  return attributes === 0 || ((mode & 0o170000) === 0o100000 && (mode & 0o7111) === 0 && (attributes & 0xffff) === 0);
}

function isPlainExtra(extra: Buffer): boolean {
  let at = 0;
  while (at + 4 <= extra.length) {
    const [id, size] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    const value = extra.subarray(at + 4, at + 4 + size);
    const known =
      (id === 0xcafe && size === 0) ||
      (id === 0x5455 && [5, 9, 13].includes(size)) ||
      (id === 0xd935 && size >= 2 && value.subarray(2).every((byte) => byte === 0)) ||
      (id === 0 && extra.subarray(at).every((byte) => byte === 0));
    if (!known || value.length !== size) return false;
    at += 4 + size;
  }
  return extra.subarray(at).every((byte) => byte === 0);
}

/** What a signer writes into a manifest of its own. */
const ownAttributes = new Set(['Manifest-Version', 'Created-By', 'Built-By']);

function auditMain(
  theirs: ManifestSection,
  ours: ManifestSection | undefined,
  note: Note,
  findings: JarFindings,
): void {
  if (ours !== undefined) requireSameAttributes(theirs.attributes, ours.attributes, note, findings);
  else {
    for (const [key, value] of theirs.attributes) {
      if (!ownAttributes.has(key) || value.length > 200) note(`attribute ${key}`);
    }
  }
}

function requireSameAttributes(
  theirs: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
  note: Note,
  { misfits }: JarFindings,
): void {
  const isDigest = (key: string): boolean => digestAttribute(key) !== undefined;
  for (const [key, value] of theirs) if (!isDigest(key) && ours.get(key) !== value) note(`attribute ${key}`);
  for (const key of ours.keys()) {
    if (!isDigest(key) && !theirs.has(key)) misfits.push(`its manifest lacks ${key}`);
  }
}

function auditSections(
  view: View,
  zip: ZipParts,
  signed: readonly ZipPart[],
  theirs: Manifest,
  ours: Manifest | undefined,
  note: Note,
  findings: JarFindings,
): void {
  const entries = new Map(zip.entries.map((entry) => [Buffer.from(entry.name, 'latin1').toString('utf8'), entry]));
  for (const entry of signed) entries.delete(entry.name);
  for (const [name, section] of theirs.sections) {
    const mine = ours?.sections.get(name);
    const entry = entries.get(name);
    requireSameAttributes(section.attributes, mine?.attributes ?? new Map(), note, findings);
    if (entry === undefined && mine === undefined) note(`a section for ${name}, which is not there`);
    const digests = [...section.attributes].filter(([key]) => digestAttribute(key) !== undefined);
    if (entry === undefined && digests.length > 0) note(`a digest of ${name}, which is not there`);
    if (entry !== undefined && digests.length > 0) requireDigests(view, entry, digests, findings);
  }
  for (const name of ours?.sections.keys() ?? []) {
    if (!theirs.sections.has(name)) findings.misfits.push(`its manifest lacks the section of ${name.slice(0, 100)}`);
  }
  const left = [...entries.keys()].filter((name) => !name.endsWith('/') && !theirs.sections.has(name)).length;
  if (left > 0) findings.remarks.push(`${left} entries have no digest in the manifest`);
}

function requireDigests(
  view: View,
  entry: ZipPart,
  digests: readonly (readonly [string, string])[],
  findings: JarFindings,
): void {
  findings.unpacked += entry.contentSize;
  const content = findings.unpacked > most.unpacked ? undefined : contentOf(view, entry);
  if (content === undefined) {
    findings.checked = false;
    findings.remarks.push(`${entry.name.slice(0, 100)} is too large to be held against its digest`);
    return;
  }
  for (const [key, value] of digests) {
    if (!isDigestOf(value, digestAttribute(key), content))
      findings.misfits.push(`${key} of ${entry.name.slice(0, 100)} is another`);
  }
}

function isDigestOf(value: string, algorithm: SignatureDigest | undefined, content: Buffer): boolean {
  return algorithm !== undefined && value === digestBytes(algorithm, content).toString('base64');
}

/** What is signed: a digest of the manifest, and of each of its sections. */
function auditSignatureFile(
  text: Buffer,
  manifestBytes: Buffer,
  manifest: Manifest,
  note: Note,
  findings: JarFindings,
): void {
  const file = readManifest(text);
  let whole = 0;
  for (const [key, value] of file.main.attributes) {
    const ofManifest = digestAttribute(key, '-Manifest');
    const ofMain = digestAttribute(key, '-Manifest-Main-Attributes');
    if (ofManifest !== undefined) {
      whole++;
      if (!isDigestOf(value, ofManifest, manifestBytes)) findings.misfits.push(`${key} is another`);
    } else if (ofMain !== undefined) {
      if (!isDigestOf(value, ofMain, manifest.main.bytes)) findings.misfits.push(`${key} is another`);
    } else if (!isPlainAttribute(key, value)) note(`attribute ${key}`);
  }
  if (whole === 0) findings.misfits.push('no digest of the manifest is signed');
  for (const [name, { attributes }] of file.sections) {
    const section = manifest.sections.get(name);
    if (section === undefined) note(`a section for ${name}, which the manifest has not`);
    for (const [key, value] of attributes) {
      const algorithm = digestAttribute(key);
      if (algorithm === undefined) note(`attribute ${key}`);
      else if (section === undefined || !isDigestOf(value, algorithm, section.bytes)) {
        findings.misfits.push(`${key} of the section of ${name.slice(0, 100)} is another`);
      }
    }
  }
}

function isPlainAttribute(key: string, value: string): boolean {
  if (key === 'X-Android-APK-Signed') return /^[0-9, ]{1,20}$/.test(value);
  return ['Signature-Version', 'Created-By'].includes(key) && value.length <= 200;
}

function auditBlock(bytes: Buffer, text: Buffer, entry: ZipPart, findings: JarFindings): void {
  const data = parseSignedData(bytes);
  const note = notes(findings, entry);
  if (data.contentType !== '1.2.840.113549.1.7.1' || data.content !== undefined) note('content of its own');
  const audit = auditSignedData(data, (algorithm) => digestBytes(algorithm, text));
  for (const { name } of audit.beside) note(name);
  if (audit.nested.length > 0) note('signatures in the signature');
  findings.misfits.push(...audit.problems);
  if (data.signers.some(({ signed }) => signed.length === 0)) {
    findings.remarks.push(`${entry.name} signs its file without saying its digest`);
  }
  const signer = signerOf(data);
  if (signer !== undefined) findings.signer ??= signer;
}
