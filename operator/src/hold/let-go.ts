// Lets a Job or a pod go: one patch, of what holds it and nothing else, which only the object that was judged accepts.
import { type KubeTransport, NotFoundError, resourcePath } from '@konductor/client';
import {
  HOLD_GATE,
  type Hold,
  KUEUE_GATES_ANNOTATION,
  otherKueueGates,
  RELEASED_AT_ANNOTATION,
} from '@konductor/schema';
import { FIELD_MANAGER } from '../version.ts';
import type { HeldObject } from './held-object.ts';

/** Returns false if the object is gone. Throws ConflictError if it has changed since it was judged. */
export async function letGo(transport: KubeTransport, object: HeldObject, now: Date): Promise<boolean> {
  const { apiVersion, kind, metadata, hold } = object;
  if (hold === undefined) return false;
  const { namespace, name } = metadata;
  try {
    await transport.request({
      method: 'PATCH',
      path: resourcePath({ apiVersion, resource: kind === 'Job' ? 'jobs' : 'pods', namespace, name }),
      query: { fieldManager: FIELD_MANAGER },
      // A strategic merge patch removes one gate and keeps those of others.
      contentType: hold === 'gate' ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
      body: PATCHES[hold](object, now.toISOString()),
    });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

const PATCHES: Readonly<Record<Hold, (object: HeldObject, at: string) => object>> = {
  gate: ({ metadata: { uid } }) => ({
    metadata: { uid },
    spec: { schedulingGates: [{ name: HOLD_GATE, $patch: 'delete' }] },
  }),
  suspend: ({ metadata: { uid, resourceVersion } }, at) => ({
    metadata: { uid, resourceVersion, annotations: { [RELEASED_AT_ANNOTATION]: at } },
    spec: { suspend: false },
  }),
  kueue: ({ metadata: { uid, resourceVersion }, kueueGates = '' }, at) => {
    const gates = otherKueueGates(kueueGates) || null;
    const annotations = { [KUEUE_GATES_ANNOTATION]: gates, [RELEASED_AT_ANNOTATION]: at };
    return { metadata: { uid, resourceVersion, annotations } };
  },
};
