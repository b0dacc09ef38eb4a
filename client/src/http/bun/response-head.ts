// The head of a response, line by line, and what it says of the body: https://www.rfc-editor.org/rfc/rfc9112.
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** Without the spaces and tabs around it; `trim` would also remove spaces that are not ASCII. */
const FIELD_VALUE = /[^\t ](?:.*[^\t ])?/;
const LENGTH = /^\d{1,15}$/;

/** All its methods throw for what the grammar does not allow. */
export class ResponseHead {
  readonly code: number;
  readonly #isHttp11: boolean;
  /** By the name in lower case. */
  readonly #fields = new Map<string, string[]>();

  constructor(statusLine = 'HTTP/1.1 100') {
    const [, minor, code] = STATUS_LINE.exec(statusLine) ?? invalid('the status line');
    this.code = Number(code);
    this.#isHttp11 = minor === '1';
    if (this.code === 101) invalid('a protocol that was not asked for');
  }

  add(fieldLine: string): void {
    const [, name = '', value = ''] = FIELD_LINE.exec(fieldLine) ?? invalid('a header');
    const key = name.toLowerCase();
    const values = this.#fields.get(key);
    const [trimmed = ''] = FIELD_VALUE.exec(value) ?? [];
    if (values) values.push(trimmed);
    else this.#fields.set(key, [trimmed]);
  }

  /** The first value of a field. */
  value(name: string): string | undefined {
    return this.#values(name)[0];
  }

  /**
   * Infinity: the body ends with the connection. Two lengths could be read in two ways by two programs, so that one takes a
   * part of the body for the next response: they are never accepted, even if they are the same.
   */
  get bodyLength(): number | 'chunked' {
    const [codings, lengths] = [this.#values('transfer-encoding'), this.#values('content-length')];
    const [[coding], [length]] = [codings, lengths];
    if (codings.length + lengths.length > 1) invalid('more than one length');
    if (length !== undefined && !LENGTH.test(length)) invalid('the length');
    if (coding !== undefined && !(this.#isHttp11 && coding.toLowerCase() === 'chunked')) invalid('the transfer coding');
    if (this.code === 204 || this.code === 304) return 0;
    if (coding !== undefined) return 'chunked';
    return length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  }

  /** Whether the server accepts another request on the connection. */
  get isKeptAlive(): boolean {
    const options = this.#values('connection').flatMap((value) => value.toLowerCase().split(','));
    const isOption = (option: string) => options.some((one) => one.trim() === option);
    return this.#isHttp11 ? !isOption('close') : isOption('keep-alive');
  }

  #values(name: string): readonly string[] {
    return this.#fields.get(name) ?? [];
  }
}

export function isField(line: string): boolean {
  return FIELD_LINE.test(line);
}

export function invalid(what: string): never {
  throw new Error(`the response is not valid HTTP: ${what}`);
}
