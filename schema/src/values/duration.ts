// Durations in the grammar of Go's time.ParseDuration, exact to the nanosecond. What a duration is used for is left to the
// caller.

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, micro sign
  μs: 1_000n, // U+03BC, Greek letter mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const SECOND = 1_000_000_000n;
const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const TERM = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/y;

/** A duration in nanoseconds within int64, or a sentence that says why the text is not a duration. */
export type ParsedDuration =
  | { readonly ok: true; readonly nanoseconds: bigint }
  | { readonly ok: false; readonly message: string };

/**
 * Reads `1h30m`, `1.5h`, `500ms`, `+1h`, `-0s`, `0`. Fractions of a nanosecond are cut off, as in Go.
 * Source: https://pkg.go.dev/time#ParseDuration.
 */
export function parseDuration(text: string): ParsedDuration {
  const isNegative = text.startsWith('-');
  const unsigned = /^[-+]/.test(text) ? text.slice(1) : text;
  if (unsigned === '0') return { ok: true, nanoseconds: 0n };
  const magnitude = sumOfTerms(unsigned);
  if (magnitude === undefined)
    return reject(text, 'is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit');
  const nanoseconds = isNegative ? -magnitude : magnitude;
  if (nanoseconds > MAX || nanoseconds < MIN) return reject(text, 'is too long; the maximum duration is 2562047h');
  return { ok: true, nanoseconds };
}

function sumOfTerms(text: string): bigint | undefined {
  let sum = 0n;
  let position = 0;
  while (position < text.length) {
    TERM.lastIndex = position;
    const [matched = '', whole = '', fraction = '', unit = ''] = TERM.exec(text) ?? [];
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size === undefined || whole + fraction === '') return undefined;
    sum += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
    position += matched.length;
  }
  return text === '' ? undefined : sum;
}

function reject(text: string, reason: string): ParsedDuration {
  return { ok: false, message: `${JSON.stringify(text)} ${reason}` };
}

/** Writes nanoseconds as Go prints a time.Duration: `1h30m0s`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return sign + (size < SECOND ? formatBelowSecond(size) : formatClock(size));
}

function formatBelowSecond(size: bigint): string {
  if (size < 1_000n) return `${size}ns`;
  return size < 1_000_000n ? `${decimal(size, 3)}µs` : `${decimal(size, 6)}ms`;
}

function formatClock(size: bigint): string {
  const minutes = size / (60n * SECOND);
  const seconds = `${decimal(size % (60n * SECOND), 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `size / 10^digits` in decimal notation, without trailing zeros. */
function decimal(size: bigint, digits: number): string {
  const text = size.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return text.slice(0, -digits) + (fraction ? `.${fraction}` : '');
}
