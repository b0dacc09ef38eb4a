// Writes the few ASN.1 types in DER that X.509 certificates are made of (ITU-T X.690).

const LONG_FORM = 0x80;

export const sequence = (...parts: Buffer[]) => encode(0x30, parts);
export const set = (...parts: Buffer[]) => encode(0x31, parts);
export const utf8String = (text: string) => encode(0x0c, [Buffer.from(text)]);
export const octetString = (content: Buffer) => encode(0x04, [content]);
export const boolean = (value: boolean) => encode(0x01, [Buffer.from([value ? 0xff : 0])]);
/** Given as big-endian bytes, the first of which is less than 0x80. */
export const integer = (bytes: Buffer) => encode(0x02, [bytes]);
/** Given as its content in hexadecimal digits. */
export const objectIdentifier = (content: string) => encode(0x06, [Buffer.from(content, 'hex')]);

/** `unusedBits` are the low bits of the last byte that do not count. */
export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return encode(0x03, [Buffer.from([unusedBits]), content]);
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
