/** Zip files written in code, every field at hand, and the signatures that go into them. */
import { assemble, zipParts, type ZipMember } from '../../format/zip-fixture.ts';
import { certificate, sha256, signedData } from './cms-fixture.ts';

export interface ZipEntryFixture extends Pick<ZipMember, 'name' | 'localExtra' | 'comment' | 'attributes' | 'slack'> {
  readonly content: Buffer;
  readonly deflate?: boolean;
}

export interface ZipFixture {
  readonly entries: readonly ZipEntryFixture[];
  /** Between the entries and the directory, by the bytes of the three sections. */
  readonly block?: (sections: readonly [Buffer, Buffer, Buffer]) => Buffer;
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}

export function zipOf({ entries, block }: ZipFixture): Buffer {
  const { local, central } = zipParts(entries.map(({ deflate, ...entry }) => ({ ...entry, store: deflate !== true })));
  const end = assemble(local, central).subarray(-22);
  const gap = block?.([Buffer.concat(local), Buffer.concat(central), end]) ?? Buffer.alloc(0);
  return assemble(local, central, { gap });
}

const digestLine = (bytes: Buffer): string => sha256(bytes).toString('base64');

export interface JarMore {
  /** Lines of the manifest's main section. */
  readonly main?: string;
  /** Before it is signed. */
  readonly manifest?: (text: string) => string;
  readonly signatureFile?: (text: string) => string;
  readonly block?: Partial<Parameters<typeof signedData>[0]>;
}

/** MANIFEST.MF, QUINCE.SF and QUINCE.RSA of these entries. */
export function jarSignature(entries: readonly ZipEntryFixture[], more: JarMore = {}): ZipEntryFixture[] {
  const main = `${more.main ?? 'Manifest-Version: 1.0\r\nCreated-By: quince\r\n'}\r\n`;
  const sections = entries.map(
    ({ name, content }) => `Name: ${name}\r\nSHA-256-Digest: ${digestLine(content)}\r\n\r\n`,
  );
  const manifest = Buffer.from((more.manifest ?? String)(main + sections.join('')));
  const head = `Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: ${digestLine(manifest)}\r\n\r\n`;
  const signed = entries.map(
    ({ name }, index) => `Name: ${name}\r\nSHA-256-Digest: ${digestLine(Buffer.from(sections[index] ?? ''))}\r\n\r\n`,
  );
  const file = Buffer.from((more.signatureFile ?? String)(head + signed.join('')));
  const block = signedData({ type: '1.2.840.113549.1.7.1', signedBytes: file, ...more.block });
  return [
    { name: 'META-INF/MANIFEST.MF', content: manifest, deflate: true },
    { name: 'META-INF/QUINCE.SF', content: file, deflate: true },
    { name: 'META-INF/QUINCE.RSA', content: block, deflate: true },
  ];
}

const prefixed = (...parts: readonly Buffer[]): Buffer => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([u32(bytes.length), bytes]);
};

export const v2 = 0x7109871a;

/** The digest of schemes v2 and v3, of sections below 1 MiB. */
export function contentDigest(sections: readonly Buffer[]): Buffer {
  const chunks = sections.map((section) => sha256(Buffer.concat([Buffer.from([0xa5]), u32(section.length), section])));
  return sha256(Buffer.concat([Buffer.from([0x5a]), u32(chunks.length), ...chunks]));
}

/** The value of a v2 pair. */
export function schemeV2(digest: Buffer, attributes: readonly Buffer[] = [], tail: Buffer = Buffer.alloc(0)): Buffer {
  const leaf = certificate('Quince Ltd');
  const key = leaf.subarray(leaf.length - 60, leaf.length - 40);
  const signed = prefixed(
    prefixed(prefixed(u32(0x0103), prefixed(digest))),
    prefixed(prefixed(leaf)),
    prefixed(...attributes.map((attribute) => prefixed(attribute))),
    u32(0),
  );
  const signer = prefixed(signed, prefixed(prefixed(u32(0x0103), prefixed(Buffer.alloc(256, 3)))), prefixed(key), tail);
  return prefixed(signer);
}

export type PairFixture = readonly [id: number, value: Buffer];

export function signingBlock(pairs: readonly PairFixture[]): Buffer {
  const u64 = (value: number): Buffer => u32(value, 0);
  const body = Buffer.concat(pairs.map(([id, value]) => Buffer.concat([u64(value.length + 4), u32(id), value])));
  const size = u64(body.length + 24);
  return Buffer.concat([size, body, size, Buffer.from('APK Sig Block 42')]);
}
