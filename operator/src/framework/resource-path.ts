// The REST paths of any resource, from what the framework knows of it.
import type { ResourceMeta } from './dot-i.ts';

export interface ResourceLocation {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string | undefined;
  readonly name?: string;
}

export function resourcePath({ group, version, plural, namespace, name }: ResourceLocation): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const scope = namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${plural}${name ? `/${encodeURIComponent(name)}` : ''}`;
}

/** The path of the object that the framework's meta stands for; its id is `plural.group/version`. */
export function metaPath({ id, apiVersion, namespace, name }: ResourceMeta): string {
  const plural = id.slice(0, -apiVersion.length - 1);
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return resourcePath({ group, version, plural, namespace, name });
}
