import { describe, expect, it } from 'vitest';
import { oneLine, toText } from '../../../cli/src/process/lines.ts';

describe('oneLine', () => {
  it.each([
    ['joins lines', 'a\n\t b\r\n', 'a b'],
    ['keeps indentation and columns', '  a   b', '  a   b'],
    ['joins what Unicode takes for lines', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['disarms escape sequences', 'x\u001b[2Ja\u0007\u009b1Ab', 'x [2Ja 1Ab'],
    ['removes changes of the text direction', 'a\u202eb\u2066c\u200fd', 'a b c d'],
    ['keeps joined emoji', '👩‍🚀', '👩‍🚀'],
  ])('%s', (_, text, line) => {
    expect(oneLine(text)).toBe(line);
    expect(oneLine(line)).toBe(line);
  });
});

it('toText keeps each line one line', () => {
  expect(toText(['a\nb', '', '  c'])).toBe('a b\n\n  c\n');
});
