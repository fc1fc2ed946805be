import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askForClaim, type Asked } from '../../src/cli/ask.ts';
import { parseClaim } from '../../src/claim/load.ts';
import { commit } from '../claim/examples.ts';

/** Answers each question when it is asked; closes the input when there is no answer left. */
function asked(answers: readonly string[]): Promise<Asked> {
  const input = new PassThrough();
  const output = new PassThrough();
  const left = [...answers];
  output.on('data', (chunk: Buffer) => {
    if (!/[?] (?:\[.*\] )?$/.test(chunk.toString())) return;
    const answer = left.shift();
    if (answer === undefined) input.end();
    else input.write(`${answer}\n`);
  });
  return askForClaim(input, output, new AbortController().signal);
}

test('a package URL is all that is needed', async () => {
  expect(await asked(['nonsense', 'pkg:deb/debian/jq'])).toEqual({ kind: 'purl', purl: 'pkg:deb/debian/jq' });
});

test('answers make a claim; wrong ones are asked again', async () => {
  const answer = await asked([
    '-',
    '',
    'widget 1',
    '--evil',
    'https://example.org/w.git',
    'refs/heads/x',
    'v1',
    'abc',
    commit,
    '../suite',
    '',
    'gcc, make',
    'linux/vax',
    '',
    '/etc/x',
    '/build/w',
    'make all',
    '/abs',
    'out/w',
    'ftp://x',
    'https://example.org/w',
  ]);
  if (answer.kind !== 'claim') throw new Error('a claim was described');
  expect(parseClaim(answer.text, 'asked')).toMatchObject({
    name: 'widget 1',
    source: { kind: 'git', url: 'https://example.org/w.git', tag: 'v1', commit },
    toolchain: { suites: ['bookworm'], packages: ['gcc', 'make'], platform: 'linux/amd64' },
    build: { dir: '/build/w', run: 'make all' },
    artifacts: [{ path: 'out/w', released: { kind: 'url', url: 'https://example.org/w' } }],
  });
});

test('the end of the input is an interrupt, not a claim', async () => {
  await expect(asked(['-', 'widget'])).rejects.toMatchObject({ code: 'interrupted' });
});
