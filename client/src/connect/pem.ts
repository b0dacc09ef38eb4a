// What certificates and keys in PEM look like, so that a mistake is reported with the name of its source. TLS libraries report
// it in words of their own, without a source; loading node:crypto takes Bun five milliseconds.

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;
/** The tag of a DER sequence, which certificates and keys are. */
const SEQUENCE = 0x30;

/** Returns what is wrong, as the end of a sentence about the source; undefined if nothing is. */
export function pemProblem(pem: Buffer, content: 'certificate' | 'private key'): string | undefined {
  const blocks = [...pem.toString('latin1').matchAll(BLOCK)];
  const ofKind = blocks.filter(([, label = '']) => label.toLowerCase().endsWith(content));
  if (ofKind.length === 0) return `contains no ${content} in PEM format`;
  if (ofKind.some(([text]) => text.includes('ENCRYPTED'))) return `contains an encrypted ${content}: decrypt it`;
  return ofKind.some(([, , base64 = '']) => isSequence(Buffer.from(base64, 'base64')))
    ? undefined
    : `contains a malformed ${content}`;
}

/** Whether the bytes are one complete sequence: https://luca.ntop.org/Teaching/Appunti/asn1.html, section 3.1. */
function isSequence(der: Buffer): boolean {
  const [tag, first = 0] = der;
  const sizeBytes = first < 0x80 ? 0 : first & 0x7f;
  if (tag !== SEQUENCE || sizeBytes > 4 || der.length < 2 + sizeBytes) return false;
  const size = sizeBytes === 0 ? first : der.readUIntBE(2, sizeBytes);
  return der.length === 2 + sizeBytes + size;
}
