// Runs an exec plugin of a kubeconfig for credentials, as client-go does, and keeps them until they expire:
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';

/** The `exec` of a kubeconfig's user. */
export interface ExecConfig {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
  readonly provideClusterInfo?: boolean;
}

/** What a plugin prints: a token, or a certificate and its key in PEM. */
export interface ExecStatus {
  readonly expirationTimestamp?: string;
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
}

export interface ExecEnvironment {
  /** The folder of the kubeconfig: a command with a slash is relative to it. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called for plugins with `provideClusterInfo`. */
  readonly cluster: () => object;
}

const DEFAULT_API_VERSION = 'client.authentication.k8s.io/v1';
const API_VERSIONS = [DEFAULT_API_VERSION, 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'];

export class ExecPlugin {
  readonly #config: ExecConfig;
  readonly #environment: ExecEnvironment;
  #status: Promise<ExecStatus> | undefined;
  #expiresAtMs = Number.POSITIVE_INFINITY;

  constructor(config: ExecConfig, environment: ExecEnvironment) {
    this.#config = config;
    this.#environment = environment;
  }

  /** Concurrent calls share one run of the plugin. */
  status(): Promise<ExecStatus> {
    if (Date.now() >= this.#expiresAtMs) this.#status = undefined;
    this.#status ??= this.#ask();
    return this.#status;
  }

  async #ask(): Promise<ExecStatus> {
    this.#expiresAtMs = Number.POSITIVE_INFINITY;
    try {
      const status = parseStatus(await this.#run(), this.#config);
      if (status.expirationTimestamp) this.#expiresAtMs = Date.parse(status.expirationTimestamp);
      return status;
    } catch (error) {
      this.#status = undefined;
      throw error;
    }
  }

  /** Resolves with its stdout. Its stderr is this process's, so users see its messages as they come. */
  async #run(): Promise<string> {
    const { command = '', args } = this.#config;
    const problem = problemOf(this.#config);
    if (problem) throw new Error(`the exec plugin${command && ` ${command}`} ${problem}`);
    const { directory, env } = this.#environment;
    const isPath = command.includes('/') && !isAbsolute(command);
    const isInteractive = canPrompt(this.#config);
    const child = spawn(isPath ? resolve(directory, command) : command, args ?? [], {
      env: { ...env, ...variablesOf(this.#config), KUBERNETES_EXEC_INFO: this.#info(isInteractive) },
      stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'close').catch((error: Error) => {
      throw new Error(`${nameOf(this.#config)} cannot be run: ${error.message}${hintOf(this.#config)}`, {
        cause: error,
      });
    });
    const [printed, [code, signal]] = await whileAlive(child, Promise.all([text(child.stdout), exit]));
    if (code === 0) return printed;
    throw new Error(
      `${nameOf(this.#config)} ${signal ? `was terminated by ${signal}` : `failed with exit code ${code}`}`,
    );
  }

  #info(interactive: boolean): string {
    const { apiVersion = DEFAULT_API_VERSION, provideClusterInfo = false } = this.#config;
    const spec = { interactive, ...(provideClusterInfo && { cluster: this.#environment.cluster() }) };
    return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  }
}

/** Returns what is wrong, as the end of a sentence. A missing apiVersion or interactiveMode does no harm. */
function problemOf(config: ExecConfig): string | undefined {
  const { command, apiVersion = DEFAULT_API_VERSION, interactiveMode = 'Never', args, env } = config;
  if (!command) return 'names no command';
  if (!API_VERSIONS.includes(apiVersion)) return `has the apiVersion ${apiVersion}: set ${DEFAULT_API_VERSION}`;
  if (!INTERACTIVE_MODES.includes(interactiveMode))
    return `has the interactiveMode ${interactiveMode}: set one of ${INTERACTIVE_MODES.join(', ')}`;
  if (![args ?? [], env ?? []].every(Array.isArray)) return 'has args or env that are not a list';
  return undefined;
}

/** Ends the plugin with this process, whose stderr it holds. */
async function whileAlive<T>(child: ChildProcess, pending: Promise<T>): Promise<T> {
  const kill = () => child.kill();
  process.once('exit', kill);
  try {
    return await pending;
  } finally {
    process.off('exit', kill);
  }
}

/** Whether it may prompt on a terminal. */
function canPrompt(config: ExecConfig): boolean {
  const { interactiveMode = 'IfAvailable' } = config;
  const isTerminal = interactiveMode !== 'Never' && isatty(0);
  if (interactiveMode === 'Always' && !isTerminal)
    throw new Error(`${nameOf(config)} needs a terminal to prompt on (interactiveMode: Always), and stdin is not one`);
  return isTerminal;
}

function variablesOf({ env }: ExecConfig): Record<string, string> {
  return Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
}

function parseStatus(printed: string, config: ExecConfig): ExecStatus {
  const { apiVersion = DEFAULT_API_VERSION } = config;
  const credential = parse(printed);
  const { token, clientCertificateData, clientKeyData } = credential?.status ?? {};
  const isUsable = token || (clientCertificateData && clientKeyData);
  if (credential?.kind === 'ExecCredential' && credential.status && isUsable) return credential.status;
  throw new Error(
    `${nameOf(config)} printed no ExecCredential of ${apiVersion} with a token, or a certificate and its key`,
  );
}

function parse(printed: string): { readonly kind?: string; readonly status?: ExecStatus } | null {
  try {
    return JSON.parse(printed);
  } catch {
    return null;
  }
}

function nameOf({ command }: ExecConfig): string {
  return `the exec plugin ${command}`;
}

function hintOf({ installHint }: ExecConfig): string {
  const [hint] = installHint?.trim().split('\n') ?? [];
  return hint ? `: ${hint}` : '';
}
