// What a person is told about a group.
import type { WaitGroup } from '@konductor/schema';
import { asCalledBy } from '../arguments/program-name.ts';

/** Something to do. */
export interface Step {
  /** What for. */
  readonly purpose: string;
  /** A line for the shell. */
  readonly command: string;
}

/** What is going on, in words, and what to do. */
export interface Advice {
  readonly state: string;
  /** Whether it may stay so for ever if nobody looks at it. */
  readonly needsAttention: boolean;
  /** The most useful first; none: nothing is to be done. */
  readonly steps: readonly Step[];
}

/** A command line on a group, whatever the reader's own namespace is. */
export function commandOn(command: string, { metadata: { name, namespace = '' } }: WaitGroup, flags = ''): string {
  return `${command} ${name}${flags} -n ${namespace}`;
}

/** Their commands as the reader types them. */
export function stepsAsCalledBy(program: string, steps: readonly Step[]): readonly Step[] {
  return steps.map(({ purpose, command }) => ({ purpose, command: asCalledBy(program, command) }));
}
