/**
 * What a build may not ask of the kernel: the one table from which every engine's filter is made.
 *
 * Everything not named here is allowed. What is named gives a build nothing and an attacker much:
 * the kernel's own subsystems behind no namespace (keys, bpf, io_uring, perf), namespaces and
 * mounts, socket families that a network namespace does not hold back (AF_VSOCK, AF_ALG, …), and
 * what only root could do anyway. Foreign instruction sets and x32 are refused as a whole, because
 * their system calls have other numbers.
 */
import type { Platform } from '../../model/claim.ts';

/** System call numbers, from the kernel's tables for x86-64 and the generic one that arm64 uses. */
interface Numbers {
  readonly 'linux/amd64'?: number;
  readonly 'linux/arm64'?: number;
}

export type Refusal = 'EPERM' | 'ENOSYS' | 'EAFNOSUPPORT';
export const errnos: Readonly<Record<Refusal, number>> = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 };

export type Test =
  | { readonly kind: 'always' }
  /** Any of these bits set in the argument. */
  | { readonly kind: 'any-bit'; readonly arg: number; readonly bits: readonly number[] }
  /** The low 32 bits of the argument are one of these. */
  | { readonly kind: 'one-of'; readonly arg: number; readonly values: readonly number[] }
  /** The low 32 bits of the argument are none of these. */
  | { readonly kind: 'none-of'; readonly arg: number; readonly values: readonly number[] };

export interface Rule {
  readonly name: string;
  readonly numbers: Numbers;
  readonly refused: Refusal;
  readonly when: Test;
}

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. */
export const allowedFamilies = [1, 2, 10, 16] as const;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const newNamespace = [
  0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
] as const;
const cloneNewTime = 0x80;

/** TIOCSTI types into the terminal that samesource was started from, TIOCLINUX into its console. */
const terminalInjection = [0x5412, 0x541c] as const;

/** Name, x86-64 number, arm64 number; `undefined` where an architecture has no such call. */
const refusedAlways: readonly (readonly [string, number | undefined, number | undefined])[] = [
  ['setns', 308, 268],
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['pivot_root', 155, 41],
  ['chroot', 161, 51],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fspick', 433, 433],
  ['mount_setattr', 442, 442],
  ['open_tree_attr', 467, 467],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['keyctl', 250, 219],
  ['bpf', 321, 280],
  ['io_uring_setup', 425, 425],
  ['io_uring_enter', 426, 426],
  ['io_uring_register', 427, 427],
  ['userfaultfd', 323, 282],
  ['perf_event_open', 298, 241],
  ['fanotify_init', 300, 262],
  ['open_by_handle_at', 304, 265],
  ['lookup_dcookie', 212, 18],
  ['quotactl', 179, 60],
  ['quotactl_fd', 443, 443],
  ['acct', 163, 89],
  ['syslog', 103, 116],
  ['reboot', 169, 142],
  ['kexec_load', 246, 104],
  ['kexec_file_load', 320, 294],
  ['init_module', 175, 105],
  ['finit_module', 313, 273],
  ['delete_module', 176, 106],
  ['create_module', 174, undefined],
  ['get_kernel_syms', 177, undefined],
  ['query_module', 178, undefined],
  ['uselib', 134, undefined],
  ['_sysctl', 156, undefined],
  ['nfsservctl', 180, 42],
  ['swapon', 167, 224],
  ['swapoff', 168, 225],
  ['settimeofday', 164, 170],
  ['clock_settime', 227, 112],
  ['clock_adjtime', 305, 266],
  ['adjtimex', 159, 171],
  ['sethostname', 170, 161],
  ['setdomainname', 171, 162],
  ['vhangup', 153, 58],
  ['iopl', 172, undefined],
  ['ioperm', 173, undefined],
];

const always = { kind: 'always' } as const;

export const rules: readonly Rule[] = [
  ...refusedAlways.map(([name, amd64, arm64]) => rule(name, amd64, arm64, 'EPERM', always)),
  // Its flags lie in memory, where a filter cannot look; libraries fall back to clone.
  rule('clone3', 435, 435, 'ENOSYS', always),
  rule('clone', 56, 220, 'EPERM', { kind: 'any-bit', arg: 0, bits: newNamespace }),
  rule('unshare', 272, 97, 'EPERM', { kind: 'any-bit', arg: 0, bits: [...newNamespace, cloneNewTime] }),
  rule('ioctl', 16, 29, 'EPERM', { kind: 'one-of', arg: 1, values: terminalInjection }),
  rule('socket', 41, 198, 'EAFNOSUPPORT', { kind: 'none-of', arg: 0, values: allowedFamilies }),
  rule('socketpair', 53, 199, 'EAFNOSUPPORT', { kind: 'none-of', arg: 0, values: allowedFamilies }),
];

function rule(name: string, amd64: number | undefined, arm64: number | undefined, refused: Refusal, when: Test): Rule {
  const numbers: Numbers = {
    ...(amd64 === undefined ? {} : { 'linux/amd64': amd64 }),
    ...(arm64 === undefined ? {} : { 'linux/arm64': arm64 }),
  };
  return { name, numbers, refused, when };
}

/** Rules that exist on a platform, with its number. */
export function rulesOf(platform: Platform): readonly (Rule & { readonly number: number })[] {
  return rules.flatMap((rule) => {
    const number = rule.numbers[platform];
    return number === undefined ? [] : [{ ...rule, number }];
  });
}
