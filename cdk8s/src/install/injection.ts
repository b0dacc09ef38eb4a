// Injects koncli into labelled pods, for workloads that are not synthesized here: an admission policy in the API server adds it,
// without a webhook.
import { Construct } from 'constructs';
import { checkFields, checkOnlyOne, inConstruct, optional } from '../props/check-props.ts';
import { checkImage, checkSecretNames } from '../props/rules.ts';
import { VERSION } from '../version.ts';
import { WAIT_GROUP_LABEL } from '../wait-group/wait-group-reference.ts';
import { KONCLI_IMAGE } from '../workloads/images.ts';
import { IMAGE_MOUNT, imageVolume, KONCLI_DIRECTORY, KONCLI_VOLUME } from '../workloads/koncli-volume.ts';
import { addMutation, creation, IS_NO_MIRROR_POD, namespaceSelector } from './mutation.ts';

const NAME = 'koncli.konductor.io';
const VARIABLE = 'KONDUCTOR_WAITGROUP';

/** koncli does not run there. */
const IS_NOT_ON_WINDOWS = {
  name: 'is-not-on-windows',
  expression: `object.spec.?os.?name.orValue('') != 'windows' &&
  object.spec.?nodeSelector[?'kubernetes.io/os'].orValue('') != 'windows'
`,
};

/** Mount paths at or below koncli's as kubelets read them: relative ones begin at the root. A `..` may lead anywhere. */
const TAKEN = `^(([.]?/)*|(.*/)?[.]{2}/(.*/)?)${KONCLI_DIRECTORY.slice(1)}(/|$)`;

const labels = {
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/version': VERSION,
  'app.kubernetes.io/managed-by': 'cdk8s',
};

/** Props of {@link KonductorInjection}. */
export interface KonductorInjectionProps {
  /** The image of koncli. Default: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /**
   * Names of Secrets for pulling koncli, in addition to those of the pod and its service account. They are Secrets of the pod's
   * namespace; the kubelet ignores names that do not exist.
   */
  readonly imagePullSecrets?: string[];
}

/**
 * Injects koncli into every pod with the label {@link WAIT_GROUP_LABEL}: an image volume at /konductor, and the value of the
 * label in the variable KONDUCTOR_WAITGROUP, in all containers and init containers that have no such mount or variable of their
 * own. Once per cluster; requires Kubernetes 1.36 or later. Grants no permissions.
 */
export class KonductorInjection extends Construct {
  constructor(scope: Construct, id: string, props: KonductorInjectionProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorInjection', this);
    const rules = { koncliImage: optional(checkImage), imagePullSecrets: optional(checkSecretNames) };
    inConstruct('KonductorInjection', this, () => checkFields(props, rules));
    addMutation(this, { name: NAME, labels, spec: policy(props) });
  }
}

function policy(props: KonductorInjectionProps): object {
  return {
    matchConstraints: {
      resourceRules: [creation('', 'pods')],
      objectSelector: { matchExpressions: [{ key: WAIT_GROUP_LABEL, operator: 'Exists' }] },
      namespaceSelector,
    },
    matchConditions: [IS_NO_MIRROR_POD, IS_NOT_ON_WINDOWS],
    // A pod without koncli would fail later, or work uncounted; without a webhook, nothing can be unavailable.
    failurePolicy: 'Fail',
    // Covers containers that other mutations add later.
    reinvocationPolicy: 'IfNeeded',
    variables: [
      // Apart from the rest and first, so that a patch of it is short, as kustomize's transformer of images does not find it here.
      { name: 'image', expression: quote(props.koncliImage ?? KONCLI_IMAGE) },
      {
        name: 'volumes',
        expression: `has(object.spec.volumes) ? object.spec.volumes.filter(v, v.name == '${KONCLI_VOLUME}') : []`,
      },
      // Another volume of this name is filled by an init container for older clusters, and is mounted where it is needed.
      { name: 'isMounted', expression: 'variables.volumes.all(v, has(v.image))' },
    ],
    // The order matters: the second mutation adds the volume, and the first one skips pods that have it.
    mutations: [
      ...pullSecretsMutation(props),
      { patchType: 'ApplyConfiguration', applyConfiguration: { expression: podPatch(props) } },
    ],
  };
}

/**
 * Applies only to pods that get the volume: a pod that has it already names its Secrets, too. It is a JSON patch because the
 * API server allows no imagePullSecrets in an ApplyConfiguration.
 */
function pullSecretsMutation({ imagePullSecrets = [] }: KonductorInjectionProps): object[] {
  if (imagePullSecrets.length === 0) return [];
  const names = [...new Set(imagePullSecrets)].map(quote).join(', ');
  const path = '/spec/imagePullSecrets';
  // Secrets are added one by one: a patch that adds a whole list of objects panics in kube-apiserver 1.36.3.
  const expression = `variables.volumes.size() > 0 ? [] :
  (has(object.spec.imagePullSecrets) ? [] : [JSONPatch{op: "add", path: "${path}", value: []}]) +
  [${names}].filter(n, !has(object.spec.imagePullSecrets) || !object.spec.imagePullSecrets.exists(s, s.name == n))
    .map(n, JSONPatch{op: "add", path: "${path}/-", value: Object.spec.imagePullSecrets{name: n}})
`;
  return [{ patchType: 'JSONPatch', jsonPatch: { expression } }];
}

function podPatch({ koncliImage = KONCLI_IMAGE }: KonductorInjectionProps): string {
  const { name, image } = imageVolume(koncliImage);
  return `Object{spec: Object.spec{
  volumes: variables.volumes.size() > 0 ? [] : [Object.spec.volumes{
    name: ${quote(name)},
    image: Object.spec.volumes.image{reference: variables.image, pullPolicy: ${quote(image.pullPolicy)}}
  }],
  containers: ${containersPatch('containers')},
  initContainers: !has(object.spec.initContainers) ? [] : ${containersPatch('initContainers')}
}}
`;
}

/** Lists merge by name or mount path: a field that a container sets itself must not be in the patch, which would overwrite it. */
function containersPatch(list: 'containers' | 'initContainers'): string {
  const type = `Object.spec.${list}`;
  const { name, mountPath, subPath } = IMAGE_MOUNT;
  return `object.spec.${list}.map(c, ${type}{
    name: c.name,
    volumeMounts: !variables.isMounted || has(c.volumeMounts) && c.volumeMounts.exists(m, m.mountPath.matches('${TAKEN}')) ? [] :
      [${type}.volumeMounts{name: ${quote(name)}, mountPath: ${quote(mountPath)}, subPath: ${quote(subPath)}, readOnly: true}],
    env: has(c.env) && c.env.exists(e, e.name == '${VARIABLE}') ? [] :
      [${type}.env{name: '${VARIABLE}', value: object.metadata.labels['${WAIT_GROUP_LABEL}']}]
  })`;
}

/** A string literal of CEL. */
const quote = (text: string) => JSON.stringify(text);
