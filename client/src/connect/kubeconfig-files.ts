// Reads the files of a kubeconfig and joins them as kubectl does: the first file to define a name wins, missing files are
// skipped, and a path is relative to the file that names it. The meaning of the entries is left to kubeconfig.ts.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { ConnectionError } from './connection.ts';

type Fields = Readonly<Record<string, unknown>>;
type Kind = 'context' | 'cluster' | 'user';

/** All entries of all files, in order: the first of a name is the one that counts. */
export interface Kubeconfig {
  readonly path: string;
  /** Empty when no file names one. */
  readonly currentContext: string;
  readonly contexts: readonly KubeconfigEntry[];
  readonly clusters: readonly KubeconfigEntry[];
  readonly users: readonly KubeconfigEntry[];
}

/** One context, cluster or user. */
export class KubeconfigEntry {
  readonly name: string;
  readonly fields: Fields;
  readonly #kind: Kind;
  readonly #file: string;

  /** `entry` has the name and, by the name of its kind, the fields. */
  constructor(kind: Kind, entry: Fields, file: string) {
    this.name = String(entry.name);
    this.fields = fieldsOf(entry[kind]);
    this.#kind = kind;
    this.#file = file;
  }

  /** The folder of its file. */
  get directory(): string {
    return dirname(this.#file);
  }

  /** The start of a message about a field. */
  place(field: string): string {
    return `kubeconfig ${this.#file}: ${field} of ${this.#kind} "${this.name}"`;
  }

  /** Empty when the field is absent. Throws ConnectionError for 0123, which YAML reads as a number. */
  text(field: string): string {
    const value = this.fields[field] ?? '';
    if (typeof value === 'string') return value;
    throw new ConnectionError(`${this.place(field)} is not a string: put it in quotes`);
  }

  /** The content of the file that a field names. */
  file(field: string): Buffer | undefined {
    const path = this.text(field);
    return path ? readFileSync(resolve(this.directory, path)) : undefined;
  }

  /** What `FIELD-data` holds in base64, else the content of the file that the field names. */
  data(field: string): Buffer | undefined {
    const data = this.text(`${field}-data`);
    return data ? Buffer.from(data, 'base64') : this.file(field);
  }
}

/** Takes one path, or several joined like $PATH. Throws ConnectionError when no file exists or one cannot be read. */
export async function readKubeconfig(path: string): Promise<Kubeconfig> {
  const files = path.split(delimiter).filter((file) => file && existsSync(file));
  if (files.length === 0)
    throw new ConnectionError(`kubeconfig ${path} does not exist: check --kubeconfig or KUBECONFIG`);
  const contents = await Promise.all(files.map(async (file) => ({ file, fields: await parseFile(file) })));
  const entries = (kind: Kind) => contents.flatMap(({ file, fields }) => entriesOf(kind, fields, file));
  const current = contents.map(({ fields }) => fields['current-context']).find(Boolean);
  return {
    path,
    currentContext: String(current ?? ''),
    contexts: entries('context'),
    clusters: entries('cluster'),
    users: entries('user'),
  };
}

function entriesOf(kind: Kind, fields: Fields, file: string): KubeconfigEntry[] {
  const list = fields[`${kind}s`];
  const entries = Array.isArray(list) ? list.map(fieldsOf).filter(({ name }) => name !== undefined) : [];
  return entries.map((entry) => new KubeconfigEntry(kind, entry, file));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

async function parseFile(file: string): Promise<Fields> {
  try {
    return fieldsOf(await parseYaml(decode(readFileSync(file))));
  } catch (cause) {
    throw new ConnectionError(`kubeconfig ${file} cannot be read: ${firstLine(cause)}`, { cause });
  }
}

/** UTF-8, or UTF-16 where the byte order mark says so, as PowerShell writes it. */
function decode(bytes: Buffer): string {
  const mark = bytes.toString('hex', 0, 2);
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function parseYaml(text: string): Promise<unknown> {
  const { Bun } = globalThis as { Bun?: { readonly YAML: { parse(text: string): unknown } } };
  try {
    if (Bun) return firstOf(Bun.YAML.parse(text));
  } catch {
    // The library says on which line the mistake is. It is not loaded before, because that takes longer than parsing.
  }
  const { parseAllDocuments } = await import('yaml');
  const document = firstOf(parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: 'error' }));
  if (document?.errors[0]) throw document.errors[0];
  return document?.toJS();
}

/** kubectl reads the first of several documents. */
function firstOf<T>(parsed: T | readonly T[]): T | undefined {
  return Array.isArray(parsed) ? parsed[0] : (parsed as T);
}

export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
