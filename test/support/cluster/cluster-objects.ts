// All objects of a cluster, of every kind, to check what an installation leaves behind.
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';

const LINE = 'jsonpath={range .items[*]}{.apiVersion} {.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}';

/** One line for each, sorted. Events are left out: they go by themselves, after an hour. */
export async function listClusterObjects(access: KubectlAccess): Promise<string[]> {
  const kinds = (await kubectlOutput(access, ['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
  const lasting = kinds.filter((kind) => !/^events(\.|$)/.test(kind));
  const lines = await kubectlOutput(access, ['get', lasting.join(','), '-A', '--ignore-not-found', '-o', LINE]);
  return lines.trim().split('\n').sort();
}
