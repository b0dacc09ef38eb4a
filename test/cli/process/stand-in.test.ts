import { describe, expect, it } from 'vitest';
import { hasCloseOnExec } from '../../../cli/src/process/stand-in.ts';

describe('hasCloseOnExec', () => {
  it.each([
    ['what the runtime opened', 'pos:\t0\nflags:\t02100002\nmnt_id:\t30\n', true],
    ['what was inherited', 'pos:\t0\nflags:\t0100002\nmnt_id:\t30\n', false],
    ['nothing', '', false],
  ])('tells of %s', (_, info, is) => {
    expect(hasCloseOnExec(info)).toBe(is);
  });
});
