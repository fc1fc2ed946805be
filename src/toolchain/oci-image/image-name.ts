/** The forms in which a claim names an image: always by digest. */
import { isSha256, type Sha256 } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import { parseReference, type Reference } from '../../registry/oci/reference.ts';

export type ImageName =
  | { readonly kind: 'registry'; readonly digest: Sha256; readonly reference: Reference }
  /** `digest` names a manifest or an index among the blobs. */
  | { readonly kind: 'oci' | 'oci-archive'; readonly digest: Sha256; readonly path: string }
  /**
   * What `docker save` and `podman save` write. Such a file holds no manifest that it could be named
   * by, so `digest` is the image ID: the digest of the image's configuration.
   */
  | { readonly kind: 'docker-archive'; readonly digest: Sha256; readonly path: string };

const localPattern = /^(oci|oci-archive|docker-archive):([^\0]+)@sha256:([0-9a-f]+)$/;

/** @throws SamesourceError `claim-invalid` */
export function parseImageName(text: string): ImageName {
  if (!/^(?:oci|oci-archive|docker-archive):/.test(text)) {
    const reference = parseReference(text);
    return { kind: 'registry', digest: reference.digest, reference };
  }
  const [, kind, path, digest] = localPattern.exec(text) ?? [];
  if (path === undefined || digest === undefined || !isSha256(digest)) {
    throw new SamesourceError('claim-invalid', `image "${text}" has no full sha256 digest`, {
      hint: `write it as ${text.split(/[:@]/, 2).join(':')}@sha256:DIGEST`,
    });
  }
  return { kind: kind as 'oci' | 'oci-archive' | 'docker-archive', digest, path };
}
