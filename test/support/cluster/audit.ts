// Reads the API server's audit log, so that a test can show which client sent which request.
import { readFile } from 'node:fs/promises';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';

/** The part of an audit.k8s.io/v1 Event that tests look at. */
export interface AuditEvent {
  readonly auditID: string;
  /** A watch has two events: when its response starts, and when it ends. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: {
    readonly username: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  /** Bodies only of requests for konductor.io. */
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  /** RFC 3339, microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Every field that is given must be equal. */
export interface AuditFilter {
  readonly username?: string;
  readonly verb?: string;
  readonly stage?: AuditEvent['stage'];
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** In the order of the log. An event is written after the response was sent, so await it with `eventually`. */
export async function auditEvents(
  access: Pick<ControlPlaneAccess, 'auditLog'>,
  filter: AuditFilter = {},
): Promise<AuditEvent[]> {
  const content = await readFile(access.auditLog, 'utf8');
  // What follows the last line break is still being written.
  const lines = content.split('\n').slice(0, -1);
  // Most of a log of many megabytes is about others: those lines are not parsed.
  const wanted = Object.values(filter)
    .filter((value) => value !== undefined)
    .map((value) => JSON.stringify(value));
  return lines
    .filter((line) => wanted.every((value) => line.includes(value)))
    .map((line): AuditEvent => JSON.parse(line))
    .filter((event) => matches(event, filter));
}

function matches({ user, verb, stage, objectRef }: AuditEvent, filter: AuditFilter): boolean {
  const actual: AuditFilter = { verb, stage, ...objectRef, username: user.username };
  const keys = Object.keys(filter) as (keyof AuditFilter)[];
  return keys.every((key) => filter[key] === undefined || filter[key] === actual[key]);
}
