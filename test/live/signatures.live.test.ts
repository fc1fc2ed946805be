/**
 * Signatures made by their vendors' tools, and what was put together here confirmed by the same tools.
 * Debian packages: osslsigncode openssl gcc-mingw-w64-x86-64 apksigner zipalign default-jdk-headless gnupg
 * minisign debsigs rpm golang-go.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareSigned, transplant, type SignedResult } from '../../src/compare/signed.ts';
import { bufferView } from '../../src/platform/view.ts';

const home = mkdtempSync(join(tmpdir(), 'signatures-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const path = (name: string): string => join(home, name);
const file = (name: string): Buffer => readFileSync(path(name));

function run(tool: string, ...args: readonly string[]): string {
  const env = { ...process.env, GNUPGHOME: join(home, 'keys') };
  return execFileSync(tool, args, { cwd: home, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Names those of the tools that are not there. */
function missing(...tools: readonly string[]): string[] {
  return tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
}

function compare(released: Buffer, rebuilt: Buffer): SignedResult {
  return compareSigned(bufferView(released), bufferView(rebuilt));
}

const isMatch = (result: SignedResult): boolean => result !== undefined && 'match' in result;

/** What is put together of the signature of `released` and the bytes of `rebuilt`. */
function moved(released: Buffer, rebuilt: Buffer): Buffer {
  const pieces = transplant(bufferView(released), bufferView(rebuilt))?.pieces ?? [];
  return Buffer.concat(pieces.map((piece) => piece.read(0, piece.size)));
}

/** Flips bytes all over the file: nothing may stay the same match. */
function requireMutantsFound(released: Buffer, rebuilt: Buffer, count = 400): void {
  const clean = JSON.stringify(compare(released, rebuilt));
  expect(clean).toContain('match');
  for (let index = 0; index < count; index++) {
    const at = Math.floor((index * released.length) / count);
    const mutant = Buffer.from(released);
    mutant.writeUInt8((mutant[at] ?? 0) ^ (1 << (index % 8)), at);
    expect(JSON.stringify(compare(mutant, rebuilt)), `byte ${at}`).not.toBe(clean);
  }
}

const pe = missing('osslsigncode', 'openssl', 'x86_64-w64-mingw32-gcc');

describe.skipIf(pe.length > 0)(`authenticode ${pe.length > 0 ? `(skipped: no ${pe.join(', ')})` : ''}`, () => {
  function key(name: string, usage: string): string[] {
    const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '999', '-addext', `extendedKeyUsage=${usage}`];
    run('openssl', 'req', '-x509', '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, ...options);
    return ['-certs', `${name}.crt`, '-key', `${name}.key`];
  }
  function build(): Buffer {
    writeFileSync(path('plover.c'), '#include <stdio.h>\nint main(void) { return puts("plover") < 0; }\n');
    run('x86_64-w64-mingw32-gcc', '-s', '-o', 'plover.exe', 'plover.c');
    // Not at a multiple of 8: the signer has to fill up.
    writeFileSync(path('plover.exe'), Buffer.concat([file('plover.exe'), Buffer.from('quince')]));
    return file('plover.exe');
  }
  function sign(out: string, from: string, ...args: readonly string[]): Buffer {
    run('osslsigncode', 'sign', ...args, '-in', from, '-out', out);
    return file(out);
  }

  test('osslsigncode: signed, stamped, signed twice, signed by another; and it accepts what is put together', () => {
    const rebuilt = build();
    const quince = key('quince', 'codeSigning');
    const other = key('other', 'codeSigning');
    key('stamp', 'critical,timeStamping');
    const signed = sign('signed.exe', 'plover.exe', ...quince, '-h', 'sha256', '-n', 'Plover');
    expect(compare(signed, rebuilt)).toMatchObject({ match: { content: 'fits', signer: 'quince', remarks: [] } });
    const foreign = sign('other.exe', 'plover.exe', ...other, '-h', 'sha384');
    expect(isMatch(compare(signed, foreign))).toBe(true);
    expect(isMatch(compare(foreign, signed))).toBe(true);
    const stamp = ['-TSA-certs', 'stamp.crt', '-TSA-key', 'stamp.key'];
    expect(isMatch(compare(sign('stamped.exe', 'plover.exe', ...quince, ...stamp), rebuilt))).toBe(true);
    const nested = sign('nested.exe', 'signed.exe', ...other, '-nest', '-h', 'sha512');
    expect(isMatch(compare(nested, rebuilt))).toBe(true);

    writeFileSync(path('moved.exe'), moved(signed, foreign));
    const said = run('osslsigncode', 'verify', '-CAfile', 'quince.crt', '-in', 'moved.exe');
    expect(said).toMatch(/Signature verification: ok/);
    requireMutantsFound(signed, rebuilt);
  });

  test('osslsigncode: a blob beside the signature, page hashes, another file', () => {
    const rebuilt = file('plover.exe');
    run('osslsigncode', 'add', '-addUnauthenticatedBlob', '-in', 'signed.exe', '-out', 'blob.exe');
    expect(compare(file('blob.exe'), rebuilt)).toMatchObject({
      payload: [{ name: 'unsigned attribute 1.3.6.1.4.1.42921.1.2.1' }],
    });
    const pages = sign('pages.exe', 'plover.exe', '-certs', 'quince.crt', '-key', 'quince.key', '-ph');
    expect(isMatch(compare(pages, rebuilt))).toBe(true);
    const changed = Buffer.from(rebuilt);
    changed.writeUInt8(0x51, changed.length - 1);
    const patched = file('signed.exe');
    patched.writeUInt8(0x51, rebuilt.length - 1);
    expect(isMatch(compare(patched, changed))).toBe(false);
  });
});

