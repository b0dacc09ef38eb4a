// Carries out a decision: one guarded write, then the Events that tell of it.
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

/**
 * Whether something was written. Throws ConflictError when the group has changed since it was decided on; it is then decided on
 * anew.
 */
export async function applyDecision(waitGroup: WaitGroup, decision: Decision, context: ApplyContext): Promise<boolean> {
  if (decision.kind === 'none') return false;
  try {
    if (decision.kind === 'write') await writeStatus(waitGroup, decision, context);
    else await deleteGroup(waitGroup, context);
  } catch (error) {
    // Somebody else deleted it, and the watch will say so.
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
  // Not before it is written: of a completion that was refused the clock must know nothing.
  if (completedAt !== undefined && waitGroup.status?.completedAt !== completedAt)
    completions.saw(waitGroup.metadata.uid ?? '', completedAt);
}

/** Only the very state that was judged expired: an add that comes between keeps the group. */
async function deleteGroup({ metadata }: WaitGroup, { api }: ApplyContext): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  await api.delete(namespace, name, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
}
