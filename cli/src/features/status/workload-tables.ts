// The tables of the Jobs that a WaitGroup counts by label, and of what waits for it: the first of them.
import type { WaitGroup } from '@konductor/schema';
import { formatAge } from '../../output/age.ts';
import { boundedTable, type TableOptions } from '../../output/table.ts';
import type { Evidence } from './advice.ts';
import { countedJobs } from './counted-jobs.ts';
import { type Held, whyHeld } from './held.ts';

const SHOWN = 5;
const SHOWN_WIDE = 100;

/** Those that need attention first. */
export function jobTable(
  { outstanding, jobs }: Pick<Evidence, 'outstanding' | 'jobs'>,
  { isWide, now }: TableOptions,
): readonly string[] {
  const counted = countedJobs(outstanding, jobs);
  const rows = counted.slice(0, isWide ? SHOWN_WIDE : SHOWN).map(({ name, state, phase = '', since, message = '' }) => {
    return [name, state, phase, since === undefined ? '' : formatAge(since, now), message];
  });
  return boundedTable(['COUNTED JOB', 'STATE', 'PHASE', 'AGE', 'MESSAGE'], rows, counted.length - rows.length);
}

/** The oldest first. */
export function heldTable(
  group: WaitGroup,
  { objects = [], isForbidden }: Partial<Held> = {},
  { isWide, now }: TableOptions,
): readonly string[] {
  const rows = objects
    .slice(0, isWide ? SHOWN_WIDE : SHOWN)
    .map((object) => [
      object.name,
      object.kind,
      formatAge(object.createdAt, now),
      whyHeld(object, { group, isForbidden, now }),
    ]);
  return boundedTable(['HELD', 'KIND', 'AGE', 'REASON'], rows, objects.length - rows.length);
}

/** What is missing in them. */
export function describeUnlisted(kinds: Evidence['unlisted'] = new Set()): readonly string[] {
  const names = [...(kinds.has('Job') ? ['Jobs'] : []), ...(kinds.has('Pod') ? ['pods'] : [])].join(' and ');
  return names ? [`Not shown: ${names} that count or wait by label, because you cannot list them.`] : [];
}
