import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aptMirrors } from '../../src/cli/apt-sources.ts';
import { chooseSettings } from '../../src/cli/settings.ts';
import { temporary } from './session.ts';

const flags = { color: true };

async function files(contents: Readonly<Record<string, string>>): Promise<string> {
  const dir = await temporary();
  for (const [name, text] of Object.entries(contents)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

describe('aptMirrors', () => {
  test('reads the one-line style', async () => {
    const apt = await files({
      'sources.list': `# deb http://comment.test/debian bookworm main
deb-src http://source.test/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://one.test/debian/ bookworm main contrib # x
deb http://two.test/debian bookworm main
deb http://sec.test/debian-security bookworm-security main
`,
    });
    expect(await aptMirrors(apt)).toEqual({
      debian: 'http://one.test/debian',
      'debian-security': 'http://sec.test/debian-security',
    });
  });

  test('reads the deb822 style', async () => {
    const apt = await files({
      'sources.list.d/debian.sources': `Types: deb deb-src
URIs: https://m.test/some/where
Suites: trixie
 trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

Enabled: no
Types: deb
URIs: http://off.test/debian-security
Suites: trixie-security
Components: main
`,
    });
    expect(await aptMirrors(apt)).toEqual({ debian: 'https://m.test/some/where' });
  });

  test('passes over derivatives, third parties and other pockets', async () => {
    const apt = await files({
      'sources.list': `deb http://u.test/ubuntu noble main
deb http://b.test/debian bookworm-backports main
deb https://d.test/linux/debian bookworm stable
deb [signed-by=/etc/apt/keyrings/vpn.gpg] https://v.test/stable/debian bookworm main
`,
      'sources.list.d/notes.txt': 'deb http://n.test/debian bookworm main',
    });
    expect(await aptMirrors(apt)).toEqual({});
  });

  test('a machine without apt has none', async () => {
    expect(await aptMirrors('/nowhere')).toEqual({});
  });
});

describe('chooseSettings', () => {
  test('public defaults', async () => {
    const home = await temporary();
    const chosen = await chooseSettings(flags, { env: { HOME: home }, cwd: '/', apt: '/nowhere', root: false });
    expect(chosen).toMatchObject({
      store: join(home, '.cache/samesource'),
      config: undefined,
      settings: {
        mirrors: {
          debian: 'http://ftp.debian.org/debian',
          'debian-security': 'http://security.debian.org/debian-security',
        },
        snapshot: 'https://snapshot.debian.org',
        engine: 'auto',
        insecureRegistries: [],
      },
    });
  });

  test('the store of root lies where an unprivileged user can enter', async () => {
    const chosen = await chooseSettings(flags, { env: { HOME: '/root' }, cwd: '/', apt: '/nowhere', root: true });
    expect(chosen.store).toBe('/var/cache/samesource');
  });

  test('flag before environment before file before machine', async () => {
    const apt = await files({ 'sources.list': 'deb http://machine.test/debian bookworm main\n' });
    const home = await files({
      'c/samesource/config.yaml': `mirrors: { debian: http://file.test/debian, debian-security: http://file.test/s }
store: kept
engine: podman
keyrings: [keys/a.gpg]
podman: { runtime: runc }
insecureRegistries: [localhost:5000]
`,
    });
    const env = { HOME: home, XDG_CONFIG_HOME: join(home, 'c') };
    const around = { cwd: '/work', apt, root: false };
    const file = await chooseSettings(flags, { ...around, env });
    expect(file.settings).toMatchObject({
      mirrors: { debian: 'http://file.test/debian', 'debian-security': 'http://file.test/s' },
      engine: 'podman',
      keyrings: [join(home, 'c/samesource/keys/a.gpg')],
      podman: { runtime: 'runc' },
      insecureRegistries: ['localhost:5000'],
    });
    expect(file.store).toBe(join(home, 'c/samesource/kept'));

    const environment = {
      ...env,
      SAMESOURCE_ENGINE: 'docker',
      SAMESOURCE_STORE: 'env-store',
      SAMESOURCE_MIRROR_DEBIAN: 'http://env.test/debian/',
    };
    const fromEnv = await chooseSettings(flags, { ...around, env: environment });
    expect([fromEnv.settings.engine, fromEnv.store, fromEnv.settings.mirrors['debian']]).toEqual([
      'docker',
      '/work/env-store',
      'http://env.test/debian',
    ]);

    const given = {
      ...flags,
      engine: 'bubblewrap',
      store: 'flag',
      mirror: ['debian=http://flag.test/debian'],
    } as const;
    const fromFlags = await chooseSettings(given, { ...around, env: environment });
    expect([fromFlags.settings.engine, fromFlags.store, fromFlags.settings.mirrors['debian']]).toEqual([
      'bubblewrap',
      '/work/flag',
      'http://flag.test/debian',
    ]);
    const machine = await chooseSettings(flags, { ...around, env: { HOME: home } });
    expect(machine.settings.mirrors).toEqual({
      debian: 'http://machine.test/debian',
      'debian-security': 'http://security.debian.org/debian-security',
    });
  });

  test.each([
    ['an unknown key', 'miror: {}\n', '1:1'],
    ['an unknown archive', 'mirrors: { ubuntu: http://a.test }\n', '1:12'],
    ['an address that is none', 'snapshot: yesterday\n', '1:11'],
    ['an unknown engine', 'store: x\nengine: qemu\n', '2:9'],
    ['a duplicate key', 'store: x\nstore: y\n', '2:1'],
  ])('refuses %s with its position', async (_, text, position) => {
    const dir = await files({ 'config.yaml': text });
    const around = { env: { HOME: dir }, cwd: dir, apt: '/nowhere', root: false };
    await expect(chooseSettings({ ...flags, config: 'config.yaml' }, around)).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringContaining(`config.yaml:${position}: `),
    });
  });

  test('a file that was named must be there', async () => {
    const around = { env: {}, cwd: '/', apt: '/nowhere', root: false };
    await expect(chooseSettings({ ...flags, config: '/nowhere.yaml' }, around)).rejects.toMatchObject({
      code: 'settings-invalid',
    });
  });
});
