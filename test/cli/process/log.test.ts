import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, Log } from '../../../cli/src/process/log.ts';
import { CapturedStream } from '../invocations.ts';

describe('Log', () => {
  it.each([
    ['error', 'koncli: error\n'],
    ['warn', 'koncli: error\nkoncli: warn\n'],
    ['info', 'koncli: error\nkoncli: warn\nkoncli: info\n'],
    ['debug', 'koncli: error\nkoncli: warn\nkoncli: info\nkoncli: debug\n'],
  ] as const)('logs at level %s what is at least as severe', (level, expected) => {
    const stream = new CapturedStream();
    const log = new Log(stream);
    log.level = level;
    for (const one of LOG_LEVELS) log[one](one);
    expect(stream.text).toBe(expected);
  });

  it('writes one line, whatever the text contains', () => {
    const stream = new CapturedStream();
    const log = new Log(stream);
    log.warn('a\u001b[2J\nkoncli: forged');
    log.line('b\r\u009b1Ac');
    expect(stream.text).toBe('koncli: a [2J koncli: forged\nb 1Ac\n');
  });

  it('writes only its own escape sequences into the status line', () => {
    const stream = new CapturedStream();
    new Log(stream).status('██ a\u001b[2J', 2);
    expect(stream.text).toBe('\r\u001b[K\u001b[32m██\u001b[39m a [2J');
  });
});
