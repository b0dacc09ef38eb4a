// One context, cluster or user of a kubeconfig: its fields by their types, its files, and messages that name file, entry and
// field.
import { dirname, resolve } from 'node:path';
import { FileError, readFile } from './bounded-file.ts';
import { ConnectionError } from './connection.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Kind = 'context' | 'cluster' | 'user';

export class KubeconfigEntry {
  readonly name: string;
  readonly fields: Fields;
  readonly kubeconfig: string;
  readonly #kind: Kind;

  /** `entry` has the name and, by the name of its kind, the fields. */
  constructor(kind: Kind, entry: Fields, kubeconfig: string) {
    this.name = String(entry.name);
    this.fields = fieldsOf(entry[kind]);
    this.kubeconfig = kubeconfig;
    this.#kind = kind;
  }

  /** The folder of its kubeconfig. */
  get directory(): string {
    return dirname(this.kubeconfig);
  }

  /** The start of a message about a field, or about the entry. */
  place(field?: string): string {
    const entry = `${this.#kind} "${this.name}"`;
    return `kubeconfig ${this.kubeconfig}: ${field === undefined ? entry : `${field} of ${entry}`}`;
  }

  /** Empty when the field is absent. Throws ConnectionError for 0123, which YAML reads as a number. */
  text(field: string): string {
    const value = this.fields[field] ?? '';
    if (typeof value === 'string') return value;
    throw new ConnectionError(`${this.place(field)} is not a string: put it in quotes`);
  }

  /** False when the field is absent. */
  flag(field: string): boolean {
    const value = this.fields[field] ?? false;
    if (typeof value === 'boolean') return value;
    throw new ConnectionError(`${this.place(field)} is neither true nor false: write it without quotes`);
  }

  /** Empty when the field is absent. */
  texts(field: string): readonly string[] {
    const value = this.fields[field] ?? [];
    if (isTexts(value)) return value;
    throw new ConnectionError(`${this.place(field)} is not a list of strings`);
  }

  /** Empty when the field is absent. */
  textsByKey(field: string): Readonly<Record<string, readonly string[]>> {
    const value = fieldsOf(this.fields[field]);
    if (Object.values(value).every(isTexts)) return value as Readonly<Record<string, readonly string[]>>;
    throw new ConnectionError(`${this.place(field)} does not have a list of strings for each key`);
  }

  /** The content of the file that a field names. `check` returns what is wrong with it. */
  file(field: string, check: Check = () => undefined): Buffer | undefined {
    const path = this.text(field);
    return path ? this.#read(resolve(this.directory, path), field, check) : undefined;
  }

  /** What `FIELD-data` holds in base64, else the content of the file that the field names. */
  data(field: string, check: Check = () => undefined): Buffer | undefined {
    const name = `${field}-data`;
    const data = this.text(name).replace(/[\r\n]/g, '');
    if (!data) return this.file(field, check);
    const bytes = Buffer.from(data, 'base64');
    const problem = isBase64(data) ? check(bytes) : 'is not valid base64';
    if (problem) throw new ConnectionError(`${this.place(name)} ${problem}`);
    return bytes;
  }

  #read(path: string, field: string, check: Check): Buffer {
    const fail = (problem: string, cause?: unknown) =>
      new ConnectionError(`${this.place(field)} is ${path}, which ${problem}`, { cause });
    try {
      const content = readFile(path);
      const problem = check(content);
      if (problem) throw fail(problem);
      return content;
    } catch (error) {
      throw error instanceof FileError ? fail(error.message, error) : error;
    }
  }
}

type Check = (content: Buffer) => string | undefined;

/** Empty for anything but an object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isBase64(data: string): boolean {
  return data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data);
}
