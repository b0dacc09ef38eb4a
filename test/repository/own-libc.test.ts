import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useOwnLibc } from '../../scripts/images/own-libc.ts';

it('refuses to give a libc of its own to what is no executable for Linux', () => {
  const script = readFileSync(import.meta.filename);
  expect(() => useOwnLibc(script, { interpreter: '/a', libraries: '/b' })).toThrow('not an executable for Linux');
});
