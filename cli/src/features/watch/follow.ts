// Follows WaitGroups by name or by selector, and shows each change.
// It imports the client, so the verbs import it when they run.
import { WaitGroupNotFoundError } from '@konductor/client';
import { describeFailure } from '../../failure/failure.ts';
import { warnOfUnreadable } from '../../failure/unreadable.ts';
import { subject } from '../../output/output.ts';
import type { SessionContext } from '../../session/with-session.ts';
import { KnownGroups } from './known-groups.ts';
import { Watch } from './watch.ts';

/**
 * Follows each by a watch of its own, which RBAC with resourceNames allows. Stops following a WaitGroup that was deleted;
 * throws the WaitGroupNotFoundError of the last.
 */
export async function followNames(names: readonly string[], context: SessionContext): Promise<void> {
  const { run } = context;
  const watch = new Watch(context, { hasNamespaces: false });
  const followed = new Set(names);
  const followUntilGone = async (name: string) => {
    try {
      await followName(name, watch, context);
    } catch (error) {
      followed.delete(name);
      if (followed.size === 0 || !(error instanceof WaitGroupNotFoundError)) throw error;
      run.log.warn(describeFailure(error, run).line);
    }
  };
  await watch.during(async () => {
    await Promise.all(names.map(followUntilGone));
  });
}

async function followName(name: string, watch: Watch, { session }: SessionContext): Promise<void> {
  const reference = { namespace: session.client.namespace, name };
  const known = new KnownGroups();
  for await (const event of watch.events({ name })) {
    const changes = known.observe(event);
    const deleted = changes.find(({ kind }) => kind === 'deleted');
    if (deleted) throw new WaitGroupNotFoundError(reference, 'deleted', deleted.group.status);
    if (event.type === 'LISTED' && event.items.length === 0) throw new WaitGroupNotFoundError(reference, 'missing');
    await watch.show(changes.map(({ group }) => group));
  }
}

/** Follows all that exist or are created meanwhile. */
export async function followSelection(
  selection: { readonly allNamespaces: boolean; readonly labelSelector: string | undefined },
  context: SessionContext,
): Promise<void> {
  const { run } = context;
  const watch = new Watch(context, { hasNamespaces: selection.allNamespaces });
  const known = new KnownGroups();
  await watch.during(async () => {
    for await (const event of watch.events({ ...selection, onUnreadable: warnOfUnreadable(run) })) {
      const changes = known.observe(event);
      for (const { kind, group } of changes)
        if (kind === 'deleted') run.log.line(`${subject(group.metadata.name)} deleted`);
      await watch.show(changes.filter(({ kind }) => kind === 'changed').map(({ group }) => group));
    }
  });
}
