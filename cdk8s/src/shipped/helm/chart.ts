// The Helm chart, made from the same constructs as install.yaml: which files there are, and their content, in memory.
import { App, Chart } from 'cdk8s';
import { KonductorOperator } from '../../install/konductor-operator.ts';
import { NAMESPACE, OPERATOR_NAME } from '../../install/operator-deployment.ts';
import type { KonductorOperatorProps } from '../../install/operator-props.ts';
import { VERSION } from '../../version.ts';
import { REPOSITORY } from '../../workloads/images.ts';
import { installTemplate, type KubeObject, NAMESPACE_VALUE, template } from './templates.ts';
import { valuesSchema, valuesYaml } from './values.ts';

const GENERATED = 'Generated from cdk8s/src by "npm run synth".';
const CRD = 'CustomResourceDefinition';
/** Stands for a value. */
const FILLED_IN = 'filled-in-by-helm';

/** The text of every file by its path within the chart, the same in every run. */
export function synthesizeHelmChart(): ReadonlyMap<string, string> {
  const plain = installedObjects();
  const secured = installedObjects({ secureMetrics: { certificateSecret: FILLED_IN }, hold: {} });
  return new Map([
    ['Chart.yaml', `# ${GENERATED}\n${chartYaml}`],
    ['values.yaml', `# ${GENERATED}\n${valuesYaml(`${REPOSITORY}/operator`)}`],
    ['values.schema.json', `${JSON.stringify(valuesSchema, null, 2)}\n`],
    // A template, because Helm never upgrades the folder crds.
    ['templates/crd.yaml', template(plain.filter(({ kind }) => kind === CRD).map(kept))],
    ['templates/operator.yaml', installTemplate(secured.filter(isOwn), plain.filter(isOwn))],
    ['templates/NOTES.txt', notes],
  ]);
}

function installedObjects(props: KonductorOperatorProps = {}): KubeObject[] {
  const chart = new Chart(new App(), 'chart');
  new KonductorOperator(chart, 'KonductorOperator', { ...props, imagePullSecrets: [FILLED_IN] });
  return chart.toJson();
}

/** The namespace of the release exists before the chart is installed, and Helm adopts no objects that it did not create. */
const isOwn = ({ kind }: KubeObject) => kind !== CRD && kind !== 'Namespace';

/** Deleting the CRDs would delete every WaitGroup of the cluster. */
function kept(object: KubeObject): KubeObject {
  const annotations = { 'helm.sh/resource-policy': 'keep' };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

const chartYaml = `apiVersion: v2
name: konductor
description: The operator of Konductor WaitGroups, their CRDs, and ClusterRoles for users
type: application
version: ${VERSION}
appVersion: ${VERSION}
# Required by the ValidatingAdmissionPolicies.
kubeVersion: '>=1.31.0-0'
home: https://github.com/konductor-io/waitgroup
`;

const notes = `Konductor {{ .Chart.AppVersion }} is installed; its operator is starting:

  kubectl rollout status -n {{ ${NAMESPACE_VALUE} }} deployment/${OPERATOR_NAME}
  koncli doctor
{{- if ne (${NAMESPACE_VALUE}) "${NAMESPACE}" }}

If you cannot list Deployments in all namespaces, pass the namespace of the operator: koncli doctor -n {{ ${NAMESPACE_VALUE} }}
{{- end }}

Uninstalling the release keeps the CRDs and all WaitGroups. To delete them:

  kubectl delete crd waitgroups.konductor.io waitgroupworkers.konductor.io
`;
