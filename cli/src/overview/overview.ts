// All groups at a glance: how many are in which phase, and which of them somebody should look at.
import { currentStatus, type WaitGroup } from '@konductor/schema';
import type { Advice } from '../status/advice.ts';
import { diagnose } from '../status/diagnosis.ts';

/** A group and what is said of it. */
export interface Diagnosed {
  readonly group: WaitGroup;
  readonly advice: Advice;
}

/** What the groups come to. */
export interface Overview {
  /** How many groups are in each phase. */
  readonly phases: Readonly<Record<'Waiting' | 'Done', number>>;
  readonly all: readonly Diagnosed[];
  readonly attention: readonly Diagnosed[];
}

/** Events are not asked for here: they are many. */
export function overviewOf(groups: readonly WaitGroup[], now: Date): Overview {
  const all = groups.map((group) => ({ group, advice: diagnose(group, [], now) }));
  const waiting = groups.filter((group) => currentStatus(group).phase === 'Waiting').length;
  const attention = all.filter(({ advice }) => advice.needsAttention);
  return { phases: { Waiting: waiting, Done: groups.length - waiting }, all, attention };
}

/** `12 in namespace "jobs": 3 Waiting, 9 Done; 2 need attention` */
export function summarize({ phases, all, attention }: Overview, where: string): string {
  if (all.length === 0) return `none in ${where}`;
  const counts = `${all.length} in ${where}: ${phases.Waiting} Waiting, ${phases.Done} Done`;
  if (attention.length === 0) return `${counts}; none needs attention`;
  return `${counts}; ${attention.length} need${attention.length === 1 ? 's' : ''} attention`;
}

/** Old enough that an operator that runs has seen it; the youngest of these tells the latest of it. */
export function operatorWitness(groups: readonly WaitGroup[], now: Date): WaitGroup | undefined {
  const age = ({ metadata }: WaitGroup) => now.getTime() - Date.parse(metadata.creationTimestamp ?? '');
  return groups.filter((group) => age(group) > 60_000).sort((one, other) => age(one) - age(other))[0];
}
