/** What bubblewrap says where it cannot start, and what to do about it. Pure. */

interface Diagnosis {
  readonly why: string;
  readonly hint: string;
}

const otherEngine = 'or choose another engine: --engine podman';

const known: readonly (readonly [RegExp, Diagnosis])[] = [
  [
    /setting up uid map|Creating new namespace failed: (?:Permission denied|Operation not permitted)|No permissions to creat/,
    {
      why: 'this system does not let ordinary programs make user namespaces',
      hint: `on Ubuntu: install its bubblewrap package with an AppArmor profile, or sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; elsewhere: sudo sysctl kernel.unprivileged_userns_clone=1; ${otherEngine}`,
    },
  ],
  [
    /mount proc|Failed to mount.*proc/i,
    {
      why: 'this is inside another container, which hides parts of /proc',
      hint: `start that container with its /proc unmasked (podman --security-opt unmask=ALL, docker --security-opt systempaths=unconfined); ${otherEngine}`,
    },
  ],
  [
    /No space left on device|max_user_namespaces|limit.*namespaces/i,
    {
      why: 'the number of user namespaces is limited to too few',
      hint: `sudo sysctl user.max_user_namespaces=15000; ${otherEngine}`,
    },
  ],
];

/** `text` is what was said last, on stderr or in the log. */
export function diagnose(text: string): Diagnosis {
  const line = text
    .split('\n')
    .filter((part) => part.startsWith('bwrap: '))
    .at(-1);
  const said = (line ?? text.trim().slice(-300)) || 'it said nothing';
  const found = known.find(([pattern]) => pattern.test(said));
  if (found === undefined) return { why: said, hint: `see which engines work here: samesource doctor; ${otherEngine}` };
  return { why: `${found[1].why} (${said})`, hint: found[1].hint };
}
