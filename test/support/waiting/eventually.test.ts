import { describe, expect, it } from 'vitest';
import { eventually, type NotYet } from './eventually.ts';

describe('eventually', () => {
  it.each<[NotYet]>([[undefined], [null], [false], ['']])(
    'continues while the condition returns %j',
    async (notYet) => {
      const answers = [notYet, notYet, 'a value'];
      expect(await eventually('a value', () => answers.shift(), { intervalMs: 1 })).toBe('a value');
    },
  );

  it('takes 0 for a value', async () => {
    expect(await eventually('a number', () => 0)).toBe(0);
  });

  it('retries what throws, and reports what did not happen and why', async () => {
    const condition = () => Promise.reject(new Error('not there'));
    await expect(eventually('it', condition, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow(
      'it did not happen within 20 ms: not there',
    );
  });
});
