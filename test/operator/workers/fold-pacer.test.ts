import { FoldPacer } from '@konductor/operator';
import { expect, it } from 'vitest';

function startClock() {
  const clock = { ms: 5_000 };
  return { clock, pacer: new FoldPacer(() => clock.ms) };
}

it('lets the first fold of a WaitGroup be at once, and the next one 100 ms later', () => {
  const { clock, pacer } = startClock();
  expect(pacer.pauseMs('a')).toBe(0);
  pacer.onFolded('a');
  clock.ms += 30;
  expect(pacer.pauseMs('a')).toBe(70);
  expect(pacer.pauseMs('b')).toBe(0);
  clock.ms += 70;
  expect(pacer.pauseMs('a')).toBe(0);
});

it('gives a stale cache a second to catch up, anew after each time that it was current', () => {
  const { clock, pacer } = startClock();
  expect(pacer.catchUpMs('a')).toBe(1_000);
  clock.ms += 400;
  expect(pacer.catchUpMs('a')).toBe(600);
  clock.ms += 600;
  expect(pacer.catchUpMs('a')).toBe(0);
  pacer.onCurrent('a');
  expect(pacer.catchUpMs('a')).toBe(1_000);
});

it('remembers nothing of a WaitGroup that is deleted', () => {
  const { clock, pacer } = startClock();
  pacer.onFolded('a');
  pacer.catchUpMs('a');
  clock.ms += 50;
  pacer.forget('a');
  expect([pacer.pauseMs('a'), pacer.catchUpMs('a')]).toEqual([0, 1_000]);
});
