import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import { describe, expect, test } from 'vitest';
import type { GitClaim } from '../../src/model/claim.ts';
import { gitId } from '../../src/model/digest.ts';
import { exec } from '../../src/platform/exec.ts';
import { git } from '../../src/source/git.ts';
import {
  codeOf,
  commitTime,
  contextIn,
  hasGit,
  hasSshKeygen,
  makeRepository,
  temporary,
  type Repository,
} from './fixture.ts';

async function sshKey(base: string, name: string, ...options: readonly string[]): Promise<string> {
  const args = ['-q', '-t', 'ed25519', ...options, '-N', '', '-C', 'ada', '-f', join(base, name)];
  const end = await exec({ file: 'ssh-keygen', args, env: { PATH: process.env['PATH'] ?? '' } });
  if (end.exitCode !== 0) throw new Error(end.stderr);
  return readFileSync(join(base, `${name}.pub`), 'utf8').trim();
}

async function signWithSsh(repository: Repository, key: string): Promise<void> {
  await repository.git('config', 'gpg.format', 'ssh');
  await repository.git('config', 'user.signingKey', key);
}

async function signed(
  base: string,
  what: 'tag' | 'commit',
  key = 'key',
): Promise<{ repository: Repository; claim: GitClaim }> {
  const repository = await makeRepository(join(base, 'repo'), { 'a.c': 'int a;\n' });
  await signWithSsh(repository, join(base, key));
  const commit = await repository.commit('one', ...(what === 'commit' ? ['-S'] : []));
  await repository.git('tag', ...(what === 'tag' ? ['-s'] : ['-a']), '-m', 'release', 'v2');
  return { repository, claim: { kind: 'git', url: 'repo', tag: 'v2', commit, signers: 'signers' } };
}

describe.skipIf(!hasGit || !hasSshKeygen)('SSH signatures (skipped where git or ssh-keygen is not installed)', () => {
  test.each(['tag', 'commit'] as const)('a signed %s', async (what) => {
    const base = temporary();
    writeFileSync(
      join(base, 'signers'),
      `# who may\nada@quill.example namespaces="git" ${await sshKey(base, 'key')}\n`,
    );
    const { claim } = await signed(base, what);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    expect(lock.signature).toMatchObject({ status: 'valid', by: 'ada@quill.example' });
    expect((await git.fetch(claim, lock, ctx)).identity).toMatchObject({ signature: lock.signature });
  });

  test.each([
    ['ecdsa', '-b', '256'],
    ['ecdsa', '-b', '384'],
    ['ecdsa', '-b', '521'],
    ['rsa', '-b', '2048'],
  ])('a key of type %s %s %s', async (type, ...more) => {
    const base = temporary();
    writeFileSync(join(base, 'signers'), `* ${await sshKey(base, 'key', '-t', type, ...more)}\n`);
    const { claim } = await signed(base, 'tag');
    expect((await git.resolve(claim, await contextIn(base))).signature).toMatchObject({ status: 'valid' });
  });

  test('no signature, another key, a wrong namespace', async () => {
    const base = temporary();
    const mine = await sshKey(base, 'key');
    const other = await sshKey(base, 'other');
    const { claim, repository } = await signed(base, 'tag');
    const ctx = await contextIn(base);
    for (const line of [
      `ada ${other}`,
      `ada namespaces="file" ${mine}`,
      `ada namespaces="*,!git" ${mine}`,
      '# nobody',
    ]) {
      writeFileSync(join(base, 'signers'), `${line}\n`);
      expect(await codeOf(git.resolve(claim, ctx))).toBe('signature-invalid');
    }
    writeFileSync(join(base, 'signers'), `ada ${mine}\n`);
    await repository.git('tag', 'unsigned');
    expect(await codeOf(git.resolve({ ...claim, tag: 'unsigned' }, ctx))).toBe('signature-invalid');
  });

  test('a key is valid from and until', async () => {
    const base = temporary();
    const key = await sshKey(base, 'key');
    const { claim } = await signed(base, 'tag');
    const ctx = await contextIn(base);
    const codeWith = async (options: string): Promise<string> => {
      writeFileSync(join(base, 'signers'), `ada ${options} ${key}\n`);
      return codeOf(git.resolve(claim, ctx));
    };
    expect(await codeWith('valid-before="20210304050607Z"')).toBe('signature-invalid');
    expect(await codeWith('valid-before="20210304050608Z"')).toBe('no error');
    expect(await codeWith('valid-after="20210304050608Z",valid-before="20300101"')).toBe('signature-invalid');
    expect(await codeWith('valid-after="202103040506",namespaces="git"')).toBe('no error');
  });

  test('certificate authorities and lines that cannot be read are refused', async () => {
    const base = temporary();
    const key = await sshKey(base, 'key');
    const { claim } = await signed(base, 'tag');
    const ctx = await contextIn(base);
    for (const line of [
      `ada cert-authority ${key}`,
      'ada',
      `ada valid-after="soon" ${key}`,
      `ada ${key.replace('ssh-ed25519', 'ssh-rsa')}`,
    ]) {
      writeFileSync(join(base, 'signers'), `${line}\n`);
      expect(await codeOf(git.resolve(claim, ctx))).toBe('claim-invalid');
    }
  });

  test('a signature moved onto another commit', async () => {
    const base = temporary();
    writeFileSync(join(base, 'signers'), `ada ${await sshKey(base, 'key')}\n`);
    const { claim, repository } = await signed(base, 'commit');
    const raw = await repository.git('cat-file', 'commit', claim.commit);
    writeFileSync(join(base, 'forged'), `${raw.replace('one', 'two')}\n`);
    const forged = gitId(await repository.git('hash-object', '-t', 'commit', '-w', join(base, 'forged')));
    await repository.git('tag', 'forged', forged);
    const code = await codeOf(git.resolve({ ...claim, tag: 'forged', commit: forged }, await contextIn(base)));
    expect(code).toBe('signature-invalid');
  });
});

