// What the picture in the README shows, played on a real terminal before a real API server: ten workers, a waiter, and the end.
import { koncli } from '../../support/processes/koncli-process.ts';
import { RecordedTerminal, type Screen } from './terminal.ts';

const GROUP = 'batch-jobs';
const WORKERS = 10;

/** What the shell and the workers need: koncli and kubectl in the PATH, and a kubeconfig. */
export interface Scene {
  readonly env: NodeJS.ProcessEnv;
  readonly kubeconfig: string;
}

/** Every screen that differs from the one before it. Times are those of a run with a worker for each second. */
export async function recordStory({ env, kubeconfig }: Scene): Promise<Screen[]> {
  const terminal = new RecordedTerminal(env);
  const screens: Screen[] = [];
  try {
    screens.push(await terminal.type(`koncli waitgroup add ${GROUP} --delta ${WORKERS} --create --ttl 1h`));
    screens.push(await terminal.type(`koncli waitgroup wait ${GROUP} --timeout 30m`));
    screens.push(timed(await terminal.until('the bar', shows(0)), 0));
    for (let worker = 1; worker <= WORKERS; worker++) {
      const { code, stderr } = await koncli(['waitgroup', 'done', GROUP], { kubeconfig });
      if (code !== 0) throw new Error(`worker ${worker} cannot call done: ${stderr}`);
      // The last one ends the wait, and the bar with it.
      if (worker < WORKERS) screens.push(timed(await terminal.until(`done ${worker}`, shows(worker)), worker));
    }
    screens.push(await terminal.type(`kubectl get waitgroup ${GROUP}`));
    screens.push(timed(await terminal.until('the prompt', (line) => line === '$'), WORKERS));
  } finally {
    await terminal.close();
  }
  return screens;
}

const shows = (done: number) => (line: string) => line.includes(`${done} of ${WORKERS} done`);

/** Elapsed times and ages are of the moment. */
function timed(screen: Screen, seconds: number): Screen {
  return screen.map((line) =>
    line.map((span) => ({ ...span, text: span.text.replace(/(?<=, | {3})\d+(m\d+)?s$/, `${seconds}s`) })),
  );
}
