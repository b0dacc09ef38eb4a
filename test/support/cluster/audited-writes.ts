// What the operator wrote about one WaitGroup, from the audit log.
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { inject } from 'vitest';
import { eventually } from '../waiting/eventually.ts';
import type { AuditEvent } from './audit.ts';
import { operatorRequests } from './installed-operator.ts';

export interface AuditedWrite {
  readonly verb: 'update' | 'delete';
  /** When the API server received the request. */
  readonly receivedMs: number;
  /** As written; of a deletion, undefined. */
  readonly status: WaitGroupStatus | undefined;
}

/** The operator's successful writes about a WaitGroup, in order. The log is behind: await the last one with `eventually`. */
export async function operatorWrites(namespace: string, name: string): Promise<AuditedWrite[]> {
  const requests = await operatorRequests(inject('controlPlane'), namespace);
  return requests.filter((request) => isWriteAbout(name, request)).map(toWrite);
}

/** The first of them that is meant. */
export function operatorWrite(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  what: string,
  isMeant: (write: AuditedWrite) => unknown,
): Promise<AuditedWrite> {
  return eventually(`${what} of ${name} in the audit log`, async () =>
    (await operatorWrites(namespace, name)).find(isMeant),
  );
}

function isWriteAbout(name: string, { verb, objectRef, responseStatus }: AuditEvent): boolean {
  return ['update', 'delete'].includes(verb) && objectRef?.name === name && responseStatus?.code === 200;
}

function toWrite({ verb, requestReceivedTimestamp, responseObject }: AuditEvent): AuditedWrite {
  return {
    verb: verb as AuditedWrite['verb'],
    receivedMs: Date.parse(requestReceivedTimestamp),
    status: verb === 'update' ? (responseObject as WaitGroup).status : undefined,
  };
}
