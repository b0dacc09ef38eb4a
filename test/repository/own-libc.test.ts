import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useOwnLibc } from '../../scripts/images/own-libc.ts';

it('does not give its own libc to a file that is not an executable for Linux', () => {
  const script = readFileSync(import.meta.filename);
  expect(() => useOwnLibc(script, { interpreter: '/a', libraries: '/b' })).toThrow('not an executable for Linux');
});
