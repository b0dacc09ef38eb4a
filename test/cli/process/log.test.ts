import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, Log } from '../../../cli/src/process/log.ts';
import { CapturedStream } from '../invocations.ts';

describe('Log', () => {
  it.each([
    ['error', 'koncli: error\n'],
    ['warn', 'koncli: error\nkoncli: warn\n'],
    ['info', 'koncli: error\nkoncli: warn\nkoncli: info\n'],
    ['debug', 'koncli: error\nkoncli: warn\nkoncli: info\nkoncli: debug\n'],
  ] as const)('says at level %s what is that bad or worse', (level, expected) => {
    const stream = new CapturedStream();
    const log = new Log(stream);
    log.level = level;
    for (const one of LOG_LEVELS) log[one](one);
    expect(stream.text).toBe(expected);
  });
});
