// The flags and the variable that say which worker a change is counted for.
import { isDnsLabel } from '@konductor/schema';
import { type Command, InvalidArgumentError } from 'commander';
import type { Environment } from './invocation.ts';
import { LABEL_RULE } from './values.ts';
import { readVariable } from './variables.ts';

/** `auto`: the ID that belongs to the pod of this process; `inPod`: the same, or anonymous outside of pods. */
export type WorkerChoice = { readonly id: string } | 'auto' | 'inPod';

interface WorkerFlags {
  readonly worker?: WorkerChoice;
  readonly anonymous?: boolean;
  readonly delta?: number;
  readonly operationId?: string;
}

const AUTO = 'auto';
const VARIABLE = 'KONDUCTOR_WORKER_ID';
const ADVICE = 'remove it, or give --anonymous';

/** Declares the flags. `byDefault`: which worker it is without them, for the help. */
export function addWorkerOptions(verb: Command, byDefault: string): Command {
  return verb
    .option(
      '--worker <id>',
      `count for the worker with this ID, once however often it is repeated; auto: the ID of this pod (default: $${VARIABLE}, ${byDefault})`,
      parseWorker,
    )
    .option('--anonymous', 'count for no worker in particular');
}

/** Reads the flags, else the variable; undefined: anonymous. Usage errors are those of combinations that have no meaning. */
export function readWorker(command: Command, env: Environment): WorkerChoice | undefined {
  const { worker, anonymous, delta = 1, operationId } = command.opts<WorkerFlags>();
  if (worker !== undefined && anonymous) command.error('give --worker or --anonymous, not both');
  if (anonymous) return undefined;
  const chosen = worker ?? readVariable(command, env, VARIABLE, parseWorker);
  if (chosen === undefined) return command.name() === 'run' ? 'inPod' : undefined;
  const source = worker === undefined ? `$${VARIABLE}` : '--worker';
  if (delta !== 1) command.error(`--delta must be 1 with ${source}, because a worker counts its own work: ${ADVICE}`);
  if (operationId !== undefined)
    command.error(`--operation-id has no effect with ${source}, which makes retries safe by itself: ${ADVICE}`);
  return chosen;
}

/** Whether the verb has the flags. */
export function takesWorker(command: Command): boolean {
  return command.options.some(({ long }) => long === '--anonymous');
}

/** `--worker`: a DNS label, or `auto`. */
function parseWorker(text: string): WorkerChoice {
  return text === AUTO ? AUTO : { id: parseWorkerId(text) };
}

/** `release --worker`: a DNS label. */
export function parseWorkerId(text: string): string {
  if (!isDnsLabel(text)) throw new InvalidArgumentError(`It must have ${LABEL_RULE}.`);
  return text;
}