const android = missing('apksigner', 'zipalign', 'keytool', 'jarsigner', 'jar');

describe.skipIf(android.length > 0)(
  `apk and jar ${android.length > 0 ? `(skipped: no ${android.join(', ')})` : ''}`,
  () => {
    const keys = { quince: 'RSA', other: 'EC' } as const;
    function makeKeys(): void {
      for (const [alias, algorithm] of Object.entries(keys)) {
        const store = ['-keystore', `${alias}.p12`, '-storetype', 'PKCS12', '-storepass', 'plover'];
        run('keytool', '-genkeypair', ...store, '-alias', alias, '-keyalg', algorithm, '-dname', `CN=${alias}`);
      }
    }
    function apksigner(out: string, alias: keyof typeof keys, ...args: readonly string[]): Buffer {
      const key = ['--ks', `${alias}.p12`, '--ks-pass', 'pass:plover', '--ks-key-alias', alias];
      run('apksigner', 'sign', ...key, '--v4-signing-enabled', 'false', ...args, '--out', out, 'plover.apk');
      return file(out);
    }
    function build(): Buffer {
      mkdirSync(path('tree/META-INF/services'), { recursive: true });
      writeFileSync(path('tree/AndroidManifest.xml'), Buffer.from([3, 0, 8, 0]));
      writeFileSync(path('tree/classes.dex'), 'plover '.repeat(300_000));
      writeFileSync(path('tree/META-INF/services/quince'), 'quince');
      writeFileSync(path('tree/stored.bin'), Buffer.alloc(1_500_001, 'quince'));
      const names = ['AndroidManifest.xml', 'classes.dex', 'META-INF/services/quince'];
      run('jar', '--create', '--no-manifest', '--file', 'loose.apk', ...names.flatMap((name) => ['-C', 'tree', name]));
      run('jar', '--update', '--no-manifest', '--no-compress', '--file', 'loose.apk', '-C', 'tree', 'stored.bin');
      run('zipalign', '-f', '4', 'loose.apk', 'plover.apk');
      return file('plover.apk');
    }

    test('apksigner: all schemes, and it accepts what is put together', { timeout: 120_000 }, () => {
      makeKeys();
      const rebuilt = build();
      const all = apksigner('all.apk', 'quince', '--min-sdk-version', '19');
      expect(compare(all, rebuilt)).toMatchObject({
        match: { kind: 'apk-v1+v2+v3', content: 'fits', signer: 'quince' },
      });
      const other = apksigner('other.apk', 'other', '--min-sdk-version', '19');
      expect(isMatch(compare(all, other))).toBe(true);
      expect(isMatch(compare(other, all))).toBe(true);
      const only = ['--v1-signing-enabled', 'false', '--v2-signing-enabled', 'false', '--min-sdk-version', '28'];
      expect(compare(apksigner('v3.apk', 'quince', ...only), rebuilt)).toMatchObject({ match: { kind: 'apk-v3' } });
      const verity = apksigner('verity.apk', 'quince', '--min-sdk-version', '28', '--verity-enabled');
      expect(isMatch(compare(verity, rebuilt))).toBe(true);
      const old = ['--v2-signing-enabled', 'false', '--v3-signing-enabled', 'false', '--min-sdk-version', '19'];
      expect(compare(apksigner('v1.apk', 'quince', ...old), rebuilt)).toMatchObject({ match: { kind: 'apk-v1' } });

      writeFileSync(path('moved.apk'), moved(all, other));
      expect(run('apksigner', 'verify', '--verbose', '--min-sdk-version', '19', 'moved.apk')).toMatch(/^Verifies/);
      requireMutantsFound(all, rebuilt, 100);
    });

    test('jarsigner: by one, by two, and it accepts what is put together', { timeout: 120_000 }, () => {
      const args = ['-C', 'tree', 'classes.dex', '-C', 'tree', 'META-INF/services/quince'];
      writeFileSync(path('main.txt'), `Main-Class: Quince\nImplementation-Title: ${'plover '.repeat(20)}\n`);
      run('jar', '--create', '--file', 'plover.jar', '--manifest', 'main.txt', ...args);
      const sign = (out: string, from: string, alias: string): Buffer => {
        run('jarsigner', '-keystore', `${alias}.p12`, '-storepass', 'plover', '-signedjar', out, from, alias);
        return file(out);
      };
      const [signed, other] = [sign('signed.jar', 'plover.jar', 'quince'), sign('other.jar', 'plover.jar', 'other')];
      const rebuilt = file('plover.jar');
      expect(compare(signed, rebuilt)).toMatchObject({ match: { kind: 'jar', content: 'fits', signer: 'quince' } });
      expect(isMatch(compare(signed, other))).toBe(true);
      expect(isMatch(compare(sign('both.jar', 'signed.jar', 'other'), rebuilt))).toBe(true);
      writeFileSync(path('moved.jar'), moved(signed, other));
      expect(run('jarsigner', '-verify', 'moved.jar')).toMatch(/jar verified/);
      requireMutantsFound(signed, rebuilt, 100);
    });
  },
);

