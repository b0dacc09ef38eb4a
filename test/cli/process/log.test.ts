import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, Log, oneLine } from '../../../cli/src/process/log.ts';
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
});

it.each([
  ['joins lines', ' a\n\tb ', 'a b'],
  ['disarms escape sequences', '\u001b[2Ja\u0007', '[2Ja'],
  ['removes changes of the text direction', 'a\u202eb\u2066c\u200fd', 'a b c d'],
  ['keeps joined emoji', '👩‍🚀', '👩‍🚀'],
])('oneLine %s', (_, text, line) => {
  expect(oneLine(text)).toBe(line);
});