interface Pgp {
  readonly publicKey: string;
  sign(bytes: string, date?: Date): Promise<string>;
}

async function pgpKey(options: Partial<Omit<openpgp.KeyOptions, 'format'>> = {}): Promise<Pgp> {
  const made = new Date((commitTime - 1000) * 1000);
  const { privateKey, publicKey } = await openpgp.generateKey({
    userIDs: [{ name: 'Ada Quill', email: 'ada@quill.example' }],
    date: made,
    format: 'object',
    ...options,
  });
  return {
    publicKey: publicKey.armor(),
    sign: async (text, date = new Date(commitTime * 1000)) => {
      const message = await openpgp.createMessage({ binary: Buffer.from(text) });
      const signature = await openpgp.sign({ message, signingKeys: privateKey, detached: true, date });
      return String(signature).replaceAll('\r', '');
    },
  };
}

/** Writes a signed tag object without gpg. */
async function pgpTag(base: string, key: Pgp, date?: Date): Promise<GitClaim> {
  const repository = await makeRepository(join(base, 'repo'), { 'a.c': 'int a;\n' });
  const commit = await repository.commit('one');
  const body = `object ${commit}\ntype commit\ntag v2\ntagger Ada <ada@quill.example> ${commitTime} +0000\n\nrelease\n`;
  writeFileSync(join(base, 'tag'), body + (await key.sign(body, date)));
  const object = await repository.git('hash-object', '-t', 'tag', '-w', join(base, 'tag'));
  await repository.git('update-ref', 'refs/tags/v2', object);
  return { kind: 'git', url: 'repo', tag: 'v2', commit, signers: 'signers' };
}

describe.skipIf(!hasGit)('OpenPGP signatures (skipped where git is not installed)', () => {
  test('a tag signed by a given key, and by another', async () => {
    const base = temporary();
    const key = await pgpKey();
    const claim = await pgpTag(base, key);
    writeFileSync(join(base, 'signers'), `# the release key\n${key.publicKey}`);
    const ctx = await contextIn(base);
    const lock = await git.resolve(claim, ctx);
    expect(lock.signature).toMatchObject({ status: 'valid', by: 'Ada Quill <ada@quill.example>' });
    writeFileSync(join(base, 'signers'), (await pgpKey()).publicKey);
    expect(await codeOf(git.resolve(claim, ctx))).toBe('signature-invalid');
  });

  test('a commit signed in its header', async () => {
    const base = temporary();
    const key = await pgpKey();
    const claim = await pgpTag(base, key);
    const repository = await makeRepository(join(base, 'repo'), {});
    const raw = `${await repository.git('cat-file', 'commit', claim.commit)}\n`;
    const signature = (await key.sign(raw)).trim().replaceAll('\n', '\n ');
    const both = raw.replace('\n\n', `\ngpgsig ${signature}\n\n`);
    writeFileSync(join(base, 'commit'), both);
    const commit = gitId(await repository.git('hash-object', '-t', 'commit', '-w', join(base, 'commit')));
    await repository.git('tag', 'light', commit);
    writeFileSync(join(base, 'signers'), key.publicKey);
    const lock = await git.resolve({ ...claim, tag: 'light', commit }, await contextIn(base));
    expect(lock.signature).toMatchObject({ status: 'valid' });
  });

  test('a key that had expired when it signed', async () => {
    const base = temporary();
    const key = await pgpKey({ keyExpirationTime: 2000 });
    const claim = await pgpTag(base, key);
    writeFileSync(join(base, 'signers'), key.publicKey);
    expect(await codeOf(git.resolve(claim, await contextIn(base)))).toBe('no error');
    const later = temporary();
    // openpgp refuses to sign with an expired key, so the key is given its expiry afterwards.
    const long = await pgpKeyPair();
    const late = await pgpTag(later, long.unlimited);
    writeFileSync(join(later, 'signers'), long.expired);
    expect(await codeOf(git.resolve(late, await contextIn(later)))).toBe('signature-invalid');
  });

  test('a signature over other bytes', async () => {
    const base = temporary();
    const key = await pgpKey();
    const claim = await pgpTag(base, {
      ...key,
      sign: (text, date) => key.sign(text.replace('release', 'other'), date),
    });
    writeFileSync(join(base, 'signers'), key.publicKey);
    expect(await codeOf(git.resolve(claim, await contextIn(base)))).toBe('signature-invalid');
  });
});

/** One key, and its public part as it looks with an expiry before `commitTime`. */
async function pgpKeyPair(): Promise<{ unlimited: Pgp; expired: string }> {
  const made = new Date((commitTime - 1000) * 1000);
  const { privateKey } = await openpgp.generateKey({ userIDs: [{ name: 'Bo' }], date: made, format: 'object' });
  const { publicKey: expired } = await openpgp.reformatKey({
    privateKey,
    userIDs: [{ name: 'Bo' }],
    date: made,
    keyExpirationTime: 100,
    format: 'object',
  });
  return {
    expired: expired.armor(),
    unlimited: {
      publicKey: privateKey.toPublic().armor(),
      sign: async (text) => {
        const message = await openpgp.createMessage({ binary: Buffer.from(text) });
        const date = new Date(commitTime * 1000);
        return String(await openpgp.sign({ message, signingKeys: privateKey, detached: true, date })).replaceAll(
          '\r',
          '',
        );
      },
    },
  };
}
