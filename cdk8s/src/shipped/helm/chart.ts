// The Helm chart, made from the same constructs as install.yaml: which files there are, and their content, in memory.
import { App, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { KonductorInjection } from '../../install/injection.ts';
import { KonductorOperator } from '../../install/konductor-operator.ts';
import { KonductorMonitoring } from '../../install/monitoring.ts';
import type { KonductorOperatorProps } from '../../install/operator-props.ts';
import { KONCLI_IMAGE } from '../../workloads/images.ts';
import { certificateTemplate } from './certificate.ts';
import { chartYaml } from './chart-yaml.ts';
import { doctorTemplate } from './doctor.ts';
import {
  CERTIFICATE_SECRET,
  helpers,
  imageOf,
  KONCLI,
  PULL_SECRET_NAMES,
  PULL_SECRETS,
  unlessFalse,
} from './helpers.ts';
import type { KubeObject } from './kube-object.ts';
import { notes } from './notes.ts';
import { readme } from './readme.ts';
import { conditional, template, variantsTemplate } from './templates.ts';
import { values } from './values.ts';
import { valuesSchema, valuesYaml } from './values-files.ts';

const GENERATED = 'Generated from cdk8s/src by "npm run synth".';
const CRD = 'CustomResourceDefinition';
/** Stands for a value. */
const FILLED_IN = 'filled-in-by-helm';

/** The text of every file by its path within the chart, the same in every run. */
export function synthesizeHelmChart(): ReadonlyMap<string, string> {
  return new Map([
    ['Chart.yaml', `# ${GENERATED}\n${chartYaml}`],
    ['README.md', readme],
    ['values.yaml', `# ${GENERATED}\n\n${valuesYaml(values)}`],
    ['values.schema.json', `${JSON.stringify(valuesSchema(values), null, 2)}\n`],
    ['templates/_helpers.tpl', helpers],
    // A template, because Helm never upgrades the folder crds.
    ['templates/crd.yaml', crdTemplate()],
    ['templates/operator.yaml', operatorTemplate()],
    ['templates/certificate.yaml', certificateTemplate()],
    ['templates/injection.yaml', injectionTemplate()],
    ['templates/tests/doctor.yaml', doctorTemplate()],
    ['templates/NOTES.txt', notes],
  ]);
}

function synthesize(add: (scope: Construct) => void): KubeObject[] {
  const chart = new Chart(new App(), 'chart');
  add(chart);
  return chart.toJson();
}

const installedObjects = (props: KonductorOperatorProps = {}, caSecret?: string) =>
  synthesize((scope) => {
    new KonductorOperator(scope, 'KonductorOperator', { ...props, hold: {}, disruptionBudget: true });
    new KonductorMonitoring(scope, 'KonductorMonitoring', caSecret === undefined ? {} : { caSecret });
  });

/** Deleting the CRDs would delete every WaitGroup of the cluster. */
function crdTemplate(): string {
  const crds = installedObjects().filter(({ kind }) => kind === CRD);
  const keep = '{helm.sh/resource-policy: keep}';
  const texts = crds.map((crd) =>
    template(crd, {
      change: (p) => [JsonPatch.add('/metadata/annotations', p.when(unlessFalse('(.Values.crds).keep'), keep))],
    }),
  );
  return conditional(unlessFalse('(.Values.crds).enabled'), texts.join(''));
}

/** The namespace of the release exists before the chart is installed, and Helm adopts no objects that it did not create. */
const isOwn = ({ kind }: KubeObject) => kind !== CRD && kind !== 'Namespace';

function operatorTemplate(): string {
  const secured = installedObjects({ secureMetrics: { certificateSecret: FILLED_IN } }, FILLED_IN);
  return variantsTemplate(CERTIFICATE_SECRET, secured.filter(isOwn), installedObjects().filter(isOwn));
}

function injectionTemplate(): string {
  const inject = (imagePullSecrets: string[]) =>
    synthesize((scope) => new KonductorInjection(scope, 'KonductorInjection', { imagePullSecrets }));
  const text = variantsTemplate(PULL_SECRETS, inject([FILLED_IN]), inject([]));
  return text
    .replaceAll(`["${FILLED_IN}"]`, `{{ ${PULL_SECRET_NAMES} }}`)
    .replaceAll(`"${KONCLI_IMAGE}"`, `{{ ${imageOf(KONCLI)} | quote }}`)
    .replaceAll('pullPolicy: "IfNotPresent"', `pullPolicy: {{ (${KONCLI}).pullPolicy | quote }}`);
}
