// Finds what is behind an error that names only its effect: a namespace that does not exist, or a permission that is missing, too.
import {
  CounterRejectedError,
  ForbiddenError,
  NotFoundError,
  resourcePath,
  TimedOutError,
  WaitGroupNotFoundError,
} from '@konductor/client';
import { NothingFoundError } from '../errors.ts';
import type { Session } from './session.ts';

/** The command has failed already: its explanation is worth only a short wait. */
const TIMEOUT_MS = 2_000;

/** The error that users need to know of: the given one, or the one behind it. */
export async function explain(error: unknown, session: Session): Promise<unknown> {
  if (session.callOptions.signal.aborted) return error;
  if (error instanceof AggregateError)
    return new AggregateError(await Promise.all(error.errors.map((one) => explain(one, session))));
  if (error instanceof CounterRejectedError) return (await countingDenied(error, session)) ?? error;
  return isMissing(error) && (await isNamespaceMissing(session)) ? namespaceNotFoundError(session, error) : error;
}

/** False if it cannot be read. */
export async function isNamespaceMissing({ client, transport, callOptions }: Session): Promise<boolean> {
  const path = resourcePath({ apiVersion: 'v1', resource: 'namespaces', name: client.namespace });
  const limits = { timeoutMs: TIMEOUT_MS, signal: callOptions.signal };
  return transport.request({ method: 'GET', path, ...limits }).then(
    () => false,
    (error: unknown) => error instanceof NotFoundError,
  );
}

function namespaceNotFoundError({ client }: Session, cause: unknown): NothingFoundError {
  const message = `namespace "${client.namespace}" not found: create it, or select another with -n`;
  return new NothingFoundError(message, { cause });
}

function isMissing(error: unknown): boolean {
  if (error instanceof NothingFoundError) return true;
  if (error instanceof TimedOutError) return error.isMissing;
  return error instanceof WaitGroupNotFoundError && error.absence === 'missing';
}

/** The rule is applied before anything is written, so that it hides a missing permission. */
async function countingDenied({ group }: CounterRejectedError, { client, callOptions }: Session) {
  const limits = { timeoutMs: TIMEOUT_MS, signal: callOptions.signal };
  try {
    await client.rehearse(await client.get(group.name, limits), limits);
  } catch (error) {
    if (error instanceof ForbiddenError) return error;
  }
  return undefined;
}
