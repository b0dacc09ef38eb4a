// The workloads that can work for a WaitGroup or wait for it, from any library of constructs, and edits of what they render.
import { ApiObject, JsonPatch } from 'cdk8s';
import { AbstractPod } from 'cdk8s-plus-27';
import { checkPod, type PodSpec } from './pod-template.ts';

/**
 * A Job, CronJob, Deployment, StatefulSet, DaemonSet or Pod: a construct of cdk8s-plus-27, or the API object itself, such as a
 * `KubeJob`, which has `parallelism` and `completions`. For a construct of another library, pass `ApiObject.of(workload)`.
 */
export type Workload = AbstractPod | ApiObject;

/** A rendered object, or a part of one. */
// biome-ignore lint/suspicious/noExplicitAny: rendered objects differ from kind to kind
export type Json = any;

/** The path of the pod template in each kind. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
};

/** Throws if the object has no pods. */
export function objectOf(workload: Workload): ApiObject {
  const object = ApiObject.of(workload);
  if (TEMPLATES[object.kind] === undefined)
    throw new Error(`${describe(object)}: has no pods; use one of ${Object.keys(TEMPLATES).join(', ')}`);
  return object;
}

/** An object as messages name it. */
export function describe({ kind, name, node }: ApiObject): string {
  return `${kind} ${name} (${node.path})`;
}

/** The service account of its pods, if it sets one other than by a JSON patch. */
export function accountNameOf(workload: Workload): string | undefined {
  if (workload instanceof AbstractPod) return workload.serviceAccount?.name;
  const object = objectOf(workload);
  const rendered = withoutPatches(object, () => object.toJson());
  return valueAt(rendered, [...templatePath(object), 'spec', 'serviceAccountName']);
}

/** Edits the pod at synthesis. An error of the edit begins with the workload. */
export function editPods(workload: Workload, edit: (pod: PodSpec) => PodSpec): void {
  const object = objectOf(workload);
  editRendered(object, [...templatePath(object), 'spec'], (pod) =>
    inWorkload(workload, () => {
      checkPod(pod);
      return edit(pod);
    }),
  );
}

/** Makes the message of an error begin with the workload that it is about. */
export function inWorkload<T>(workload: Workload, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${describe(objectOf(workload))}: ${(error as Error).message}`, { cause: error });
  }
}

type Edit = (rendered: Json) => Json;

/** In the order of the calls. */
const edits = new WeakMap<ApiObject, Edit[]>();

/** Edits a part of the object at synthesis. */
// cdk8s-plus-27 drops fields that Kubernetes 1.27 did not have, even from JSON patches: edit what it renders.
export function editRendered(object: ApiObject, path: readonly string[], edit: Edit): void {
  const known = edits.get(object) ?? renderEdited(object);
  known.push((rendered) => editAt(rendered, path, edit));
}

/** The user's JSON patches come last, whenever they were added: they apply to the object as it is written. */
function renderEdited(object: ApiObject): Edit[] {
  const own: Edit[] = [];
  edits.set(object, own);
  const render = object.toJson.bind(object);
  object.toJson = () =>
    withoutPatches(object, (patches) => {
      const edited = own.reduce((rendered, edit) => edit(rendered), render());
      // Patches change it in place, with what it shares with other objects.
      return inWorkload(object, () => JsonPatch.apply(structuredClone(edited), ...patches));
    });
  return own;
}

/** Takes them from the object, where they are private, while it is rendered. */
function withoutPatches(object: ApiObject, render: (patches: readonly JsonPatch[]) => Json): Json {
  const patches: JsonPatch[] = Reflect.get(object, 'patches');
  const taken = patches.splice(0);
  try {
    return render(taken);
  } finally {
    patches.push(...taken);
  }
}

function editAt(value: Json, [key, ...rest]: readonly string[], edit: Edit): Json {
  return key === undefined ? edit(value) : { ...value, [key]: editAt(value?.[key], rest, edit) };
}

function valueAt(value: Json, path: readonly string[]): Json {
  return path.reduce((inner, key) => inner?.[key], value);
}

/** The path of the pod template; empty for a Pod, which is its own. */
export const templatePath = ({ kind }: ApiObject): readonly string[] => TEMPLATES[kind] ?? [];
