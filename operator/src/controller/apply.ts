// Carries out a decision: one guarded write, then the Events that report it.
import { NotFoundError, type WaitGroupApi } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { EventRecorder } from './event-recorder.ts';
import type { Decision } from './reconcile.ts';

export interface ApplyContext {
  readonly api: WaitGroupApi;
  readonly events: EventRecorder;
}

/** Returns whether something was written. Throws ConflictError when the WaitGroup has changed since the decision. */
export async function applyDecision(waitGroup: WaitGroup, decision: Decision, context: ApplyContext): Promise<boolean> {
  if (decision.kind === 'none') return false;
  try {
    if (decision.kind === 'write') await context.api.updateStatus(waitGroup, decision.status);
    else await deleteWaitGroup(waitGroup, context);
  } catch (error) {
    // It is already deleted, and the watch will report that.
    if (error instanceof NotFoundError) return false;
    throw error;
  }
  for (const event of decision.events) context.events.record(waitGroup, event);
  return true;
}

/** Deletes exactly the state that was judged expired: an add in between keeps the WaitGroup. */
async function deleteWaitGroup({ metadata }: WaitGroup, { api }: ApplyContext): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  await api.delete(namespace, name, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
}
