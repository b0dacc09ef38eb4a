// What the text of a response means: an object, or the typed error of a rejection. Another server than the API server may have
// responded, such as a proxy or a web server at a mistyped address.
import { ApiError, errorFromStatus, type KubeStatus, UnavailableError } from '../core/errors.ts';
import type { Exchange } from './exchange.ts';

/** The API server's response for a group that it does not serve, and its only 404 without a Status. */
const NOT_SERVED = '404 page not found';

/** A truncated or empty body, or one that is not from the API server, leaves the outcome of the request unknown. */
export function parseResponse(text: string, server: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `the response is not JSON: is ${server.origin} the API server?`;
    throw new UnavailableError(message, { cause, mayHaveArrived: true });
  }
}

/** Returns the typed error for a response that is not a success. */
export async function errorFromResponse(exchange: Exchange, server: URL): Promise<Error> {
  const { code, retryAfterSeconds } = exchange;
  const status = parseStatus(await exchange.text());
  if (isForeign(code, status)) return foreignError(code, status, server);
  if (retryAfterSeconds === undefined || status.details?.retryAfterSeconds) return errorFromStatus(code, status);
  return errorFromStatus(code, { ...status, details: { ...status.details, retryAfterSeconds } });
}

function parseStatus(text: string): KubeStatus {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return statusOf(parsed);
  } catch {
    // Not from a handler of the API server.
  }
  return { message: text.trim().split('\n', 1)[0] || 'no reason given' };
}

function statusOf({ message, details, ...status }: { message?: unknown; details?: unknown }): KubeStatus {
  return {
    ...status,
    ...(typeof message === 'string' && { message }),
    ...(typeof details === 'object' && details !== null && { details }),
  };
}

/** Redirections are not followed: the API server sends none. Other codes without a Status come from authentication or gateways. */
function isForeign(code: number, { kind, message }: KubeStatus): boolean {
  if (kind === 'Status') return false;
  return code < 400 || code === 400 || (code === 404 && message !== NOT_SERVED);
}

function foreignError(code: number, { message }: KubeStatus, { origin }: URL): ApiError {
  const reason = message === undefined ? '' : ` (${message})`;
  return new ApiError(code, { message: `${origin} responded with ${code}${reason}: is it the URL of the API server?` });
}
