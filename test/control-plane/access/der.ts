// Writes the few ASN.1 types in DER that X.509 certificates are made of (ITU-T X.690).

const OID_BASE = 128;
const LONG_FORM = 0x80;

export const sequence = (...parts: Buffer[]) => encode(0x30, parts);
export const set = (...parts: Buffer[]) => encode(0x31, parts);
export const utf8String = (text: string) => encode(0x0c, [Buffer.from(text)]);
export const octetString = (content: Buffer) => encode(0x04, [content]);
export const boolean = (value: boolean) => encode(0x01, [Buffer.from([value ? 0xff : 0])]);

/** An unsigned integer, given as its big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  const isNegative = (bytes[0] ?? 0) >= 0x80;
  return encode(0x02, isNegative ? [Buffer.from([0]), bytes] : [bytes]);
}

/** `unusedBits` are the low bits of the last byte that do not count. */
export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return encode(0x03, [Buffer.from([unusedBits]), content]);
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, [Buffer.from([40 * first + second]), ...rest.map(base128)]);
}

/** Encodes times up to the year 2049; X.509 requires another type for later ones (RFC 5280, 4.1.2.5). */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '');
  return encode(0x17, [Buffer.from(`${digits.slice(2, 14)}Z`)]);
}

/** `[n]`, holding whole values. */
export const explicit = (tag: number, ...parts: Buffer[]) => encode(0xa0 + tag, parts);

/** `[n]`, holding bare bytes. */
export const implicit = (tag: number, content: Buffer) => encode(0x80 + tag, [content]);

function encode(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(value: number): Buffer {
  if (value < LONG_FORM) return Buffer.from([value]);
  const bytes = Buffer.from(value.toString(16).padStart(value < 0x100 ? 2 : 4, '0'), 'hex');
  return Buffer.concat([Buffer.from([LONG_FORM + bytes.length]), bytes]);
}

function base128(value: number): Buffer {
  const digits = [value % OID_BASE];
  for (let rest = Math.floor(value / OID_BASE); rest > 0; rest = Math.floor(rest / OID_BASE)) {
    digits.unshift((rest % OID_BASE) + OID_BASE);
  }
  return Buffer.from(digits);
}
