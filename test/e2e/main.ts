// `npm run test:e2e -- --context NAME`: installs, uses, upgrades and removes Konductor on a real cluster.
import { Cluster } from './cluster.ts';
import { readManifests } from './manifests.ts';
import { type E2eOptions, parseOptions, USAGE } from './options.ts';
import { describeTrouble, foundInstalled, newNamespace, remove, steps } from './scenario.ts';
import type { Scenario } from './step.ts';

const INTERRUPTED = 130;

// It removes what it created, whatever ends it; a second signal does not cut that short.
let isInterrupted = false;
function interrupt(): void {
  if (!isInterrupted) say('interrupted: what was made is removed after this step');
  isInterrupted = true;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: E2eOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    say(`${(error as Error).message}\n${USAGE}`);
    return 1;
  }
  const namespace = newNamespace();
  const scenario = { cluster: new Cluster(options.context), manifests: readManifests(options), namespace };
  announce(options, namespace);
  try {
    const found = await foundInstalled(scenario);
    if (found) throw new Error(`the cluster has these already, and this run would remove them:\n${found.trimEnd()}`);
  } catch (error) {
    say(`nothing was done: ${(error as Error).message}`);
    return 1;
  }
  const succeeded = await runSteps(scenario);
  const removed = await timed('remove all of it, and look for what is left', () => removeAll(scenario));
  if (isInterrupted) return INTERRUPTED;
  return succeeded && removed ? 0 : 1;
}

function announce({ context, operatorImage, koncliImage, image }: E2eOptions, namespace: string): void {
  say(`on the cluster of the context ${context}, in the namespaces konductor-system and ${namespace}, this run will`);
  for (const { title } of steps) say(`  ${title}`);
  say('  remove all of it, and look for what is left');
  say(`with ${operatorImage}, ${koncliImage} and ${image}`);
}

async function runSteps(scenario: Scenario): Promise<boolean> {
  for (const { title, run } of steps) {
    if (isInterrupted) return false;
    if (await timed(title, () => run(scenario))) continue;
    say(await describeTrouble(scenario));
    return false;
  }
  return true;
}

async function removeAll(scenario: Scenario): Promise<void> {
  const left = await remove(scenario);
  if (left) throw new Error(`these are left:\n${left.trimEnd()}`);
}

async function timed(title: string, act: () => Promise<void>): Promise<boolean> {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    await act();
    say(`ok      ${title} (${seconds()})`);
    return true;
  } catch (error) {
    say(`FAILED  ${title} (${seconds()}): ${(error as Error).message}`);
    return false;
  }
}

function say(text: string): void {
  console.log(text);
}
