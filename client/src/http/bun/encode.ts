// Encodes a request as HTTP/1.1: https://www.rfc-editor.org/rfc/rfc9112.
import { malformed } from '../../connect/connection.ts';
import type { HttpMessage } from '../request.ts';

const CRLF = '\r\n';
/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** https://www.rfc-editor.org/rfc/rfc9110#name-field-values; other characters than ASCII are sent as UTF-8, as in Go. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\u{10ffff}]*$/u;
const TARGET = /^[\x21-\x7e]+$/;

/** Throws ConnectionError for headers that could be used for injection, such as a token with a line break. */
export function encode({ method, path, headers, body }: HttpMessage, host: string): Buffer {
  if (!TARGET.test(path)) throw new Error(`the path of the request is not escaped: ${JSON.stringify(path)}`);
  const fields = Object.entries({ host, ...headers }).flatMap(([name, value]) =>
    [value].flat().map((one) => `${fieldLine(name, one)}${CRLF}`),
  );
  return Buffer.from(`${method} ${path} HTTP/1.1${CRLF}${fields.join('')}${CRLF}${body ?? ''}`);
}

export function isFieldValue(text: string): boolean {
  return FIELD_VALUE.test(text);
}

function fieldLine(name: string, value: string): string {
  if (FIELD_NAME.test(name) && isFieldValue(value)) return `${name}: ${value}`;
  throw malformed(new Error(`invalid character in header content [${JSON.stringify(name)}]`));
}