const openpgp = missing('gpg', 'minisign', 'debsigs', 'dpkg-deb', 'rpmbuild', 'rpmsign', 'rpmkeys');

describe.skipIf(openpgp.length > 0)(
  `openpgp and minisign ${openpgp.length > 0 ? `(skipped: no ${openpgp.join(', ')})` : ''}`,
  () => {
    const owner = (name: string): string => `${name}@plover.example`;
    const text = 'plover\n- quince\n--egg\nlast\n';

    beforeAll(() => {
      mkdirSync(path('keys'), { mode: 0o700 });
      for (const [name, algorithm] of [
        ['quince', 'rsa2048'],
        ['other', 'ed25519'],
      ] as const) {
        const options = ['--batch', '--quiet', '--passphrase', '', '--quick-generate-key'];
        run('gpg', ...options, owner(name), algorithm, 'sign', 'never');
      }
      writeFileSync(path('text'), text);
    });
    afterAll(() => void spawnSync('gpgconf', ['--homedir', path('keys'), '--kill', 'all']));

    const gpg = (name: string, ...args: readonly string[]): string =>
      run('gpg', '--batch', '--quiet', '--yes', '--local-user', owner(name), '--output', '-', ...args);

    test('gpg: clear-signed, and appended; and it accepts what is put together', () => {
      const [signed, other] = [gpg('quince', '--clear-sign', 'text'), gpg('other', '--clear-sign', 'text')].map((one) =>
        Buffer.from(one),
      );
      const rebuilt = Buffer.from(text);
      if (signed === undefined || other === undefined) throw new Error('not signed');
      expect(compare(signed, rebuilt)).toMatchObject({ match: { kind: 'pgp-clear-signed' } });
      expect(isMatch(compare(signed, other))).toBe(true);
      writeFileSync(path('moved.asc'), moved(signed, other));
      run('gpg', '--verify', 'moved.asc');
      const armor = gpg('quince', '--armor', '--detach-sign', 'text');
      const commented = armor
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `# ${line}\n`)
        .join('');
      expect(isMatch(compare(Buffer.from(text + armor), rebuilt))).toBe(true);
      expect(isMatch(compare(Buffer.from(text + commented), rebuilt))).toBe(true);
      requireMutantsFound(Buffer.from(text + armor), rebuilt);
    });

    test('minisign: appended', () => {
      run('minisign', '-G', '-W', '-p', 'mini.pub', '-s', 'mini.key');
      run('minisign', '-S', '-s', 'mini.key', '-m', 'text', '-x', 'text.minisig');
      const released = Buffer.concat([file('text'), file('text.minisig')]);
      expect(compare(released, file('text'))).toMatchObject({ match: { kind: 'minisign-trailer' } });
      requireMutantsFound(released, file('text'));
    });

    test('debsigs', () => {
      mkdirSync(path('tree.deb/DEBIAN'), { recursive: true });
      const control = [
        'Package: plover',
        'Version: 1',
        'Architecture: all',
        'Maintainer: Q <q@plover.example>',
        'Description: egg',
        '',
      ];
      writeFileSync(path('tree.deb/DEBIAN/control'), control.join('\n'));
      run('dpkg-deb', '--root-owner-group', '--build', 'tree.deb', 'plover.deb');
      const rebuilt = file('plover.deb');
      run('debsigs', '--sign=origin', '-k', owner('quince'), 'plover.deb');
      run('debsigs', '--sign=archive', '-k', owner('other'), 'plover.deb');
      const released = file('plover.deb');
      expect(compare(released, rebuilt)).toMatchObject({
        match: { kind: 'deb', regions: [{ name: '_gpgorigin' }, { name: '_gpgarchive' }] },
      });
      requireMutantsFound(released, rebuilt);
    });

    test('rpmsign: by two keys, and rpm accepts what is put together', () => {
      const lines = ['Name: plover', 'Version: 1', 'Release: 1', 'Summary: egg', 'License: MIT', 'BuildArch: noarch'];
      const rest = [
        '%description',
        'egg',
        '%install',
        'mkdir -p %{buildroot}/srv',
        'echo egg > %{buildroot}/srv/egg',
        '%files',
        '/srv/egg',
      ];
      writeFileSync(path('plover.spec'), [...lines, ...rest, ''].join('\n'));
      run('rpmbuild', '--define', `_topdir ${home}/rpm`, '-bb', 'plover.spec');
      const rebuilt = readFileSync(path('rpm/RPMS/noarch/plover-1-1.noarch.rpm'));
      const [signed, other] = (['quince', 'other'] as const).map((name) => {
        writeFileSync(path(`${name}.rpm`), rebuilt);
        run(
          'rpmsign',
          '--define',
          `_gpg_name ${owner(name)}`,
          '--define',
          '__gpg /usr/bin/gpg',
          '--addsign',
          `${name}.rpm`,
        );
        return file(`${name}.rpm`);
      });
      if (signed === undefined || other === undefined) throw new Error('not signed');
      expect(compare(signed, rebuilt)).toMatchObject({ match: { kind: 'rpm', content: 'fits' } });
      expect(isMatch(compare(signed, other))).toBe(true);
      expect(isMatch(compare(other, signed))).toBe(true);
      writeFileSync(path('moved.rpm'), moved(signed, other));
      writeFileSync(path('quince.asc'), gpg('quince', '--armor', '--export', owner('quince')));
      run('rpmkeys', '--dbpath', path('rpmdb'), '--import', 'quince.asc');
      expect(run('rpmkeys', '--dbpath', path('rpmdb'), '--checksig', 'moved.rpm')).toMatch(/signatures OK/);
      requireMutantsFound(signed, rebuilt);
    });
  },
);

