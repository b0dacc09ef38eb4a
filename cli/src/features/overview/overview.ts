// The overview of all WaitGroups: how many are in each phase or have failed, and which need attention.
import { currentStatus, type WaitGroup } from '@konductor/schema';
import type { Advice } from '../status/advice.ts';
import { diagnose } from '../status/diagnosis.ts';
import type { LivePods } from '../workers/pods.ts';

type Diagnosed = { readonly group: WaitGroup; readonly advice: Advice };

/** The summary of all WaitGroups. */
export interface Overview {
  /** The number of WaitGroups in each phase. */
  readonly phases: Readonly<Record<'Waiting' | 'Done', number>>;
  /** The number of WaitGroups whose present round has failed, in either phase. */
  readonly failed: number;
  readonly all: readonly Diagnosed[];
  readonly attention: readonly Diagnosed[];
  /** Whether the pods are known that outstanding work depends on. */
  readonly isCertain: boolean;
}

/** Summarizes WaitGroups without reading their Events, which are many. */
export function overviewOf(
  groups: readonly WaitGroup[],
  { pods, now }: { pods: LivePods | undefined; now: Date },
): Overview {
  const all = groups.map((group) => ({ group, advice: diagnose(group, { events: [], pods: { live: pods }, now }) }));
  const waiting = groups.filter((group) => currentStatus(group).phase === 'Waiting').length;
  const failed = groups.filter((group) => currentStatus(group).outcome === 'Failed').length;
  const attention = all.filter(({ advice }) => advice.needsAttention);
  const isCertain = waiting === 0 || pods !== undefined;
  return { phases: { Waiting: waiting, Done: groups.length - waiting }, failed, all, attention, isCertain };
}

/** `12 in namespace "jobs": 3 Waiting, 9 Done, 1 of them failed; 2 need attention` */
export function summarize({ phases, failed, all, attention, isCertain }: Overview, where: string): string {
  if (all.length === 0) return `none in ${where}`;
  const failures = failed > 0 ? `, ${failed} of them failed` : '';
  const counts = `${all.length} in ${where}: ${phases.Waiting} Waiting, ${phases.Done} Done${failures}`;
  if (attention.length === 0)
    return `${counts}; ${isCertain ? 'none needs attention' : 'none is known to need attention, but pods cannot be listed'}`;
  return `${counts}; ${attention.length} need${attention.length === 1 ? 's' : ''} attention`;
}
