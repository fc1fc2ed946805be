/** Signatures of zip files: those in META-INF of a JAR or APK, and an APK's signing block. */
import type { View } from '../../platform/view.ts';
import { auditBlock, type BlockFindings } from './apk-block.ts';
import { auditJar, manifestName, signatureEntries, type JarFindings } from './jar-files.ts';
import { regionOf, type SignatureRegion } from './joined.ts';
import type { SignatureKind } from './types.ts';
import { assembleZip } from './zip-assembly.ts';
import { contentOf, readZipParts, type ZipPart, type ZipParts } from './zip-parts.ts';
import { findSigningBlock } from '../../format/apk-signing-block.ts';

type Place = { readonly at: number; readonly size: number };

export const zip: SignatureKind = {
  transplant(released, rebuilt) {
    const [theirs, ours] = [readZipParts(released), readZipParts(rebuilt)];
    if (theirs === undefined || ours === undefined) return undefined;
    const block = findSigningBlock(released, theirs.directoryAt);
    const signed = signatureEntries(theirs);
    if (block === undefined && signed.length === 0) return undefined;
    // A manifest that came with a signature goes with it, but for what it says of the build.
    const manifest = ours.entries.find(({ name }) => name === manifestName);
    const before = manifest && contentOf(rebuilt, manifest);
    const jar = signed.length === 0 ? undefined : auditJar(released, theirs, signed, before);
    const scheme = block === undefined ? undefined : auditBlock(released, theirs, block);
    const signer = scheme?.signer ?? jar?.signer;
    return {
      pieces: assembleZip({ released, rebuilt, theirs, ours, signed, block }),
      signature: {
        kind: kindOf(jar, scheme, theirs),
        regions: regionsOf(released, signed, block),
        content: jar?.checked !== false && scheme?.checked !== false ? 'fits' : 'not-checked',
        ...(signer === undefined ? {} : { signer }),
        remarks: [...(jar?.remarks ?? []), ...(scheme?.remarks ?? [])].slice(0, 20),
      },
      payload: [...(jar?.payload ?? []), ...(scheme?.payload ?? [])],
      misfits: [...(jar?.misfits ?? []), ...(scheme?.misfits ?? [])],
    };
  },
};

/** `jar`, `apk-v1`, `apk-v1+v2+v3`. */
function kindOf(jar: JarFindings | undefined, scheme: BlockFindings | undefined, { entries }: ZipParts): string {
  if (scheme === undefined && !entries.some(({ name }) => name === 'AndroidManifest.xml')) return 'jar';
  return `apk-${[...(jar === undefined ? [] : ['v1']), ...(scheme?.schemes ?? [])].join('+')}`;
}

function regionsOf(released: View, signed: readonly ZipPart[], block: Place | undefined): SignatureRegion[] {
  const records = signed.flatMap(({ name, at, size, central }) => [
    regionOf(name, released, at, size),
    regionOf(`${name}: directory entry`, released, central.at, central.size),
  ]);
  return block === undefined ? records : [...records, regionOf('APK signing block', released, block.at, block.size)];
}
