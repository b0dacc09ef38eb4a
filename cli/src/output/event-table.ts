// Events as a table, newest last, with counts and ages as in kubectl describe.
import type { RecordedEvent } from '@konductor/client';
import { formatAge } from './age.ts';
import { align } from './table.ts';

/** A header and a line for each Event; empty for none. */
export function eventTable(events: readonly RecordedEvent[], now: Date): readonly string[] {
  if (events.length === 0) return [];
  const rows = [...events].sort(byTime).map((event) => rowOf(event, now));
  return align([['EVENT', 'TYPE', 'AGE', 'FROM', 'MESSAGE'], ...rows]);
}

/** Compares Events: oldest first. */
export function byTime(one: RecordedEvent, other: RecordedEvent): number {
  return Date.parse(timeOf(one)) - Date.parse(timeOf(other));
}

/** The time of the last occurrence; reporters fill different fields. */
export function timeOf({ series, lastTimestamp, eventTime, metadata }: RecordedEvent): string {
  return series?.lastObservedTime || lastTimestamp || eventTime || metadata.creationTimestamp || '';
}

function rowOf(event: RecordedEvent, now: Date): string[] {
  const { reason = '', type = '', source, reportingComponent, message = '' } = event;
  const from = source?.component || reportingComponent || '';
  return [reason, type, describeAge(event, now), from, message];
}

function describeAge(event: RecordedEvent, now: Date): string {
  const { series, count, firstTimestamp, eventTime } = event;
  const last = formatAge(timeOf(event), now);
  const times = series?.count ?? count ?? 1;
  const first = (series ? eventTime : firstTimestamp) || timeOf(event);
  return times > 1 ? `${last} (x${times} over ${formatAge(first, now)})` : last;
}
