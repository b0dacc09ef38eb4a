// The operation that a WaitGroup was created with: koncli waitgroup add --create counts in the same request. A status cannot be
// created with its object, so spec.initialCount holds the delta, and annotations say whose operation it was.
import { BY_ANNOTATION as BY, OPERATION_ID_ANNOTATION as OPERATION_ID } from '../kind/labels.ts';
import type { ObjectMeta } from '../shape/object-meta.ts';
import type { OperationRecord, WaitGroup } from '../shape/wait-group.ts';
import { MAX_CLIENT_NAME, MAX_OPERATION_ID, PRINTABLE } from '../values/limits.ts';
import { toMilliseconds } from '../values/timestamp.ts';

type Annotations = Readonly<Record<string, string>>;

/** The annotations of a WaitGroup that is created with this operation. */
export function annotateOperation({ id, by }: Pick<OperationRecord, 'id' | 'by'>): Annotations {
  return { [OPERATION_ID]: id, [BY]: by };
}

/** Those annotations, as far as a record can hold them: every user who can create WaitGroups can set them to anything. */
export function operationAnnotations({ annotations }: ObjectMeta): Annotations | undefined {
  const id = annotations?.[OPERATION_ID];
  const by = annotations?.[BY];
  if (id === '' || !isText(id, MAX_OPERATION_ID)) return undefined;
  return annotateOperation({ id, by: isText(by, MAX_CLIENT_NAME) ? by : '' });
}

/** The record of the operation that created the WaitGroup; undefined if none did. */
export function creatingOperation({ metadata, spec }: WaitGroup): OperationRecord | undefined {
  const { [OPERATION_ID]: id, [BY]: by = '' } = operationAnnotations(metadata) ?? {};
  const delta = spec?.initialCount ?? 0;
  if (id === undefined || delta === 0) return undefined;
  return { id, delta, by, at: toMilliseconds(new Date(metadata.creationTimestamp ?? 0)) };
}

/** The ID of the operation with which a worker creates a WaitGroup: the initial count is its own work. */
export function creatingOperationId(worker: string): string {
  return `worker/${worker}`;
}

/** Whether this worker created the WaitGroup so. */
export function isCreatedBy(waitGroup: WaitGroup, worker: string): boolean {
  return creatingOperation(waitGroup)?.id === creatingOperationId(worker);
}

function isText(text: unknown, maxLength: number): text is string {
  return typeof text === 'string' && text.length <= maxLength && PRINTABLE.test(text);
}
