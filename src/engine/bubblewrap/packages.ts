/** The bubblewrap that samesource brings where the system has none: Debian 12 packages, by digest. */
import type { Platform } from '../../model/claim.ts';
import { sha256 } from '../../model/digest.ts';
import type { PoolFile } from '../../model/lock.ts';

/** When the snapshot archive held all of them. */
export const snapshotTime = '20260801T000000Z';

const pinned: Readonly<Record<Platform, readonly (readonly [path: string, size: number, sha256: string])[]>> = {
  'linux/amd64': [
    [
      'pool/main/b/bubblewrap/bubblewrap_0.8.0-2+deb12u1_amd64.deb',
      47320,
      '3cc9134a3286ad01a323dcd924ba123eb634cefaeec82d774257e06308aeaadb',
    ],
    [
      'pool/main/g/glibc/libc6_2.36-9+deb12u14_amd64.deb',
      2759320,
      'ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf',
    ],
    [
      'pool/main/libc/libcap2/libcap2_2.66-4+deb12u3+b1_amd64.deb',
      27708,
      '8d684c673e7483802a5c447834b0df6fce006eb3a7109e1be412f5ad425bb24f',
    ],
    [
      'pool/main/libs/libselinux/libselinux1_3.4-1+b6_amd64.deb',
      73720,
      '2b07f5287b9105f40158b56e4d70cc1652dac56a408f3507b4ab3d061eed425f',
    ],
    [
      'pool/main/p/pcre2/libpcre2-8-0_10.42-1_amd64.deb',
      260776,
      '030db54f4d76cdfe2bf0e8eb5f9efea0233ab3c7aa942d672c7b63b52dbaf935',
    ],
  ],
  'linux/arm64': [
    [
      'pool/main/b/bubblewrap/bubblewrap_0.8.0-2+deb12u1_arm64.deb',
      45160,
      'd044ba1d7961d835669035fcd1e11121f1dc960a1a2e1c6489a93ea44e083557',
    ],
    [
      'pool/main/g/glibc/libc6_2.36-9+deb12u14_arm64.deb',
      2324660,
      '01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4',
    ],
    [
      'pool/main/libc/libcap2/libcap2_2.66-4+deb12u3+b1_arm64.deb',
      27072,
      'b3a21ae1cef9c2f3fa340007100fb0aa934ab6a4d8aed131660de9713db2bb6e',
    ],
    [
      'pool/main/libs/libselinux/libselinux1_3.4-1+b6_arm64.deb',
      68800,
      '29201edf23ebae40844d6c289afdb9bba52f927d55096ed1b1cd37e040135edc',
    ],
    [
      'pool/main/p/pcre2/libpcre2-8-0_10.42-1_arm64.deb',
      230728,
      'b2448d0a8a3db7fbeac231e7ef93811346c1fb5f96ccf6f631701d8a4eb39206',
    ],
  ],
};

export function pinnedPackages(platform: Platform): PoolFile[] {
  return pinned[platform].map(([path, size, digest]) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    archive: 'debian',
    path,
    seen: snapshotTime,
    sha256: sha256(digest),
    size,
  }));
}

/** Names of the packages that are needed, for whoever looks up their present versions. */
export const packageNames = ['bubblewrap', 'libc6', 'libcap2', 'libselinux1', 'libpcre2-8-0'] as const;

/** The dynamic loader that starts it, by file name. */
export const loaders: Readonly<Record<Platform, string>> = {
  'linux/amd64': 'ld-linux-x86-64.so.2',
  'linux/arm64': 'ld-linux-aarch64.so.1',
};
