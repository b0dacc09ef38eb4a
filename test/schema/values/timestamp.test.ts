import { toMilliseconds, toSeconds } from '@konductor/schema';
import { expect, it } from 'vitest';

const time = new Date('2026-01-02T03:04:05.999Z');

it('writes times to the second, cut off, as metav1.Time does', () => {
  expect(toSeconds(time)).toBe('2026-01-02T03:04:05Z');
});

it('writes times to the millisecond', () => {
  expect(toMilliseconds(time)).toBe('2026-01-02T03:04:05.999Z');
});
