// The workloads that a WaitGroup knows how to make workers or waiters of, whichever library their constructs are from.
import { ApiObject } from 'cdk8s';
import { AbstractPod } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { listed, shown } from '../props/rules.ts';
import { checkPod, type PodSpec } from './pod-template.ts';

/**
 * A Job, CronJob, Deployment, StatefulSet, DaemonSet or Pod: a construct of cdk8s-plus, or the object itself, such as a
 * `KubeJob`, whose `parallelism` and `completions` cdk8s-plus-27 does not have. Of another version of cdk8s-plus, or of
 * another library: `ApiObject.of(workload)`.
 */
export type Workload = AbstractPod | ApiObject;

// biome-ignore lint/suspicious/noExplicitAny: rendered objects differ from kind to kind
type Json = any;

/** Where each kind has the template of its pods. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
};

const KINDS = listed(Object.keys(TEMPLATES), 'or');

/** Throws unless there are pods to be edited. */
export function objectOf(workload: Workload): ApiObject {
  if (!Construct.isConstruct(workload)) throw new Error(`a workload is ${shown(workload)}: give a ${KINDS}`);
  const object = findObject(workload);
  if (TEMPLATES[object.kind] === undefined)
    throw new Error(`${describe(object)}: has no pods to count: give a ${KINDS}`);
  return object;
}

/** A chart, or a construct of many objects, has none that is its own. */
function findObject(workload: Construct): ApiObject {
  try {
    return ApiObject.of(workload);
  } catch (cause) {
    throw new Error(`${workload.node.path} is no workload: give a ${KINDS}`, { cause });
  }
}

/** As messages name it. */
export function describe({ kind, name, node }: ApiObject): string {
  return `${kind} ${name} (${node.path})`;
}

/** The service account that its pods run as; absent: it has none of its own. */
export function accountNameOf(workload: Workload): string | undefined {
  if (workload instanceof AbstractPod) return workload.serviceAccount?.name;
  const object = objectOf(workload);
  return valueAt(object.toJson(), [...templatePath(object), 'spec', 'serviceAccountName']);
}

/** Labels the object, the template of its pods and, of a CronJob, that of its Jobs. */
export function addLabel(workload: Workload, key: string, value: string): void {
  const object = objectOf(workload);
  object.metadata.addLabel(key, value);
  const label = (owner: Json) => ({
    ...owner,
    metadata: { ...owner.metadata, labels: { ...owner.metadata?.labels, [key]: value } },
  });
  if (object.kind === 'CronJob') editRendered(object, ['spec', 'jobTemplate'], label);
  editRendered(object, templatePath(object), label);
}

/** Edits the pod as it is rendered; what the edit throws is told of the workload. */
export function editPods(workload: Workload, edit: (pod: PodSpec) => PodSpec): void {
  const object = objectOf(workload);
  editRendered(object, [...templatePath(object), 'spec'], (pod) =>
    tellOf(workload, () => {
      checkPod(pod);
      return edit(pod);
    }),
  );
}

/** Has what a check throws begin with the workload that it is about. */
export function tellOf<T>(workload: Workload, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${describe(objectOf(workload))}: ${(error as Error).message}`, { cause: error });
  }
}

// cdk8s-plus-27 drops the fields that Kubernetes 1.27 did not have, from JSON patches too: edit what it renders.
function editRendered(object: ApiObject, path: readonly string[], edit: (value: Json) => Json): void {
  const render = object.toJson.bind(object);
  object.toJson = () => editAt(render(), path, edit);
}

function editAt(value: Json, [key, ...rest]: readonly string[], edit: (value: Json) => Json): Json {
  return key === undefined ? edit(value) : { ...value, [key]: editAt(value?.[key], rest, edit) };
}

function valueAt(value: Json, path: readonly string[]): Json {
  return path.reduce((inner, key) => inner?.[key], value);
}

const templatePath = ({ kind }: ApiObject): readonly string[] => TEMPLATES[kind] ?? [];
