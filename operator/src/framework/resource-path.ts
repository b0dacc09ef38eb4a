// The REST path of the object that the framework's meta stands for.
import { resourcePath } from '@konductor/client';
import type { ResourceMeta } from './dot-i.ts';

/** The meta's id is `plural.group/version`. */
export function metaPath({ id, apiVersion, namespace, name }: ResourceMeta): string {
  return resourcePath({ apiVersion, resource: id.slice(0, -apiVersion.length - 1), namespace, name });
}
