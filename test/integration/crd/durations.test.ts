import { InvalidError } from '@konductor/client';
import { parseDuration } from '@konductor/schema';
import fc from 'fast-check';
import { beforeAll, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { create } from '../../support/cluster/raw-requests.ts';

const controlPlane = inject('controlPlane');
const MAX_LENGTH = 64;
const AT_ONCE = 32;
const GENERATED = 600;
const SEED = 20260102;

let namespace: string;
beforeAll(async () => {
  namespace = await createNamespace(controlPlane, 'durations');
});

type Field = 'ttl' | 'deadline';

/** The response of the API server to a group with this duration; nothing is stored. */
async function isAcceptedByServer(name: Field, duration: string): Promise<boolean> {
  try {
    await create(namespace, { spec: { [name]: duration } }, { dryRun: 'All' });
    return true;
  } catch (error) {
    if (error instanceof InvalidError && error.status.details?.causes?.some(({ field }) => field === `spec.${name}`))
      return false;
    throw error;
  }
}

/** What we say to it. */
function isAcceptedByUs(name: Field, duration: string): boolean {
  const parsed = parseDuration(duration);
  const least = name === 'ttl' ? 0n : 1n;
  return [...duration].length <= MAX_LENGTH && parsed.ok && parsed.nanoseconds >= least;
}

/** Those of the texts that the API server accepts; it is asked about many at once. */
async function acceptedByServer(name: Field, texts: readonly string[]): Promise<string[]> {
  const accepted = new Set<string>();
  const waiting = [...texts];
  const ask = async () => {
    for (let text = waiting.pop(); text !== undefined; text = waiting.pop())
      if (await isAcceptedByServer(name, text)) accepted.add(text);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return texts.filter((text) => accepted.has(text));
}

const EDGES = [
  ...['0', '-0', '+0', '00', '0.0', '0s', '-0s', '+1h', '-1h', '-1ns', '-0.1ns', '--1h', '+', '-', '', '.', '.s', '1'],
  ...['1h', '1h30m', '1.5h', '.5h', '5.h', '1..5h', '1.5.5h', '30m1h', '1h1h', '500ms', '1us', '1\u00b5s', '1\u03bcs'],
  ...['1d', '1w', '1H', '1 h', ' 1h', '1h ', '1h\n', '\n1h', '1h\u0000', '1,5h', '1e3s', '0x1s', '１h', '1hm', '1h-1m'],
  ...['2562047h', '2562047h47m16.854775807s', '2562047h47m16.854775808s', '2562048h', '9223372036854775807ns'],
  ...['9223372036854775808ns', '-9223372036854775808ns', '-9223372036854775809ns', '153722867m', '153722868m'],
  ...['99999999999999999999h', '0.99999999999999999999s', '1.00000000000000000000000000000000000000001h'],
  ...['9223372036.854775807s', '9223372036.854775808s', '9223372036.8547758079s', '1m9223372036.854775807s'],
  ...[
    `${'0'.repeat(62)}1s`,
    `${'0'.repeat(63)}1s`,
    `1${'\u00b5'.repeat(63)}`,
    `${'1\u00b5s'.repeat(21)}1`,
    '1h'.repeat(32),
  ],
  `${'1\u00b5s'.repeat(20)}1\u00b5s`,
];

/** Almost durations: made of their parts, so that about as many are right as wrong. */
function generated(): string[] {
  const digits = fc.oneof(
    fc.nat({ max: 99 }).map(String),
    fc.bigInt({ min: 0n, max: 10n ** 13n }).map(String),
    fc.constantFrom('', '0', '007'),
  );
  const fraction = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: digits.map((text) => `.${text}`) },
  );
  const unit = fc.constantFrom('ns', 'us', '\u00b5s', '\u03bcs', 'ms', 's', 'm', 'h', 'h', 's', 'd', '');
  const term = fc.tuple(digits, fraction, unit).map((parts) => parts.join(''));
  const sign = fc.constantFrom('', '', '', '', '+', '-');
  const almost = fc
    .tuple(sign, fc.array(term, { minLength: 1, maxLength: 4 }))
    .map(([mark, terms]) => mark + terms.join(''));
  const noise = fc.string({ unit: fc.constantFrom(...'0123456789.+-hmsnuµ'), maxLength: 8 });
  const text = fc.oneof({ weight: 4, arbitrary: almost }, { weight: 1, arbitrary: noise });
  return [...new Set(fc.sample(text, { numRuns: GENERATED, seed: SEED }))];
}

it.each([
  ['ttl', 'edge cases', EDGES, 20],
  ['ttl', 'generated texts', generated(), 100],
  ['deadline', 'edge cases', EDGES, 20],
  ['deadline', 'generated texts', generated(), 100],
] as const)('reads exactly what the API server accepts for spec.%s: %s', async (name, _texts, texts, atLeast) => {
  const accepted = await acceptedByServer(name, texts);
  expect(texts.filter((text) => isAcceptedByUs(name, text))).toEqual(accepted);
  expect(accepted.length).toBeGreaterThan(atLeast);
  expect(texts.length - accepted.length).toBeGreaterThan(atLeast);
});
