// One watch request: its stream of JSON lines as typed events. When it ends, so does the iteration; resuming is
// list-watch.ts's.
import { errorFromStatus, GoneError, type KubeStatus, UnavailableError } from '../core/errors.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface WatchRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly resourceVersion: string;
  /** After how long the API server ends the watch in good order. */
  readonly timeoutSeconds: number;
  /** A watch without any event, bookmarks included, for this long is taken for dead: UnavailableError. */
  readonly idleTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when the API server has accepted the watch. */
  readonly onOpen?: () => void;
  /** Called when it had, and was taken for dead without having sent anything at all. */
  readonly onSilence?: () => void;
}

/** As in client-go; an object is a few megabytes at most. */
const MAX_LINE_LENGTH = 16 * 2 ** 20;
const KNOWN_TYPES: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

/** Throws the typed error of an in-band ERROR event: GoneError when only a new list can tell what has changed. */
export async function* watchEvents<T extends KubeObject>(
  transport: KubeTransport,
  request: WatchRequest,
): AsyncGenerator<WatchEvent<T>> {
  const { path, resourceVersion, timeoutSeconds, idleTimeoutMs, signal } = request;
  const idle = new IdleLimit(idleTimeoutMs, signal);
  let isSilent = false;
  try {
    const chunks = await transport.stream({
      method: 'GET',
      path,
      query: { ...request.query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
      signal: idle.signal,
    });
    request.onOpen?.();
    isSilent = true;
    const onChunk = () => {
      isSilent = false;
      idle.restart();
    };
    for await (const line of lines(chunks, onChunk)) {
      const event = parseEvent<T>(line);
      if (event) yield event;
    }
  } catch (error) {
    if (idle.hasStruck && isSilent) request.onSilence?.();
    throw idle.hasStruck
      ? new UnavailableError(`the watch was silent for ${idleTimeoutMs} ms`, { cause: error, mayHaveArrived: true })
      : error;
  } finally {
    idle.release();
  }
}

async function* lines(chunks: AsyncIterable<string>, onChunk: () => void): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    onChunk();
    rest += chunk;
    if (chunk.includes('\n')) {
      const parts = rest.split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line) yield line;
    }
    if (rest.length > MAX_LINE_LENGTH) throw longLine();
  }
}

/** Undefined for a type of event that this version does not know. */
function parseEvent<T extends KubeObject>(line: string): WatchEvent<T> | undefined {
  const { type, object } = parseLine(line);
  if (type === 'ERROR') throw errorFromEvent(object as KubeStatus);
  if (!KNOWN_TYPES.has(type)) return undefined;
  if (!(object as Partial<T>).metadata) throw brokenLine();
  return { type, object } as WatchEvent<T>;
}

function parseLine(line: string): { type: string; object: object } {
  let event: { type?: unknown; object?: unknown } | null;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw brokenLine(cause);
  }
  const { type, object } = event ?? {};
  if (typeof type !== 'string' || typeof object !== 'object' || object === null) throw brokenLine();
  return { type, object };
}

function errorFromEvent(status: KubeStatus): Error {
  const { code = 500, reason } = status;
  // A corrupt object was deleted by force, and no event can say which: only a new list shows it.
  // https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/3926-handling-undecryptable-resources
  return reason === 'StorageReadError' ? new GoneError(code, status) : errorFromStatus(code, status);
}

function longLine(): UnavailableError {
  const message = `the watch sent a line of more than ${MAX_LINE_LENGTH / 2 ** 20} MiB`;
  return new UnavailableError(message, { mayHaveArrived: true });
}

function brokenLine(cause?: unknown): UnavailableError {
  return new UnavailableError('the watch sent a broken line', { cause, mayHaveArrived: true });
}

/** Aborts its signal after a silence, or with the caller's. */
class IdleLimit {
  hasStruck = false;
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  readonly #parent: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, parent: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.#parent = parent;
    this.#onAbort = () => this.#controller.abort(parent?.reason);
    parent?.addEventListener('abort', this.#onAbort, { once: true });
    if (parent?.aborted) this.#onAbort();
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.hasStruck = true;
      this.#controller.abort(new Error('idle'));
    }, this.#limitMs);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener('abort', this.#onAbort);
  }
}
