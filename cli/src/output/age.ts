// Ages as kubectl prints them: at most two units, and only one for older ages.
// Source: https://pkg.go.dev/k8s.io/apimachinery/pkg/util/duration#HumanDuration

const ZERO = Date.parse('0001-01-01T00:00:00Z');
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The age of `time` (RFC 3339). The clocks of cluster and client may differ by a second. */
export function formatAge(time: string, now: Date): string {
  if (isZero(time)) return '<unknown>';
  const seconds = secondsSince(time, now);
  if (Number.isNaN(seconds) || seconds < -1) return '<invalid>';
  return formatSeconds(Math.max(seconds, 0));
}

/** The age for a sentence; a time in the future is printed as it is. */
export function formatAgo(time: string, now: Date): string {
  if (isZero(time)) return 'at an unknown time';
  return secondsSince(time, now) >= -1 ? `${formatAge(time, now)} ago` : time;
}

/** Go programs write their zero time where they have none. */
function isZero(time: string): boolean {
  return Date.parse(time) === ZERO;
}

/** Whole seconds; negative for a time in the future, NaN for an invalid one. */
export function secondsSince(time: string, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(time)) / 1000);
}

/** A period in kubectl's short form, such as `90s`, `5m30s` or `3d`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return pair(seconds, [MINUTE, 'm'], [1, 's']);
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return pair(seconds, [HOUR, 'h'], [MINUTE, 'm']);
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return pair(seconds, [DAY, 'd'], [HOUR, 'h']);
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return pair(seconds, [YEAR, 'y'], [DAY, 'd']);
  return `${Math.floor(seconds / YEAR)}y`;
}

type Unit = readonly [seconds: number, name: string];

function pair(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeName}${rest > 0 ? `${rest}${smallName}` : ''}`;
}
