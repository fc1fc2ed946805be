/**
 * Signatures made by their vendors' tools, and what was put together here confirmed by the same tools.
 * Debian packages: osslsigncode gcc-mingw-w64-x86-64 apksigner zipalign default-jdk-headless zip.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compareSigned, transplant, type SignedResult } from '../../src/compare/signed.ts';
import { bufferView } from '../../src/platform/view.ts';

const home = mkdtempSync(join(tmpdir(), 'signatures-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const path = (name: string): string => join(home, name);
const file = (name: string): Buffer => readFileSync(path(name));

function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(tool, args, { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
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
    expect(isMatch(compare(pages, rebuilt))).toBe(false);
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
