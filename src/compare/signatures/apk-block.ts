/** An APK's signing block, looked through: an app can read its own, and nothing hashes what else lies there. */
import { apkDigest, digestKind, type ApkSections } from '../../format/apk-digest.ts';
import { readPairs, readScheme, schemes, type BlockPair } from '../../format/apk-signing-block.ts';
import { bufferView, type View } from '../../platform/view.ts';
import { remembered } from './joined.ts';
import type { SignaturePayload } from './types.ts';
import type { ZipParts } from './zip-parts.ts';

export interface BlockFindings {
  readonly schemes: readonly string[];
  readonly payload: SignaturePayload[];
  readonly misfits: string[];
  readonly remarks: string[];
  readonly signer?: string;
  readonly checked: boolean;
}

const padding = 0x42726577;
const page = 4096;

/** Blocks of other uses, which build tools and stores put there. */
const otherUses: Readonly<Record<number, string>> = {
  0x504b4453: 'dependency info',
  0x2146444e: 'frosting',
  0x6dff800d: 'source stamp',
  0x2b09189e: 'source stamp',
  0x71777777: 'distribution channel',
};

/** Its schemes, each digest held against the file, and what in it is no signature. @throws SamesourceError `archive-unsafe` */
export function auditBlock(released: View, zip: ZipParts, block: { at: number; size: number }): BlockFindings {
  const found: string[] = [];
  const findings = { payload: [] as SignaturePayload[], misfits: [] as string[], remarks: [] as string[] };
  const digestOf = remembered((kind: Parameters<typeof apkDigest>[0]) =>
    apkDigest(kind, sectionsOf(released, zip, block.at)),
  );
  const seen = new Set<number>();
  const signers: string[] = [];
  for (const pair of readPairs(Buffer.from(released.read(block.at, block.size)))) {
    const scheme = schemes[pair.id];
    const again = seen.has(pair.id);
    seen.add(pair.id);
    if (again || scheme === undefined) {
      if (again || !isPadding(pair, block.size)) findings.payload.push(payloadOf(pair, block.at, again));
      continue;
    }
    found.push(scheme);
    const { digests, signer, beside } = readScheme(pair.value, scheme);
    if (signer !== undefined) signers.push(signer);
    for (const { name, at, size } of beside) {
      findings.payload.push({ name: `${scheme}: ${name}`, at: block.at + pair.at + at, size });
    }
    if (digests.length === 0) findings.misfits.push(`${scheme}: it holds no digest`);
    for (const { algorithm, digest } of digests) {
      const kind = digestKind(algorithm);
      if (kind === undefined) findings.misfits.push(`${scheme}: unknown algorithm 0x${algorithm.toString(16)}`);
      else if (!digestOf(kind).equals(digest))
        findings.misfits.push(`${scheme}: its ${kind} digest is not that of the file`);
    }
  }
  if (found.length === 0) findings.misfits.push('its signing block holds no signature');
  const [signer] = signers;
  return { schemes: found, ...findings, ...(signer === undefined ? {} : { signer }), checked: found.length > 0 };
}

/** Zeros, and no more than bring the block to a page's end. */
function isPadding({ id, value }: BlockPair, blockSize: number): boolean {
  return id === padding && value.length < page && blockSize % page === 0 && value.every((byte) => byte === 0);
}

function payloadOf({ id, at, value }: BlockPair, blockAt: number, again: boolean): SignaturePayload {
  const use = otherUses[id] ?? schemes[id] ?? (id === padding ? 'padding that holds bytes' : undefined);
  const name = `block 0x${id.toString(16).padStart(8, '0')}${use === undefined ? '' : ` (${use})`}`;
  return { name: again ? `${name} again` : name, at: blockAt + at, size: value.length };
}

function sectionsOf(released: View, zip: ZipParts, blockAt: number): ApkSections {
  const end = Buffer.from(released.read(zip.endAt, released.size - zip.endAt));
  end.writeUInt32LE(blockAt, 16);
  const directory = released.slice(zip.directoryAt, zip.endAt - zip.directoryAt);
  return [released.slice(0, blockAt), directory, bufferView(end)];
}
