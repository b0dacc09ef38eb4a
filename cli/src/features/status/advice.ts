// The advice on a WaitGroup: what it is based on, its state in words, and the next steps.
import type { RecordedEvent } from '@konductor/client';
import { asCalledBy } from '../../arguments/program-name.ts';
import type { Job } from '../workers/jobs.ts';
import type { Outstanding } from '../workers/outstanding.ts';
import type { Held, Kind } from './held.ts';
import type { KnownPods } from './workers.ts';

/** What is known besides the WaitGroup. */
export interface Evidence {
  readonly events: readonly RecordedEvent[];
  readonly pods: KnownPods;
  /** The workers that have not finished; undefined if they are not known. */
  readonly outstanding?: Outstanding | undefined;
  /** The Jobs that count by label, by their UID; undefined if they are not known. */
  readonly jobs?: ReadonlyMap<string, Job> | undefined;
  /** The Jobs and pods that wait by label; undefined if they are not known. */
  readonly held?: Held | undefined;
  /** The kinds that the caller cannot list. */
  readonly unlisted?: ReadonlySet<Kind> | undefined;
  readonly now: Date;
}

/** A next step. */
export interface Step {
  /** The reason for the step. */
  readonly purpose: string;
  /** A shell command. */
  readonly command: string;
}

/** The state in words, and what to do. */
export interface Advice {
  readonly state: string;
  /** Whether it may stay like this forever without intervention. */
  readonly needsAttention: boolean;
  /** The most useful step first; empty if there is nothing to do. */
  readonly steps: readonly Step[];
}

/** The steps with koncli under the name that the reader called it by. */
export function stepsAsCalledBy(program: string, steps: readonly Step[]): readonly Step[] {
  return steps.map(({ purpose, command }) => ({ purpose, command: asCalledBy(program, command) }));
}