const go = missing('go');

describe.skipIf(go.length > 0)(`mach-o ${go.length > 0 ? '(skipped: no go)' : ''}`, () => {
  test('the signature that the linker of Go wrote fits and is moved', { timeout: 120_000 }, () => {
    mkdirSync(path('go'));
    writeFileSync(path('go/go.mod'), 'module plover\n');
    writeFileSync(path('go/main.go'), 'package main\n\nfunc main() { println("plover") }\n');
    const env = {
      ...process.env,
      GOOS: 'darwin',
      GOARCH: 'arm64',
      CGO_ENABLED: '0',
      GOFLAGS: '-mod=mod',
      GOTOOLCHAIN: 'local',
    };
    execFileSync('go', ['build', '-trimpath', '-o', path('plover.darwin'), '.'], { cwd: path('go'), env });
    const released = file('plover.darwin');
    const other = Buffer.from(released);
    const result = compare(released, other);
    expect(result).toMatchObject({
      match: { kind: 'mach-o', content: 'fits', remarks: ['signed ad hoc, with no key'] },
    });
    const at = result !== undefined && 'match' in result ? (result.match.regions[0]?.at ?? 0) : 0;
    other.fill(0x51, at);
    expect(compare(released, other)).toEqual(result);
    requireMutantsFound(released, other, 60);
  });
});
