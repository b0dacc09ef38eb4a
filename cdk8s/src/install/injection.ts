// Koncli by label, for workloads that nobody synthesizes: the API server itself adds it to labelled pods, without a webhook.
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { checkImage, checkOnlyOne, checkSecretNames } from '../props/rules.ts';
import { checkProps, optional, type Shape } from '../props/shapes.ts';
import { VERSION } from '../version.ts';
import { WAIT_GROUP_LABEL } from '../wait-group/wait-group-reference.ts';
import { IMAGE_MOUNT, imageVolume, KONCLI_DIRECTORY, KONCLI_IMAGE, KONCLI_VOLUME } from '../workloads/koncli-volume.ts';

const NAME = 'koncli.konductor.io';
const VARIABLE = 'KONDUCTOR_WAITGROUP';
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** With the default scope, without which every client-side apply would say "configured". */
const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: '*' };

const metadata = {
  name: NAME,
  labels: {
    'app.kubernetes.io/part-of': 'konductor',
    'app.kubernetes.io/version': VERSION,
    'app.kubernetes.io/managed-by': 'cdk8s',
  },
};

/** For {@link KonductorInjection}. */
export interface KonductorInjectionProps {
  /** Absent: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /**
   * Secrets with which the kubelet pulls koncli, beside those that a pod and its service account name. Each is one of the
   * pod's namespace: where there is none of that name, the kubelet goes on without it.
   */
  readonly imagePullSecrets?: readonly string[];
}

/**
 * Gives every pod with the label {@link WAIT_GROUP_LABEL} koncli at /konductor, as an image volume, and the label's value in
 * KONDUCTOR_WAITGROUP: in all containers and init containers that have no mount there and no such variable of their own. One
 * to a cluster; it needs Kubernetes 1.36 or newer. Grants nothing.
 */
export class KonductorInjection extends Construct {
  constructor(scope: Construct, id: string, props: KonductorInjectionProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorInjection', this);
    checkProps('KonductorInjection', this, props, SHAPE);
    const spec = policy(props);
    new ApiObject(this, 'Policy', { apiVersion: API_VERSION, kind: 'MutatingAdmissionPolicy', metadata, spec });
    new ApiObject(this, 'Binding', {
      apiVersion: API_VERSION,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: NAME },
    });
  }
}

const SHAPE: Shape<KonductorInjectionProps> = {
  koncliImage: optional(checkImage),
  imagePullSecrets: optional(checkSecretNames),
};

function policy(props: KonductorInjectionProps): object {
  return {
    matchConstraints: {
      resourceRules: [PODS],
      objectSelector: { matchExpressions: [{ key: WAIT_GROUP_LABEL, operator: 'Exists' }] },
    },
    // What the kubelet shows of a static pod: the pod itself came from elsewhere and runs already.
    matchConditions: [
      {
        name: 'is-no-mirror-pod',
        expression:
          "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
      },
    ],
    // A pod without koncli would fail later, or work uncounted; and as no webhook is called, none can be away.
    failurePolicy: 'Fail',
    // Whatever adds containers after it has them looked at as well.
    reinvocationPolicy: 'IfNeeded',
    variables: [
      {
        name: 'volumes',
        expression: `has(object.spec.volumes) ? object.spec.volumes.filter(v, v.name == '${KONCLI_VOLUME}') : []`,
      },
      // Another one of this name is filled by an init container, as older clusters need it, which mounts it where it has to be.
      { name: 'isMounted', expression: 'variables.volumes.all(v, has(v.image))' },
    ],
    // In this order: the second one brings the volume, by which the first knows whom to leave alone.
    mutations: [
      ...pullSecretsMutation(props),
      { patchType: 'ApplyConfiguration', applyConfiguration: { expression: podPatch(props) } },
    ],
  };
}

/** For pods that are given the volume, as who brings it names Secrets too. The API server lets no ApplyConfiguration name any. */
function pullSecretsMutation({ imagePullSecrets = [] }: KonductorInjectionProps): object[] {
  if (imagePullSecrets.length === 0) return [];
  const names = [...new Set(imagePullSecrets)].map(quote).join(', ');
  const path = '/spec/imagePullSecrets';
  // One by one: a patch that adds a whole list of objects is a panic in kube-apiserver 1.36.3.
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
    image: Object.spec.volumes.image{reference: ${quote(image.reference)}, pullPolicy: ${quote(image.pullPolicy)}}
  }],
  containers: ${containersPatch('containers')},
  initContainers: !has(object.spec.initContainers) ? [] : ${containersPatch('initContainers')}
}}
`;
}

/** Merges by name, path and name: what a container has of its own must not be named here, or it would be overwritten. */
function containersPatch(list: 'containers' | 'initContainers'): string {
  const type = `Object.spec.${list}`;
  const { name, mountPath, subPath } = IMAGE_MOUNT;
  return `object.spec.${list}.map(c, ${type}{
    name: c.name,
    volumeMounts: !variables.isMounted || has(c.volumeMounts) && c.volumeMounts.exists(m, m.mountPath.matches('^/+${KONCLI_DIRECTORY.slice(1)}(/|$)')) ? [] :
      [${type}.volumeMounts{name: ${quote(name)}, mountPath: ${quote(mountPath)}, subPath: ${quote(subPath)}, readOnly: true}],
    env: has(c.env) && c.env.exists(e, e.name == '${VARIABLE}') ? [] :
      [${type}.env{name: '${VARIABLE}', value: object.metadata.labels['${WAIT_GROUP_LABEL}']}]
  })`;
}

/** A string of CEL. */
const quote = (text: string) => JSON.stringify(text);
