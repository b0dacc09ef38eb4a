// docs/reference/events.md: Events, conditions and failures, from the tables that their emitters use.
import {
  type ConditionType,
  DONE_REASONS,
  EVENTS,
  type EventReason,
  FAILURE_REASONS,
  type FailureReason,
  OVERRUN_REASONS,
} from '@konductor/schema';
import { CONDITION_MEANINGS, EVENT_MEANINGS, FAILURE_MEANINGS } from './event-meanings.ts';
import { code, page, prose, table } from './markdown.ts';

const ABOUT = `The Events that the operator and koncli emit, the conditions of a WaitGroup, and the reasons of failures. Programs can match reasons
and types; messages can change. In a message, \`{name}\` stands for a value. Events are best effort:
[Running the operator](../guides/operator.md#events) says when one is lost.`;

const CONDITIONS: Readonly<Record<ConditionType, Readonly<Record<string, string>>>> = {
  Done: DONE_REASONS,
  Failed: {},
  Stalled: {},
  Overrun: OVERRUN_REASONS,
};

export function eventsPage(): string {
  const body = [
    '## Events',
    table(['reason', 'type', 'about', 'from', 'when'], Object.entries(EVENTS).map(eventRow)),
    '### Messages and what to do',
    ...Object.keys(EVENTS).map((reason) => eventSection(reason as EventReason)),
    '## Conditions of a WaitGroup',
    ...Object.keys(CONDITIONS).map((type) => conditionSection(type as ConditionType)),
    '## Failures',
    `\`status.failure.reason\` is one of these, or a word that a client has chosen (\`koncli waitgroup fail --reason\`):`,
    table(['reason', 'meaning', 'what to do'], FAILURE_REASONS.map(failureRow)),
  ].join('\n\n');
  return page({ title: 'Events and conditions', origin: 'the tables of reasons in the code', about: ABOUT, body });
}

function eventRow([reason, { type }]: [string, { type: string }]): string[] {
  const { about, from, when } = EVENT_MEANINGS[reason as EventReason];
  return [`[${code(reason)}](#${reason.toLowerCase()})`, type, about, from ?? 'operator', when];
}

function eventSection(reason: EventReason): string {
  const { values, remedy } = EVENT_MEANINGS[reason];
  const message = `Message: ${code(EVENTS[reason].message)}${values ? `, where ${values}` : ''}.`;
  return [`#### ${reason}`, message, ...(remedy ? [remedy] : [])].join('\n\n');
}

function conditionSection(type: ConditionType): string {
  const rows = Object.entries(CONDITIONS[type]).map(([reason, message]) => [code(reason), prose(message)]);
  const reasons = rows.length > 0 ? [table(['reason', 'message'], rows)] : [];
  return [`### Condition ${type}`, CONDITION_MEANINGS[type], ...reasons].join('\n\n');
}

function failureRow(reason: FailureReason): string[] {
  const { meaning, remedy } = FAILURE_MEANINGS[reason];
  return [code(reason), meaning, remedy];
}
