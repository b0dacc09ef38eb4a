// The CRDs of Argo Workflows and of Tekton, as their projects define them, from their Go modules.
import { join } from 'node:path';
import { goModuleFolder } from '../../control-plane/index.ts';
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';
import { areServed } from './crd.ts';

const ARGO = 'github.com/argoproj/argo-workflows/v4@v4.0.5';
const ARGO_SUM = 'h1:/1lru5oXUd+k6KEDUps6rLX5OKfi1jTfabgXTly/VFU=';
const TEKTON = 'github.com/tektoncd/pipeline@v1.9.0';
const TEKTON_SUM = 'h1:f/5Vwq1bF4eQQk3hiE7Y5fMvq1nJRTxqqhq5E9YZBeQ=';

/** The kinds that the guide has; fifteen megabytes are downloaded, the first time. */
export async function installWorkflowCrds(access: KubectlAccess): Promise<void> {
  const argo = join(await goModuleFolder(ARGO, ARGO_SUM), 'manifests/base/crds/full');
  const tekton = join(await goModuleFolder(TEKTON, TEKTON_SUM), 'config/300-crds');
  const tektonFiles = ['task', 'pipeline', 'pipelinerun'].map((kind) => join(tekton, `300-${kind}.yaml`));
  const files = [join(argo, 'argoproj.io_workflows.yaml'), ...tektonFiles].flatMap((file) => ['-f', file]);
  await kubectlOutput(access, ['apply', '--server-side', ...files]);
  await areServed(access, 'workflows.argoproj.io,tasks.tekton.dev,pipelines.tekton.dev,pipelineruns.tekton.dev');
}
