// Requests and limits of containers as props take them, and as fields of a container.
import { k8s } from 'cdk8s-plus-27';

/** Amounts of resources. */
export interface ResourceAmounts {
  /** For example `20m`. Default: not set. */
  readonly cpu?: string;
  /** For example `96Mi`. Default: not set. */
  readonly memory?: string;
  /** Disk space, for example `1Gi`. Default: not set. */
  readonly ephemeralStorage?: string;
}

/** Requests and limits of a container. */
export interface ContainerResources {
  /** Resources that the node must have available. */
  readonly requests?: ResourceAmounts;
  /** Resources that the container may use at most. */
  readonly limits?: ResourceAmounts;
}

/** The `resources` of a container. */
export function resourcesOf({ requests, limits }: ContainerResources): k8s.ResourceRequirements {
  return { requests: quantities(requests), limits: quantities(limits) };
}

/** The same as plain data, for a container that is rendered already. */
export function renderedResources(resources: ContainerResources) {
  return k8s.toJson_ResourceRequirements(resourcesOf(resources));
}

function quantities({ ephemeralStorage, ...amounts }: ResourceAmounts = {}) {
  const given = Object.entries({ ...amounts, 'ephemeral-storage': ephemeralStorage }).flatMap(([name, amount]) =>
    amount === undefined ? [] : [[name, k8s.Quantity.fromString(amount)] as const],
  );
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
