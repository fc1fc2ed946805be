/** A claim in YAML form as a value, for tests to bend. */

export const commit = '3c1f0e8a7b6d5c4f3e2a1b0c9d8e7f6a5b4c3d2e';
export const digest = '77e2b1c0d9f8a7e6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2';

export const gitClaim = `claim: 1
name: frobnicate 2.4.1 for linux/amd64
source:
  git: https://example.org/frobnicate.git
  tag: v2.4.1
  commit: ${commit}
toolchain:
  debian: { suite: bookworm, packages: [gcc, libc6-dev, make] }
  platform: linux/amd64
build:
  dir: /build/frobnicate
  env: { SOURCE_DATE_EPOCH: auto }
  run: make
artifacts:
  - path: out/frobnicate.tar.gz
    released: https://example.org/dl/frobnicate-2.4.1.tar.gz
    sha256: ${digest}
    allow: []
reviews: []
`;

/** The example with one piece of its text replaced. */
export function bent(piece: string, replacement: string): string {
  if (!gitClaim.includes(piece)) throw new Error(`not in the example: ${piece}`);
  return gitClaim.replace(piece, () => replacement);
}
