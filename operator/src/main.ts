// The entry point: arguments, environment, signals and exit codes, which only this file handles.
import { constants, hostname } from 'node:os';
import { parseArguments } from './flags/options.ts';
import { createLogger } from './framework/process-logger.ts';

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (parsed.kind === 'licenses') {
    const licenses = await readLicenses();
    // More than a pipe takes at once.
    await new Promise((resolve) => process.stdout.write(licenses, resolve));
    return 0;
  }
  if (parsed.kind === 'exit') {
    process.stdout.write(parsed.stdout);
    process.stderr.write(parsed.stderr);
    return parsed.code;
  }
  // The framework's constructor always loads the default kubeconfig.
  if (parsed.options.kubeconfig) process.env.KUBECONFIG = parsed.options.kubeconfig;
  const { runOperator } = await import('./run.ts');
  const logger = createLogger(parsed.options.logLevel);
  try {
    await runOperator(parsed.options, { env: process.env, hostname: hostname(), logger, stop: stopSignal() });
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Servers and files are quoted in it.
    process.stderr.write(`konductor-operator: ${message.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')}\n`);
    return 1;
  }
}

/** The build embeds them in the executable, which is the only file. */
async function readLicenses(): Promise<string> {
  const [embedded]: readonly Blob[] = Reflect.get(globalThis, 'Bun')?.embeddedFiles ?? [];
  if (!embedded) throw new Error('only the executable contains its licenses');
  return embedded.text();
}

/** Aborted by SIGTERM or SIGINT; a second signal ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
      controller.abort(name);
    });
  }
  return controller.signal;
}

main().then((code) => process.exit(code));
