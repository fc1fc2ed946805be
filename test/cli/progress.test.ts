import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import { wantsColor } from '../../src/cli/session.ts';

function screen(
  isTTY: boolean,
  columns: number,
): { stream: Writable & { isTTY: boolean; columns: number }; text: () => string } {
  const pieces: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      pieces.push(chunk.toString());
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY, columns, cursorTo: never, clearLine: never, moveCursor: never }),
    text: () => pieces.join(''),
  };
}

function never(): boolean {
  return true;
}

function tell(
  isTTY: boolean,
  options: { quiet?: boolean; color?: boolean; env?: Record<string, string>; columns?: number } = {},
): string {
  const { stream, text } = screen(isTTY, options.columns ?? 40);
  const given = {
    screen: stream,
    quiet: options.quiet ?? false,
    color: options.color ?? false,
    env: options.env ?? {},
  };
  using progress = createProgress(given);
  progress.step('fetching \u001b[2Jx');
  progress.update('1 of 2');
  progress.note('::error::note');
  progress.step('building');
  progress.pause();
  return text();
}

describe('createProgress', () => {
  test('a pipe gets plain lines, updates left out', () => {
    expect(tell(false)).toBe('fetching \\u{1b}[2Jx\n\\::error::note\nbuilding\n');
  });

  test('so does a CI system with a terminal', () => {
    expect(tell(true, { env: { CI: 'true' } })).toBe(tell(false));
    expect(tell(true, { env: { TERM: 'dumb' } })).toBe(tell(false));
  });

  test('a terminal without columns gets plain lines: ora would never end', () => {
    expect(tell(true, { columns: 0 })).toBe(tell(false));
  });

  test('quiet says nothing', () => {
    expect(tell(true, { quiet: true })).toBe('');
  });

  test('a terminal keeps the steps that are done, and nothing hostile', () => {
    const text = tell(true);
    expect(text).toContain('- fetching \\u{1b}[2Jx');
    expect(text).toContain('- building');
    expect(text).not.toContain('\u001b[2J');
  });

  test('a terminal shows a note below its step, and the step once', () => {
    const text = tell(true);
    expect(text.indexOf('- fetching')).toBeLessThan(text.indexOf('note'));
    expect(text.split('- fetching')).toHaveLength(2);
  });
});

describe('wantsColor', () => {
  const terminal = { isTTY: true } as never;
  const pipe = {} as never;

  test.each([
    ['a terminal', terminal, {}, true, true],
    ['a pipe', pipe, {}, true, false],
    ['--no-color', terminal, {}, false, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, true, true],
    ['NO_COLOR before FORCE_COLOR', pipe, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '1' }, true, true],
    ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, true, false],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, true, false],
  ])('%s', (_, stdout, env, color, expected) => {
    expect(wantsColor({ env, stdout }, { color })).toBe(expected);
  });
});
