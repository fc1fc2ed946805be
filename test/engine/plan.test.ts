import { describe, expect, test } from 'vitest';
import { bubblewrapArguments } from '../../src/engine/bubblewrap/plan.ts';
import { imageName, parseFacts as dockerFacts } from '../../src/engine/docker.ts';
import { launched } from '../../src/engine/launcher.ts';
import { runArguments } from '../../src/engine/oci-command.ts';
import { parseFacts as podmanFacts, podmanArguments } from '../../src/engine/podman.ts';
import type { RunPlan } from '../../src/engine/types.ts';

const plan: RunPlan = {
  tree: '/store/tree',
  digest: 'sha256:abc',
  platform: 'linux/amd64',
  mount: { host: '/work/mount', inside: '/build' },
  cwd: '/build/project',
  argv: ['/bin/make', '-j2'],
  env: { PATH: '/bin', NAME: 'a b' },
  limits: { seconds: 10, memoryBytes: 4096, processes: 50, diskBytes: 1024 },
};

/** The values that follow each occurrence of an option. */
function given(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));
}

describe('bubblewrap', () => {
  const args = bubblewrapArguments(plan);

  test('unshares everything and keeps nothing', () => {
    for (const kind of ['user', 'pid', 'net', 'ipc', 'uts']) expect(args).toContain(`--unshare-${kind}`);
    for (const flag of ['--die-with-parent', '--new-session', '--clearenv', '--disable-userns']) {
      expect(args).toContain(flag);
    }
    expect(given(args, '--cap-drop')).toEqual(['ALL']);
    expect(given(args, '--seccomp')).toEqual(['3']);
  });

  test('mounts the root read-only and one directory for writing', () => {
    expect(given(args, '--ro-bind')).toEqual(['/store/tree']);
    expect(given(args, '--bind')).toEqual(['/work/mount']);
    expect(given(args, '--size')).toHaveLength(given(args, '--tmpfs').length);
    expect(given(args, '--remount-ro')).toEqual(['/dev']);
  });

  test('hands the environment and the command on as they are', () => {
    expect(given(args, '--setenv')).toEqual(['PATH', 'NAME']);
    expect(args.slice(-2)).toEqual(['/bin/make', '-j2']);
    expect(given(args, '--chdir')).toEqual(['/build/project']);
  });
});

describe('podman and docker', () => {
  const container = {
    name: 'box',
    seccompFile: '/work/seccomp.json',
    abilities: { cgroupLimits: true, ownUser: true },
  };

  test('the same restrictions for both', () => {
    const args = runArguments(plan, container);
    expect(given(args, '--network')).toEqual(['none']);
    expect(given(args, '--cap-drop')).toEqual(['ALL']);
    expect(given(args, '--security-opt')).toEqual(['no-new-privileges', 'seccomp=/work/seccomp.json']);
    expect(args).toContain('--read-only');
    expect(given(args, '--user')).toEqual(['1000:1000']);
    expect(given(args, '--memory')).toEqual(['4096']);
    expect(given(args, '--pids-limit')).toEqual(['50']);
    expect(given(args, '--env')).toEqual(['PATH=/bin', 'NAME=a b']);
    expect(given(args, '--ulimit')).toEqual(['core=0:0', 'nofile=4096:4096', 'nproc=50:50']);
  });

  test('no cgroup limit is asked of an engine that has none', () => {
    const args = runArguments(plan, { ...container, abilities: { cgroupLimits: false, ownUser: false } });
    for (const option of ['--memory', '--memory-swap', '--pids-limit']) expect(args).not.toContain(option);
    expect(given(args, '--ulimit')).toContain('nproc=4096:4096');
  });

  test('podman maps the uid only without root', () => {
    expect(podmanArguments(true)).toContain('--userns=keep-id:uid=1000,gid=1000');
    expect(podmanArguments(false).join()).not.toContain('userns');
  });

  test.each([
    ['4.3.1|runc|true|v1|[]', { rootless: true, cgroupLimits: false }],
    ['4.3.1|runc|true|v2|[cpu memory pids]', { rootless: true, cgroupLimits: true }],
    ['4.3.1|runc|true|v2|[cpu]', { rootless: true, cgroupLimits: false }],
    ['4.3.1|runc|false|v1|[]', { rootless: false, cgroupLimits: true }],
  ])('podman info "%s"', (text, expected) => {
    expect(podmanFacts(text)).toMatchObject({ version: '4.3.1', runtime: 'runc', ...expected });
  });

  test.each([
    ['28.0|true|true|["name=seccomp,profile=default"]', { rootless: false, cgroupLimits: true }],
    ['28.0|true|false|["name=rootless"]', { rootless: true, cgroupLimits: false }],
  ])('docker info "%s"', (text, expected) => {
    expect(dockerFacts(text)).toEqual({ version: '28.0', ...expected });
  });

  test('an image is named after the digest', () => {
    expect(imageName('sha256:abc')).toBe(imageName('abc'));
    expect(imageName('abc')).not.toBe(imageName('abd'));
  });
});

describe('the launcher', () => {
  const options = { limits: plan.limits, countProcesses: true, first: false, env: plan.env };

  test('unsets what engines add, and keeps what the plan gives', () => {
    const script = launched(plan.argv, { ...options, env: { HOME: '/tmp' } })[2] ?? '';
    const unset = script.split('\n').find((line) => line.startsWith('unset ')) ?? '';
    expect(unset.split(' ')).toContain('HOSTNAME');
    expect(unset.split(' ')).not.toContain('HOME');
  });

  test('rounds limits up to the units of ulimit', () => {
    const script = launched(plan.argv, {
      ...options,
      limits: { ...plan.limits, memoryBytes: 1025, diskBytes: 513 },
    })[2];
    expect(script).toContain('ulimit -d 2');
    expect(script).toContain('ulimit -f 2');
  });

  test('stays as the first process where there is no other', () => {
    expect(launched(plan.argv, options)[2]).toMatch(/exec "\$@"$/);
    expect(launched(plan.argv, { ...options, first: true })[2]).toMatch(/\n"\$@"\nexit \$\?$/);
  });
});
