// Follows groups, by their names or all that a selection takes in, and shows each change.
// It imports the client, so the verbs import it when they run.
import { WaitGroupNotFoundError } from '@konductor/client';
import { describeFailure } from '../failure/failure.ts';
import { warnOfUnreadable } from '../failure/unreadable.ts';
import { subject } from '../output/output.ts';
import type { Watching } from '../session/with-session.ts';
import { KnownGroups } from './known-groups.ts';
import { Watch } from './watch.ts';

/** Which groups of one or of all namespaces. */
export interface Selection {
  readonly allNamespaces: boolean;
  readonly labelSelector: string | undefined;
}

/**
 * Each by a watch of its own, which RBAC with resourceNames allows. A group that is gone is not followed any more;
 * the last of them ends the watch with its WaitGroupNotFoundError.
 */
export async function followNames(names: readonly string[], watching: Watching): Promise<void> {
  const { run } = watching;
  const watch = new Watch(watching, { hasNamespaces: false });
  const followed = new Set(names);
  const followUntilGone = async (name: string) => {
    try {
      await followName(name, watch, watching);
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

async function followName(name: string, watch: Watch, { session }: Watching): Promise<void> {
  const reference = { namespace: session.client.namespace, name };
  const known = new KnownGroups();
  for await (const event of watch.events({ name })) {
    const changes = known.observe(event);
    const gone = changes.find(({ kind }) => kind === 'deleted');
    if (gone) throw new WaitGroupNotFoundError(reference, 'deleted', gone.group.status);
    if (event.type === 'LISTED' && event.items.length === 0) throw new WaitGroupNotFoundError(reference, 'missing');
    await watch.show(changes.map(({ group }) => group));
  }
}

/** All that are there, and those that come. */
export async function followSelection(selection: Selection, watching: Watching): Promise<void> {
  const { run } = watching;
  const watch = new Watch(watching, { hasNamespaces: selection.allNamespaces });
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
