// The Helm chart, made of the same constructs as install.yaml: which files there are and what is in them, all in memory.
import { App, Chart } from 'cdk8s';
import { KonductorOperator } from '../../install/konductor-operator.ts';
import { NAMESPACE, OPERATOR_IMAGE, OPERATOR_NAME } from '../../install/operator-deployment.ts';
import { VERSION } from '../../version.ts';
import { type KubeObject, NAMESPACE_VALUE, template, valuesTemplate } from './templates.ts';
import { valuesSchema, valuesYaml } from './values.ts';

const GENERATED = 'Generated from cdk8s/src by "npm run synth".';
const CRD = 'CustomResourceDefinition';

/** The text of every file by its path within the chart, the same in every run. */
export function synthesizeHelmChart(): ReadonlyMap<string, string> {
  const objects = installedObjects();
  const crds = objects.filter(({ kind }) => kind === CRD).map(kept);
  // The release's namespace is there before the chart, and Helm takes nothing over that others made.
  const rest = objects.filter(({ kind }) => kind !== CRD && kind !== 'Namespace');
  return new Map([
    ['Chart.yaml', `# ${GENERATED}\n${chartYaml}`],
    ['values.yaml', `# ${GENERATED}\n${valuesYaml(OPERATOR_IMAGE.replace(`:${VERSION}`, ''))}`],
    ['values.schema.json', `${JSON.stringify(valuesSchema, null, 2)}\n`],
    // Among the templates, as Helm never upgrades what is in the folder crds.
    ['templates/crd.yaml', template(crds)],
    ['templates/operator.yaml', valuesTemplate(rest)],
    ['templates/NOTES.txt', notes],
  ]);
}

function installedObjects(): KubeObject[] {
  const chart = new Chart(new App(), 'chart');
  new KonductorOperator(chart, 'KonductorOperator', { imagePullSecrets: ['filled-in-by-helm'] });
  return chart.toJson();
}

/** With the CRD, every WaitGroup of the cluster would go. */
function kept(object: KubeObject): KubeObject {
  const annotations = { 'helm.sh/resource-policy': 'keep' };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

const chartYaml = `apiVersion: v2
name: konductor
description: The operator of Konductor WaitGroups, their CRD, and roles for people
type: application
version: ${VERSION}
appVersion: ${VERSION}
# For the CEL rules of the CRD.
kubeVersion: '>=1.29.0-0'
home: https://github.com/konductor-io/waitgroup
`;

const notes = `Konductor {{ .Chart.AppVersion }} is installed; its operator is coming up:

  kubectl rollout status -n {{ ${NAMESPACE_VALUE} }} deployment/${OPERATOR_NAME}
  koncli doctor
{{- if ne (${NAMESPACE_VALUE}) "${NAMESPACE}" }}

Who may not look into all namespaces tells koncli where the operator is: koncli doctor -n {{ ${NAMESPACE_VALUE} }}
{{- end }}

The CRD, and with it every WaitGroup, stays when the release is uninstalled. To delete them all:

  kubectl delete crd waitgroups.konductor.io
`;
