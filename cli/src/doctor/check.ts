// What one check of koncli doctor finds, and what the checks are made on.
import { AbortedError, type KubeTransport, type RequestLimits } from '@konductor/client';
import type { Failure } from '../failure/failure.ts';

/** How a check ends. */
export type Outcome = 'ok' | 'warning' | 'failure';

/** What a check found. */
export interface Finding {
  readonly outcome: Outcome;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
  /** The exit code that a failure asks for; absent: 1. */
  readonly code?: number;
}

/** A finding and the check that made it. */
export interface Check extends Finding {
  readonly name: string;
}

/** What is looked at, and by whom. */
export interface Patient {
  readonly transport: KubeTransport;
  readonly namespace: string;
  /** The one group that the rights are asked for; absent: all of the namespace. */
  readonly name: string | undefined;
  readonly limits: RequestLimits;
}

/** All is well. */
export function ok(message: string): Finding {
  return { outcome: 'ok', message };
}

/** It works, and something is odd. */
export function warning(message: string, advice?: string): Finding {
  return { outcome: 'warning', message, advice };
}

/** Makes a check; whatever it throws is its failure, unless the run was stopped. */
export async function check(
  name: string,
  examine: () => Promise<Finding>,
  describe: (error: unknown) => Failure,
): Promise<Check> {
  try {
    return { name, ...(await examine()) };
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    const { code, line } = describe(error);
    return { name, outcome: 'failure', message: line, code };
  }
}
