/** How much an image may hold before it counts as a bomb. */
export interface ImageLimits {
  /** Uncompressed, over all layers. */
  readonly bytes: number;
  /** Files, directories and links over all layers. */
  readonly entries: number;
}

export const imageLimits: ImageLimits = { bytes: 32 * 1024 ** 3, entries: 2_000_000 };
