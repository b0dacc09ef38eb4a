import { expect, it } from 'vitest';
import { withEnoughTime } from './with-enough-time.ts';

/** A check that needs that long, and the limits that it was given. */
function needing(ms: number) {
  const given: string[] = [];
  const check = async ({ timeoutMs, text }: { timeoutMs: number; text: string }) => {
    given.push(text);
    if (timeoutMs < ms) throw new Error(`${text} are not enough`);
  };
  return { check, given };
}

it('is content with the shortest limit that is enough', async () => {
  const { check, given } = needing(1_000);
  await withEnoughTime(check);
  expect(given).toEqual(['500ms', '2s']);
});

it('fails as the check does with the longest', async () => {
  await expect(withEnoughTime(needing(60_000).check)).rejects.toThrow('8s are not enough');
});
