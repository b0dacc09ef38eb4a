// The settings of a command: its global flags, or the environment where a flag is not given.
import type { Impersonation } from '@konductor/client';
import type { Command } from 'commander';
import type { GlobalFlags, OutputFormat } from './global-options.ts';
import type { Environment, Run } from './invocation.ts';
import { parseName, parseNamespace, parseTimeout, type Timeout, withoutKind } from './values.ts';
import { check, readVariable } from './variables.ts';
import { readWorker, takesWorker, type WorkerChoice } from './worker.ts';

/** A call of a verb of `koncli waitgroup`: it decides which permissions are needed. */
export interface Call {
  readonly verb: string;
  readonly flags: Readonly<Record<string, unknown>>;
  /** The WaitGroups that it is for; empty if it is for others, too, or if they are known only later. */
  readonly names: readonly string[];
  /** Whether it counts for a worker; known once the connection is. */
  readonly isIdentified?: boolean;
}

/** The settings of one command. */
export interface Settings {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly impersonate: Impersonation;
  /** Absent: the namespace of the connection. */
  readonly namespace: string | undefined;
  /** Absent: no limit. */
  readonly timeout: Timeout | undefined;
  readonly output: OutputFormat;
  /** Absent: changes are anonymous. */
  readonly worker?: WorkerChoice | undefined;
  readonly call?: Call | undefined;
}

const DEFAULT_TIMEOUT: Timeout = { text: '60s', ms: 60_000 };

/** Reads flags and variables. An invalid variable is a usage error that names it. */
export function readSettings(command: Command, env: Environment): Settings {
  const flags: GlobalFlags = command.optsWithGlobals();
  return {
    kubeconfig: flags.kubeconfig || undefined,
    context: flags.context || undefined,
    impersonate: { user: flags.as, groups: flags.asGroup, uid: flags.asUid },
    namespace: flags.namespace || readVariable(command, env, 'KONDUCTOR_NAMESPACE', parseNamespace),
    timeout: flags.timeout ?? readVariable(command, env, 'KONDUCTOR_TIMEOUT', parseTimeout),
    output: readFormat(command),
    worker: takesWorker(command) ? readWorker(command, env) : undefined,
    call: readCall(command, env),
  };
}

function readCall(command: Command, env: Environment): Call | undefined {
  if (command.parent?.name() !== 'waitgroup') return undefined;
  const flags = command.opts();
  // Behind the name of run is its command.
  const isNamed = command.registeredArguments.length === 1 && flags.selector === undefined;
  const given = command.args.length > 0 ? command.args : [env.KONDUCTOR_WAITGROUP ?? ''];
  return { verb: command.name(), flags, names: isNamed ? given.map(withoutKind).filter(Boolean) : [] };
}

/** Gives commands that end soon a default timeout. */
export function withTimeLimit(settings: Settings, command: Command): Settings {
  return withSomeTime({ ...settings, timeout: settings.timeout ?? DEFAULT_TIMEOUT }, command);
}

/** Rejects a timeout of 0, which only wait accepts: it then checks once. */
export function withSomeTime(settings: Settings, command: Command): Settings {
  if (settings.timeout?.ms === 0)
    command.error(`only wait accepts a timeout of 0: give ${command.name()} a longer one, such as 10s`);
  return settings;
}

/** The value of -o. */
export function readFormat(command: Command): OutputFormat {
  return command.optsWithGlobals<GlobalFlags>().output;
}

/** Rejects -o for a command that prints no result. */
export function rejectFormat(command: Command): void {
  if (readFormat(command) !== 'text') command.error(`${command.name()} does not support -o`);
}

/** Reads the one name: the argument, else KONDUCTOR_WAITGROUP. */
export function readName(given: string | undefined, { env }: Run, command: Command): string {
  const name = given === undefined ? readVariable(command, env, 'KONDUCTOR_WAITGROUP', parseName) : undefined;
  if (given === undefined && name === undefined)
    command.error('no WaitGroup name: pass it as an argument, or set KONDUCTOR_WAITGROUP');
  return name ?? check(command, () => parseName(given ?? ''));
}

/** Reads the names, each once. */
export function readNames(given: readonly string[], run: Run, command: Command): string[] {
  if (given.length === 0) return [readName(undefined, run, command)];
  return [...new Set(given.map((name) => readName(name, run, command)))];
}
