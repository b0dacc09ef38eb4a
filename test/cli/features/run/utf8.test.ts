import { describe, expect, it } from 'vitest';
import { CommandError } from '../../../../cli/src/features/run/errors.ts';
import { requireUtf8 } from '../../../../cli/src/features/run/utf8.ts';

/** As in /proc/self/cmdline, in Latin-1 so that every byte can be written. */
const commandLine =
  (...words: string[]) =>
  () =>
    Buffer.from(words.map((word) => `${word}\0`).join(''), 'latin1');
const KONCLI = ['koncli', 'wg', 'run', '--'];

describe('requireUtf8', () => {
  it.each([
    ['the command itself', ['w\uFFFDrk', 'a'], ['w\xE4rk', 'a'], 'the command is not valid UTF-8'],
    ['an argument', ['work', '', 'a\uFFFD'], ['work', '', 'a\xFF'], 'argument 2 of the command is not valid UTF-8'],
    ['half a surrogate pair', ['work', '\uFFFD'], ['work', '\xED\xA0\x80'], 'argument 1 of the command'],
  ])('rejects %s in another encoding', (_, words, given, says) => {
    const require = () => requireUtf8(words, commandLine(...KONCLI, ...given));
    expect(require).toThrow(CommandError);
    expect(require).toThrow(says);
  });

  it('accepts a replacement character, whatever is before the command', () => {
    requireUtf8(['work', '\uFFFD'], commandLine('\xFF', ...KONCLI, 'work', '\xEF\xBF\xBD'));
  });

  it('does not read the command line without such a character', () => {
    requireUtf8(['work', 'ä'], () => {
      throw new Error('it was looked at');
    });
  });

  it('accepts the words when the command line cannot be read', () => {
    requireUtf8(['work', '\uFFFD'], () => new Uint8Array());
  });
});
