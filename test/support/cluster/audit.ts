// Reads the API server's audit log, so that a test can show which client sent which request.
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';

/** The part of an audit.k8s.io/v1 Event that tests look at. */
export interface AuditEvent {
  readonly auditID: string;
  /** A watch has two events: when its response starts, and when it ends. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: {
    readonly username: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  /** Bodies only of changes of konductor.io’s kinds. */
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  /** RFC 3339, microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Every field that is given must be equal. */
export interface AuditFilter {
  readonly username?: string;
  readonly verb?: string;
  readonly stage?: AuditEvent['stage'];
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

const LINE_BREAK = 0x0a;
const CHUNK_BYTES = 1024 * 1024;
// Both come before the bodies of a request in the line of an event.
const USER = /"user":\{"username":"([^"]*)"/;
const NAMESPACE = /"objectRef":\{[^}]*?"namespace":"([^"]*)"/;

/** In the order of the log. An event is written after the response was sent, so await it with `eventually`. */
export async function auditEvents(
  { auditLog }: Pick<ControlPlaneAccess, 'auditLog'>,
  filter: AuditFilter = {},
): Promise<AuditEvent[]> {
  const index = indexes.get(auditLog) ?? new AuditIndex(auditLog);
  indexes.set(auditLog, index);
  await index.update();
  return index
    .linesOf(filter)
    .map((line): AuditEvent => JSON.parse(line))
    .filter((event) => matches(event, filter));
}

function matches({ user, verb, stage, objectRef }: AuditEvent, filter: AuditFilter): boolean {
  const actual: AuditFilter = { verb, stage, ...objectRef, username: user.username };
  const keys = Object.keys(filter) as (keyof AuditFilter)[];
  return keys.every((key) => filter[key] === undefined || filter[key] === actual[key]);
}

interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Where in a log the events about each namespace and of each user are. Tests ask for them again and again while others fill it with
 * many megabytes: each of its lines is looked at once, and only those that are asked for are read again.
 */
class AuditIndex {
  readonly #path: string;
  readonly #all: Span[] = [];
  readonly #byUser = new Map<string, Span[]>();
  readonly #byNamespace = new Map<string, Span[]>();
  /** Where the first line begins that has not been read, or was not complete. */
  #end = 0;
  #updating: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads the complete lines that have been added. */
  update(): Promise<void> {
    this.#updating = this.#updating.catch(() => undefined).then(() => this.#readOn());
    return this.#updating;
  }

  /** In the order of the log: the lines about the namespace or of the user, of which each contains all values. */
  linesOf(filter: { readonly namespace?: string; readonly username?: string }): string[] {
    const { namespace, username } = filter;
    const values = Object.values(filter).filter((value) => value !== undefined);
    const wanted = values.map((value) => JSON.stringify(value));
    return this.#read(this.#spansOf(namespace, username)).filter((line) =>
      wanted.every((value) => line.includes(value)),
    );
  }

  #spansOf(namespace?: string, username?: string): readonly Span[] {
    if (namespace !== undefined) return this.#byNamespace.get(namespace) ?? [];
    return username === undefined ? this.#all : (this.#byUser.get(username) ?? []);
  }

  #read(spans: readonly Span[]): string[] {
    const file = openSync(this.#path, 'r');
    try {
      return spans.map(({ start, length }) => {
        const line = Buffer.allocUnsafe(length);
        readSync(file, line, 0, length, start);
        return line.toString();
      });
    } finally {
      closeSync(file);
    }
  }

  async #readOn(): Promise<void> {
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(this.#path, { start: this.#end, highWaterMark: CHUNK_BYTES })) {
      const read = Buffer.concat([rest, chunk]);
      let from = 0;
      for (let to = read.indexOf(LINE_BREAK); to >= 0; to = read.indexOf(LINE_BREAK, from)) {
        this.#add(read.toString('utf8', from, to), { start: this.#end, length: to - from });
        this.#end += to + 1 - from;
        from = to + 1;
      }
      rest = read.subarray(from);
    }
  }

  #add(line: string, span: Span): void {
    this.#all.push(span);
    append(this.#byUser, USER.exec(line)?.[1], span);
    append(this.#byNamespace, NAMESPACE.exec(line)?.[1], span);
  }
}

function append(spans: Map<string, Span[]>, key: string | undefined, span: Span): void {
  if (key === undefined) return;
  const known = spans.get(key);
  if (known) known.push(span);
  else spans.set(key, [span]);
}

/** By the path of the log. */
const indexes = new Map<string, AuditIndex>();
