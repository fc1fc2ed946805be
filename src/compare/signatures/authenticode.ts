/** Authenticode: the certificate table at the end of a PE file. */
import {
  hashedParts,
  readCertificateTable,
  readPeFields,
  readSignedImage,
  type CertificateEntry,
  type PeFields,
} from '../../format/authenticode.ts';
import { pageHashesFit, type PageHashes } from '../../format/authenticode-pages.ts';
import { auditSignedData, signerOf } from '../../format/cms-audit.ts';
import { contentDigest, readSignedData, type SignedData } from '../../format/cms.ts';
import { readFirstDer } from '../../format/der.ts';
import { peChecksum } from '../../format/pe.ts';
import type { SignatureDigest } from '../../platform/digest.ts';
import { isZero, type View } from '../../platform/view.ts';
import { digestView, joined, patched, regionOf, remembered, zeros } from './joined.ts';
import type { SignatureKind, SignaturePayload, Transplant } from './types.ts';

export const authenticode: SignatureKind = {
  transplant(released, rebuilt) {
    const theirs = readPeFields(released);
    const ours = readPeFields(rebuilt);
    if (theirs?.table === undefined || ours === undefined) return undefined;
    const { at, size } = theirs.table;
    const findings = lookThrough(released, theirs, theirs.table);
    return {
      pieces: withTable(rebuilt, ours, released.slice(at, size), theirs.checksum),
      signature: {
        kind: 'authenticode',
        regions: [regionOf('certificate table', released, at, size)],
        content: 'fits',
        ...(findings.signer === undefined ? {} : { signer: findings.signer }),
        remarks: findings.remarks,
      },
      payload: findings.payload,
      misfits: findings.misfits,
    };
  },
};

/** The table goes to the next multiple of 8 bytes; the check sum and the table's place follow from that. */
function withTable(rebuilt: View, ours: PeFields, table: View, wanted: number): View[] {
  const bare = rebuilt.slice(0, ours.table?.at ?? rebuilt.size);
  const padding = zeros((8 - (bare.size % 8)) % 8);
  const entry = Buffer.alloc(8);
  entry.writeUInt32LE(bare.size + padding.size, 0);
  entry.writeUInt32LE(table.size, 4);
  const body = [...patched(bare, ours.directoryAt, entry), padding, table];
  const checksum = Buffer.alloc(4);
  // There are signers that leave it as the linker wrote it; nothing else is taken.
  checksum.writeUInt32LE(wanted === ours.checksum ? ours.checksum : peChecksum(joined(body), ours.checksumAt));
  const [head, ...rest] = body as [View, ...View[]];
  return [...patched(head, ours.checksumAt, checksum), ...rest];
}

/** Of a signature; what is after it is not read at once. */
const largest = 8 * 1024 * 1024;

interface Findings extends Pick<Transplant, 'misfits'> {
  readonly payload: SignaturePayload[];
  readonly misfits: string[];
  readonly remarks: string[];
  readonly signer?: string;
}

function lookThrough(released: View, fields: PeFields, table: { at: number; size: number }): Findings {
  const [first, ...others] = readCertificateTable(released, table);
  if (first === undefined || first.revision !== 0x0200 || first.type !== 2) {
    return { payload: [{ name: 'an entry that is no signature', ...table }], misfits: [], remarks: [] };
  }
  const findings: Findings = { payload: [], misfits: [], remarks: [] };
  for (const { at, size } of others) findings.payload.push({ name: 'another certificate entry', at, size });
  const bytes = released.read(first.at + 8, Math.min(first.size - 8, largest));
  const root = readFirstDer(bytes);
  const end = first.at + 8 + root.bytes.length;
  lookAfter(released, first, end, findings);
  const data = readSignedData(root);
  const imageDigest = remembered((algorithm: SignatureDigest) => digestView(algorithm, hashedParts(released, fields)));
  const pagesFit = (pages: PageHashes): boolean => pageHashesFit(pages, released, fields);
  requireImage(data, pagesFit, imageDigest, first.at + 8, findings, 0);
  const signer = signerOf(data);
  return signer === undefined ? findings : { ...findings, signer };
}

/** CVE-2013-3900: what follows the signature is hashed by nobody. Zero bytes up to the next multiple of 8 are its due. */
function lookAfter(released: View, entry: CertificateEntry, end: number, findings: Findings): void {
  const next = entry.at + Math.ceil(entry.size / 8) * 8;
  const slack = released.slice(end, next - end);
  if (slack.size >= 8 || !isZero(slack)) {
    findings.payload.push({ name: 'after the signature', at: end, size: slack.size });
  }
}

function requireImage(
  data: SignedData,
  pagesFit: (pages: PageHashes) => boolean,
  imageDigest: (algorithm: SignatureDigest) => Buffer,
  start: number,
  findings: Findings,
  depth: number,
): void {
  const image = readSignedImage(data);
  if (!image.digest.equals(imageDigest(image.algorithm))) {
    findings.misfits.push(`the ${image.algorithm} in the signature is not that of the file`);
  }
  if (image.pages !== undefined && !pagesFit(image.pages)) {
    findings.misfits.push('the page hashes in the signature are not those of the file');
  }
  const moved = ({ at, size }: { at: number; size: number }): { at: number; size: number } => ({
    at: start + at,
    size,
  });
  if (image.more !== undefined)
    findings.payload.push({ name: 'in the description of the image', ...moved(image.more) });
  const audit = auditSignedData(data, contentDigest(data));
  for (const found of audit.beside) findings.payload.push({ name: found.name, ...moved(found) });
  findings.misfits.push(...audit.problems);
  if (audit.nested.length > 0 && depth === 8) findings.misfits.push('signatures in signatures without end');
  else for (const nested of audit.nested) requireImage(nested, pagesFit, imageDigest, start, findings, depth + 1);
}
