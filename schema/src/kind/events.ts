// Every Event that the operator and koncli emit: its reason, its type and its message. Users match reasons, so a reason that is
// not in this table does not compile. `{name}` in a message stands for a value.
const Normal = 'Normal';
const Warning = 'Warning';

export const EVENTS = {
  Completed: { type: Normal, message: 'All {added} completed' },
  Failed: { type: Warning, message: '{reason}: {message}{by}' },
  DeadlineExceeded: { type: Warning, message: '{message}' },
  Expired: { type: Normal, message: 'TTL of {ttl} after {event} at {time} expired' },
  Corrected: {
    type: Warning,
    message: '{field} was {time}, which is in the future or before the creation; the {what} starts now',
  },
  WorkerLost: { type: Warning, message: '{what}; {consequence} (workerPolicy {policy}){advice}' },
  JobFailed: { type: Warning, message: '{what}; {consequence} (workerPolicy {policy}){advice}' },
  WorkerIdInUse: {
    type: Warning,
    message: 'Job {job} is not counted: worker ID {worker} belongs to a pod; give the Job another name',
  },
  CounterSet: { type: Normal, message: '{caller} set the counter from {before} to {after}: {reason}' },
  Released: { type: Normal, message: '{message}' },
  ReleaseForbidden: { type: Warning, message: 'The operator cannot patch {kind}s: {remedy}' },
  WaitGroupMissing: {
    type: Warning,
    message:
      'WaitGroup {waitGroup} does not exist, so the {kind} is held: create the WaitGroup, or set konductor.io/on-missing: release',
  },
  WaitGroupFailed: {
    type: Warning,
    message:
      'WaitGroup {waitGroup} failed{failure}. The {kind} is held until a later round succeeds; konductor.io/on-failure: release lets it go',
  },
  NotHeld: { type: Warning, message: 'Nothing holds the {kind} with the label konductor.io/after: {remedy}' },
  SuspendedAgain: {
    type: Warning,
    message: `The Job was released once and is suspended again, such as by applying its manifest. To resume it, run kubectl patch job {name} -n {namespace} -p '{"spec":{"suspend":false}}'`,
  },
  WaitsForItself: {
    type: Warning,
    message:
      'WaitGroup {waitGroup} counts the Job that waits for it: remove the label konductor.io/counts-for or konductor.io/after',
  },
  InvalidAnnotation: {
    type: Warning,
    message: 'konductor.io/min-added is no whole number, so the {kind} is held: correct it',
  },
  LeaderElection: { type: Normal, message: '{instance} {what}' },
} as const satisfies Record<string, { type: 'Normal' | 'Warning'; message: string }>;

export type EventReason = keyof typeof EVENTS;

/** The values that a message needs. */
type Values<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `"${string}` ? unknown : { readonly [name in Name]: string | number }) & Values<Rest>
  : unknown;

/** What an Event says, without the object that it is about. */
export interface DescribedEvent<Reason extends EventReason = EventReason> {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly message: string;
}

export function describeEvent<Reason extends EventReason>(
  reason: Reason,
  values: Values<(typeof EVENTS)[Reason]['message']>,
): DescribedEvent<Reason> {
  const { type, message } = EVENTS[reason];
  return { type, reason, message: fillIn(message, values) };
}

/** Puts values into a message. */
export function fillIn<Message extends string>(message: Message, values: Values<Message>): string {
  const given = values as Readonly<Record<string, string | number>>;
  return message.replaceAll(/\{(\w+)\}/g, (_, name: string) => `${given[name]}`);
}
