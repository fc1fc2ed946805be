import { expect, test } from 'vitest';
import { SamesourceError } from '../../src/model/error.ts';
import { requireVersion } from '../../src/source/git/git-command.ts';
import { gitRemote, submoduleRemote } from '../../src/source/git/remote.ts';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof SamesourceError ? error.code : String(error);
  }
  return 'no error';
}

test.each([
  ['https://example.org/quince.git', 'https', 'https://example.org/quince.git'],
  ['https://ada:s3cret@example.org/quince.git', 'https', 'https://example.org/quince.git'],
  ['ssh://git@example.org:2222/quince.git', 'ssh', 'ssh://git@example.org:2222/quince.git'],
  ['git@example.org:quince/medlar.git', 'ssh', 'git@example.org:quince/medlar.git'],
  ['file:///srv/quince.git', 'file', 'file:///srv/quince.git'],
  ['../quince.git', 'file', '../quince.git'],
  ['/srv/quince.git', 'file', '/srv/quince.git'],
  ['http://localhost:8080/quince', 'http', 'http://localhost:8080/quince'],
  ['git://127.0.0.1/quince', 'git', 'git://127.0.0.1/quince'],
])('%s', (url, protocol, shown) => {
  expect(gitRemote(url, '/base')).toMatchObject({ protocol, shown });
});

test.each([
  'http://example.org/quince',
  'http://localhost.example.org/quince',
  'http://127.0.0.1.example.org/quince',
  'git://example.org/quince',
  'ftp://localhost/quince',
  'ext::sh',
  'fd::17',
  'ssh://-oProxyCommand=x/y',
  'ssh://-lroot@example.org/y',
  'git@-oProxyCommand=x:y',
  '-x@example.org:y',
  'git@example.org:-x',
  'https://example.org/a b',
  'https://example.org/a\nb',
  'https://',
])('refused: %j', (url) => {
  expect(codeOf(() => gitRemote(url, '/base'))).toBe('claim-invalid');
});

test('addresses of submodules', () => {
  const parent = gitRemote('https://example.org/quince/main.git', '/');
  expect(submoduleRemote('../medlar.git', parent, 'm').url).toBe('https://example.org/quince/medlar.git');
  expect(submoduleRemote('./medlar', parent, 'm').url).toBe('https://example.org/quince/main.git/medlar');
  const local = gitRemote('/srv/quince', '/');
  expect(submoduleRemote('https://example.org/x', local, 'm').protocol).toBe('https');
  for (const url of ['file:///etc', '/etc', 'git@example.org:x', 'ext::x', '../../../../x', 'http://localhost/x']) {
    expect(codeOf(() => submoduleRemote(url, parent, 'm'))).toBe('archive-unsafe');
  }
});

test.each([
  ['git version 2.39.4', true],
  ['git version 2.39.5 (Apple Git-154)', true],
  ['git version 2.45.1.windows.1', true],
  ['git version 2.46.0', true],
  ['git version 2.51', true],
  ['git version 3.0.0', true],
  ['git version 2.39.3', false],
  ['git version 2.38.9', false],
  ['git version 2.45.0', false],
  ['git version 1.9.1', false],
  ['', false],
])('%s: new enough is %s', (said, enough) => {
  expect(codeOf(() => requireVersion(said))).toBe(enough ? 'no error' : 'source-unavailable');
});
