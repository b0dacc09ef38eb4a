// A server of the control plane that can be stopped and started again, on the same port and data.
import { onFreePort } from './ports.ts';
import type { ServerProcess } from './server-process.ts';

export interface RestartableServer {
  readonly url: string;
  /** Undefined while it is stopped. */
  readonly pid: number | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** `launch` starts it on this port, and returns when it is ready. */
export async function startRestartable(launch: (port: number) => Promise<ServerProcess>): Promise<RestartableServer> {
  const first = await onFreePort(async (port) => ({ port, process: await launch(port) }));
  let running: ServerProcess | undefined = first.process;
  return {
    url: `https://127.0.0.1:${first.port}`,
    get pid() {
      return running?.pid;
    },
    async start() {
      running ??= await launch(first.port);
    },
    async stop() {
      const stopping = running;
      running = undefined;
      await stopping?.stop();
    },
  };
}
