// Carries out a decision: one guarded write, then the Events that report it.
import { NotFoundError, type WaitGroupApi } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { EventRecorder } from './event-recorder.ts';
import type { CompletionClock } from './expiry.ts';
import type { Decision } from './reconcile.ts';

export interface ApplyContext {
  readonly api: WaitGroupApi;
  readonly events: EventRecorder;
  readonly completions: CompletionClock;
}

/** Returns whether something was written. Throws ConflictError when the WaitGroup has changed since the decision. */
export async function applyDecision(waitGroup: WaitGroup, decision: Decision, context: ApplyContext): Promise<boolean> {
  if (decision.kind === 'none') return false;
  try {
    if (decision.kind === 'write') await writeStatus(waitGroup, decision, context);
    else await deleteWaitGroup(waitGroup, context);
  } catch (error) {
    // It is already deleted, and the watch will report that.
    if (error instanceof NotFoundError) return false;
    throw error;
  }
  for (const event of decision.events) context.events.record(waitGroup, event);
  return true;
}

async function writeStatus(
  waitGroup: WaitGroup,
  { status }: Extract<Decision, { kind: 'write' }>,
  { api, completions }: ApplyContext,
): Promise<void> {
  const { completedAt } = status;
  await api.updateStatus(waitGroup, status);
  // Only after the write: a completion that was rejected must not start the clock.
  if (completedAt !== undefined && waitGroup.status?.completedAt !== completedAt)
    completions.record(waitGroup.metadata.uid ?? '', completedAt);
}

/** Deletes exactly the state that was judged expired: an add in between keeps the WaitGroup. */
async function deleteWaitGroup({ metadata }: WaitGroup, { api }: ApplyContext): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  await api.delete(namespace, name, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
}
