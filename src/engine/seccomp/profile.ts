/**
 * The table as a profile for podman and docker (OCI runtime specification, "Seccomp"). Only the
 * machine's own architecture is named, so libseccomp kills on any other, and on x32.
 */
import type { Platform } from '../../model/claim.ts';
import { errnos, rulesOf, type Test } from './table.ts';

interface Argument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo: number;
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';
}

export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ALLOW';
  readonly architectures: readonly string[];
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: 'SCMP_ACT_ERRNO';
    readonly errnoRet: number;
    readonly args: readonly Argument[];
  }[];
}

const architectures: Readonly<Record<Platform, string>> = {
  'linux/amd64': 'SCMP_ARCH_X86_64',
  'linux/arm64': 'SCMP_ARCH_AARCH64',
};

export function seccompProfile(platform: Platform): SeccompProfile {
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [architectures[platform]],
    syscalls: rulesOf(platform).flatMap((rule) =>
      alternatives(rule.when).map((args) => ({
        names: [rule.name],
        action: 'SCMP_ACT_ERRNO' as const,
        errnoRet: errnos[rule.refused],
        args,
      })),
    ),
  };
}

/**
 * Entries for one rule, any of which refuses. libseccomp takes at most one comparison for each
 * argument in an entry, so "none of these" becomes the values between them and all above.
 */
function alternatives(test: Test): Argument[][] {
  switch (test.kind) {
    case 'always':
      return [[]];
    case 'any-bit':
      return test.bits.map((bit) => [masked(test.arg, bit, bit)]);
    case 'one-of':
      return test.values.map((value) => [masked(test.arg, 0xffff_ffff, value)]);
    case 'none-of': {
      const most = Math.max(...test.values);
      const between = Array.from({ length: most }, (_, value) => value).filter((value) => !test.values.includes(value));
      const above: Argument = { index: test.arg, value: most, valueTwo: 0, op: 'SCMP_CMP_GT' };
      return [...between.map((value): Argument[] => [{ ...above, value, op: 'SCMP_CMP_EQ' }]), [above]];
    }
  }
}

function masked(index: number, mask: number, value: number): Argument {
  return { index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' };
}
