// One watch request, whose lines of JSON become typed events. The iteration ends with the watch; list-watch.ts opens the next one.
import { Deadline, formatMs } from '../core/deadline.ts';
import { errorFromStatus, GoneError, type KubeStatus, UnavailableError } from '../core/errors.ts';
import type { KubeRequest } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface WatchRequest extends Pick<KubeRequest, 'path' | 'query' | 'signal'> {
  readonly resourceVersion: string;
  /** The time after which the API server ends the watch. */
  readonly timeoutSeconds: number;
  /** A watch that receives nothing for this long, not even a bookmark, is considered dead: UnavailableError. */
  readonly idleTimeoutMs: number;
  /** Called when the API server has accepted the watch. */
  readonly onOpen?: () => void;
}

/** The limit of client-go; an object is a few megabytes at most. */
const MAX_LINE_LENGTH = 16 * 2 ** 20;
const KNOWN_TYPES: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

/** Throws the typed error of an in-band ERROR event: GoneError when the caller must list again. */
export async function* watchEvents<T extends KubeObject>(
  transport: KubeTransport,
  request: WatchRequest,
): AsyncGenerator<WatchEvent<T>> {
  const { path, resourceVersion, timeoutSeconds, idleTimeoutMs, signal } = request;
  const idle = new Deadline(idleTimeoutMs, signal);
  try {
    const chunks = await transport.stream({
      method: 'GET',
      path,
      query: { ...request.query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
      signal: idle.signal,
    });
    request.onOpen?.();
    for await (const line of lines(chunks, () => idle.restart())) {
      const event = parseEvent<T>(line);
      if (event) yield event;
    }
  } catch (error) {
    if (!idle.isOver) throw error;
    const message = `the watch received nothing for ${formatMs(idleTimeoutMs)}`;
    throw new UnavailableError(message, { cause: error, mayHaveArrived: true });
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
    if (rest.length > MAX_LINE_LENGTH) throw tooLongLineError();
  }
}

/** Undefined for an unknown type of event. */
function parseEvent<T extends KubeObject>(line: string): WatchEvent<T> | undefined {
  const { type, object } = parseLine(line);
  if (type === 'ERROR') throw errorFromEvent(object as KubeStatus);
  if (!KNOWN_TYPES.has(type)) return undefined;
  if (!(object as Partial<T>).metadata) throw invalidLineError();
  return { type, object } as WatchEvent<T>;
}

function parseLine(line: string): { type: string; object: object } {
  let event: { type?: unknown; object?: unknown } | null;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw invalidLineError(cause);
  }
  const { type, object } = event ?? {};
  if (typeof type !== 'string' || typeof object !== 'object' || object === null) throw invalidLineError();
  return { type, object };
}

function errorFromEvent(status: KubeStatus): Error {
  const { code = 500, reason } = status;
  // A corrupt object was deleted by force, and no event can name it: only a new list shows what is left.
  // https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/3926-handling-undecryptable-resources
  return reason === 'StorageReadError' ? new GoneError(code, status) : errorFromStatus(code, status);
}

function tooLongLineError(): UnavailableError {
  const message = `the watch sent a line of more than ${MAX_LINE_LENGTH / 2 ** 20} MiB`;
  return new UnavailableError(message, { mayHaveArrived: true });
}

function invalidLineError(cause?: unknown): UnavailableError {
  return new UnavailableError('the watch sent an invalid line', { cause, mayHaveArrived: true });
}
