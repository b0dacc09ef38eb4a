// npm run bench [-- SECTION…]: speed and memory beside kubectl in the same run. Figures are of this machine and this moment;
// the ratios are what to compare. Each section is a file of its own, by default all are run.
import { startControlPlane } from '../control-plane/index.ts';
import { INSTALL_MANIFEST } from '../demo/manifests.ts';
import { koncliPath } from '../support/processes/executables.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import type { Bench, Section } from './section.ts';

const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  cli: async () => (await import('./cli.ts')).benchCli,
  wait: async () => (await import('./wait.ts')).benchWait,
  contention: async () => (await import('./contention.ts')).benchContention,
  operator: async () => (await import('./operator.ts')).benchOperator,
  workers: async () => (await import('./workers.ts')).benchWorkers,
  hold: async () => (await import('./hold.ts')).benchHold,
  lifecycle: async () => (await import('./lifecycle.ts')).benchLifecycle,
};
/** Too long to be run unless they are named. */
const BY_NAME: typeof SECTIONS = {
  soak: async () => (await import('./soak.ts')).benchSoak,
};
const ALL = { ...SECTIONS, ...BY_NAME };

const names = process.argv.slice(2);
const unknown = names.find((name) => !ALL[name]);
if (unknown !== undefined) {
  console.error(`bench: no section is called "${unknown}": choose from ${Object.keys(ALL).join(', ')}`);
  process.exit(1);
}
const sections = await loadSections(names.length > 0 ? names : Object.keys(SECTIONS));
const controlPlane = await startControlPlane({
  auditBodies: false,
  log: (line) => process.stderr.write(`bench: ${line}\n`),
});
try {
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', INSTALL_MANIFEST]);
  await kubectlOutput(controlPlane, ['wait', '--for=condition=Established', 'crd/waitgroups.konductor.io']);
  const { kubeconfig, kubectl } = controlPlane;
  const bench: Bench = {
    controlPlane,
    koncli: koncliPath(),
    kubectl,
    env: { ...process.env, KUBECONFIG: kubeconfig },
  };
  for (const [name, section] of sections) {
    console.log(`\n## ${name}`);
    await section(bench);
  }
} finally {
  await controlPlane.stop();
}

function loadSections(names: readonly string[]): Promise<[string, Section][]> {
  const chosen = Object.entries(ALL).filter(([name]) => names.includes(name));
  return Promise.all(chosen.map(async ([name, load]): Promise<[string, Section]> => [name, await load()]));
}
