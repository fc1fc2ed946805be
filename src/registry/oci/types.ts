/** Where the parts of an image come from: a registry, or a layout on the disk. */
import type { Descriptor } from '../../format/oci.ts';
import type { Sha256 } from '../../model/digest.ts';
import type { Blob } from '../../store/store.ts';

export interface ImageParts {
  /** A manifest or index by digest, its bytes checked. */
  document(digest: Sha256): Promise<Blob>;
  /** A configuration or a layer, its digest and size checked. */
  blob(wanted: Descriptor): Promise<Blob>;
}
