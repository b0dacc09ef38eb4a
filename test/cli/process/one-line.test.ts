import { expect, it } from 'vitest';
import { oneLine } from '../../../cli/src/process/log.ts';

it.each([
  ['lines become one', ' a\n\tb ', 'a b'],
  ['escape sequences lose what begins them', '\u001b[2Ja\u0007', '[2Ja'],
  ['nothing turns the direction of what follows', 'a\u202eb\u2066c\u200fd', 'a b c d'],
  ['joined emoji stay whole', '👩‍🚀', '👩‍🚀'],
])('oneLine: %s', (_, text, line) => {
  expect(oneLine(text)).toBe(line);
});
